//! An s6-supervise process.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{FlockType, PidfdFlags, pidfd_open};

use super::listener::listens;
use super::lock::lock_holder;
use crate::deadline::Deadline;
use crate::error::At;

/// Whether a living s6-supervise watches `service`. To be asked before any other question: s6-svstat and s6-svwait
/// believe the status that a dead one left behind.
///
/// # Errors
/// When this user may not know.
pub fn supervised(service: &Utf8Path) -> Result<bool> {
    let fifo = control(service);
    listens(&fifo).at("open", fifo)
}

/// Where the s6-supervise of `service` takes commands.
pub(super) fn control(service: &Utf8Path) -> Utf8PathBuf {
    service.join("supervise/control")
}

/// A living s6-supervise, held by a descriptor, so that no later process can be taken for it.
#[derive(Debug)]
pub struct Supervisor {
    pidfd: OwnedFd,
}

impl Supervisor {
    /// The one that watches `service`, if any.
    ///
    /// # Errors
    /// When its lock cannot be asked for.
    pub fn of(service: &Utf8Path) -> Result<Option<Self>> {
        let lock = service.join("supervise/lock");
        let Some(pid) = lock_holder(&lock, FlockType::ReadLock).at("read lock of", &lock)? else {
            return Ok(None);
        };
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(pidfd) => Ok(Some(Self { pidfd })),
            Err(Errno::SRCH) => Ok(None),
            Err(error) => Err(error).at("watch process", pid.as_raw_nonzero()),
        }
    }

    /// Waits for its end; says whether it came in time.
    ///
    /// # Errors
    /// When the kernel does not let this process wait.
    pub fn gone(&self, deadline: Deadline) -> Result<bool> {
        deadline.poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)]).at("wait for", "s6-supervise")
    }
}
