//! A gateway's process, which may outlive its supervisor.
//!
//! When s6-supervise is killed, its gateway lives on, and the next s6-supervise does not know of it. Therefore a gateway
//! holds a record lock on a file of its slot, from before it is one (`backoff`) to its end. The kernel keeps such a lock
//! over execve(2), gives it to no child, and tells who took it.
//!
//! Who took it may be gone, with another process in possession of the lock and yet another of the number: the run user can
//! bring that about. So nobody is ended who is not the run user's.

use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::fs::{FlockOperation, Mode, OFlags, fcntl_lock, open};
use rustix::io::Errno;
use rustix::process::{FlockType, Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::layout;
use crate::s6::{self, Down, S6, lock_holder};
use crate::user::Authority;

/// How long a killed process may take to be gone.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// There is one at most for each s6-supervise that was killed. Whoever may start gateways can also take the lock again
/// and again, and that must keep nobody from removing the slot.
const MOST: usize = 4;

/// A gateway that runs, held by a descriptor, so that no later process can be taken for it.
#[derive(Debug)]
pub struct Gateway {
    pid: Pid,
    pidfd: OwnedFd,
}

/// What it took to bring a gateway down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending {
    /// One had to be killed.
    pub killed: bool,
    /// One had outlived its supervisor.
    pub outlived: bool,
}

/// Makes this process, and whatever it becomes, known as a gateway of the service directory `slot`.
///
/// # Errors
/// When the lock cannot be had. That is no reason not to start.
pub fn claim(slot: &Utf8Path) -> Result<()> {
    let path = slot.join(layout::GATEWAY);
    let file = match open(path.as_str(), OFlags::RDONLY, Mode::empty()) {
        // A slot that was made by an earlier version.
        Err(Errno::NOENT) => return Ok(()),
        file => file.at("open", &path)?,
    };
    // Shared: the next one starts while this one still ends.
    fcntl_lock(&file, FlockOperation::NonBlockingLockShared).at("lock", &path)?;
    // It stays open in what this process becomes: with the descriptor the lock would go.
    std::mem::forget(file);
    Ok(())
}

/// Brings the gateway of `slot` down ([`s6::down`]), and then every one that its supervisor does not know of.
///
/// # Errors
/// When one stays up even so, or s6-svc fails.
pub fn down(
    s6: &S6,
    authority: &Authority,
    slot: &Utf8Path,
    how: Down,
    grace: Duration,
    deadline: Deadline,
) -> Result<Ending> {
    let killed = s6::down(s6, slot, how, grace, deadline)?;
    let ending = end_outlived(authority, slot, deadline.within(grace))?;
    Ok(Ending { killed: killed || ending.killed, ..ending })
}

/// Ends the gateways of `slot`, which has no supervisor or whose supervisor says that it is down: those that its lock names,
/// four at most. Who has not ended by `deadline` is killed.
///
/// # Errors
/// When one stays up even so.
pub fn end_outlived(authority: &Authority, slot: &Utf8Path, deadline: Deadline) -> Result<Ending> {
    let mut ending = Ending::default();
    for _ in 0..MOST {
        let Some(gateway) = Gateway::of(authority, slot)? else { break };
        anstream::eprintln!(
            "hermes-s6gen: stop {slot}: {} has outlived its s6-supervise; it ends as well",
            gateway.pid
        );
        ending.outlived = true;
        ending.killed |= gateway.end(authority, deadline).at("end a gateway of", slot)?;
    }
    Ok(ending)
}

impl Gateway {
    /// One of `slot` that runs, whether or not its supervisor knows of it.
    ///
    /// # Errors
    /// When that cannot be known.
    pub fn of(authority: &Authority, slot: &Utf8Path) -> Result<Option<Self>> {
        let path = slot.join(layout::GATEWAY);
        let holder = || lock_holder(&path, FlockType::WriteLock).at("read lock of", &path);
        let Some(pid) = holder()? else { return Ok(None) };
        let pidfd = match pidfd_open(pid, PidfdFlags::empty()) {
            // It has gone; or there are no such descriptors here (gVisor, old seccomp profiles), and nobody is ended.
            Err(Errno::SRCH | Errno::NOSYS | Errno::PERM) => return Ok(None),
            pidfd => pidfd.at("watch process", pid)?,
        };
        let is_ours = authority.owns(pid) && holder()? == Some(pid);
        Ok(is_ours.then_some(Self { pid, pidfd }))
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Ends it; says whether it had to be killed.
    fn end(&self, authority: &Authority, deadline: Deadline) -> Result<bool> {
        for (signal, deadline) in [(Signal::TERM, deadline), (Signal::KILL, Deadline::after(AFTER_KILL))] {
            // It may have become somebody else meanwhile.
            if !authority.owns(self.pid) {
                return Ok(false);
            }
            match pidfd_send_signal(&self.pidfd, signal) {
                Err(Errno::SRCH) => return Ok(false),
                sent => sent.at("signal process", self.pid)?,
            }
            let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
            if deadline.poll(&mut ended).at("wait for process", self.pid)? {
                return Ok(signal == Signal::KILL);
            }
        }
        Err(Fault::no(format!("process {}: is still there after SIGKILL", self.pid)).into())
    }
}
