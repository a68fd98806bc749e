//! A gateway's process, which may outlive its supervisor.
//!
//! When s6-supervise is killed, its gateway lives on, and the next s6-supervise does not know of it. Therefore a gateway
//! holds a record lock on a file of its slot, from before it is one (`backoff`) to its end. The kernel keeps such a lock
//! over execve(2), gives it to no child, and tells who holds it.

use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;
use rustix::event::{PollFd, PollFlags};
use rustix::fs::{FlockOperation, Mode, OFlags, fcntl_lock, open};
use rustix::io::Errno;
use rustix::process::{FlockType, Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::layout;
use crate::s6::{self, Down, S6, lock_holder};

/// How long a killed process may take to be gone.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// There is one at most for each s6-supervise that was killed. Whoever may start gateways can also hold the lock again
/// and again, and that must keep nobody from removing the slot.
const MOST: usize = 4;

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

/// A gateway of `slot` that runs, whether or not its supervisor knows of it.
///
/// # Errors
/// When the lock cannot be asked for.
pub fn running(slot: &Utf8Path) -> Result<Option<Pid>> {
    let path = slot.join(layout::GATEWAY);
    lock_holder(&path, FlockType::WriteLock).at("read lock of", path)
}

/// Brings the gateway of `slot` down ([`s6::down`]), and then every one that its supervisor does not know of. Says whether
/// one had to be killed.
///
/// # Errors
/// When one stays up even so, or s6-svc fails.
pub fn down(s6: &S6, slot: &Utf8Path, how: Down, grace: Duration, deadline: Deadline) -> Result<bool> {
    let mut killed = s6::down(s6, slot, how, grace, deadline)?;
    for _ in 0..MOST {
        let Some(pid) = running(slot)? else { break };
        killed |= end(slot, pid, deadline.within(grace))?;
    }
    Ok(killed)
}

/// Ends `pid`, a gateway of `slot`; says whether it had to be killed.
fn end(slot: &Utf8Path, pid: Pid, deadline: Deadline) -> Result<bool> {
    let shown = format!("process {} of {slot}", pid.as_raw_nonzero());
    let pidfd = match pidfd_open(pid, PidfdFlags::empty()) {
        Err(Errno::SRCH) => return Ok(false),
        pidfd => pidfd.at("watch", &shown)?,
    };
    // Its id may be another's by now.
    if running(slot)? != Some(pid) {
        return Ok(false);
    }
    anstream::eprintln!("hermes-s6gen: stop {slot}: {pid} has outlived its s6-supervise; it ends as well");
    for (signal, deadline) in [(Signal::TERM, deadline), (Signal::KILL, Deadline::after(AFTER_KILL))] {
        match pidfd_send_signal(&pidfd, signal) {
            Err(Errno::SRCH) => return Ok(false),
            sent => sent.at("end", &shown)?,
        }
        if deadline.poll(&mut [PollFd::new(&pidfd, PollFlags::IN)]).at("wait for", &shown)? {
            return Ok(signal == Signal::KILL);
        }
    }
    Err(Fault::no(format!("end {shown}: is still there after SIGKILL")).into())
}
