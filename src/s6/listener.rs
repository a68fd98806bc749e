//! Whether somebody reads a control FIFO.

use camino::Utf8Path;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::Errno;

/// Whether a daemon has `fifo` open for reading. This is the test that s6-svok makes (its page: "checks whether a
/// s6-supervise process is currently running"), as one system call instead of a process.
///
/// # Errors
/// When the FIFO may not be opened by this user, and for anything else that leaves the answer open.
pub fn listens(fifo: &Utf8Path) -> rustix::io::Result<bool> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match open(fifo.as_str(), flags, Mode::empty()) {
        Ok(_) => Ok(true),
        // No reader; no FIFO; no service directory.
        Err(Errno::NXIO | Errno::NOENT | Errno::NOTDIR) => Ok(false),
        Err(error) => Err(error),
    }
}
