//! Who holds the lock file of an s6 daemon.

use camino::Utf8Path;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;
use rustix::process::{Flock, FlockType, Pid, fcntl_getlk};

/// A process that holds a record lock on `path` which `wanted` would have to wait for, if any. s6-supervise and s6-svscan
/// hold theirs from start to end, so this names the daemon itself, which no other public file of theirs does.
///
/// # Errors
/// When the file is there and cannot be asked.
pub fn lock_holder(path: &Utf8Path, wanted: FlockType) -> rustix::io::Result<Option<Pid>> {
    let file = match open(path.as_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        file => file?,
    };
    let found = fcntl_getlk(&file, &Flock::from(wanted))?;
    // A lock that belongs to an open file and to no process has a negative number (at which rustix panics when built for
    // debugging).
    Ok(found.and_then(|lock| lock.pid).filter(|pid| pid.as_raw_nonzero().get() > 0))
}
