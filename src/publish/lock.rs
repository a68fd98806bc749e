//! A lock that is waited for no longer than a deadline.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc;

use anyhow::Result;
use camino::Utf8Path;

use crate::deadline::Deadline;
use crate::error::{At, Fault};

/// Locks `path`, made mode 0600 where it is missing, until the file is dropped or this process ends.
///
/// # Errors
/// When it cannot be opened, and when its holder does not let go in time.
pub fn lock(path: &Utf8Path, deadline: Deadline) -> Result<File> {
    let mut options = OpenOptions::new();
    let file = options.create(true).read(true).write(true).truncate(false).mode(0o600).open(path).at("open", path)?;
    lock_file(file, path, deadline)
}

/// The same for an open `file`, which is at `path`.
///
/// # Errors
/// As [`lock`].
pub fn lock_file(file: File, path: &Utf8Path, deadline: Deadline) -> Result<File> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {}
        locked => return locked.map(|()| file).at("lock", path),
    }
    let (sender, receiver) = mpsc::channel();
    // flock(2) knows no deadline. A thread that gets the lock too late finds nobody to give it to, and lets go.
    std::thread::spawn(move || {
        let locked = file.lock().map(|()| file);
        let _ = sender.send(locked);
    });
    if let Ok(locked) = receiver.recv_timeout(deadline.left()) {
        return locked.at("lock", path);
    }
    let cause = format!("lock {path}: another hermes-s6gen has it and did not finish in time");
    Err(Fault::no(cause).advise(format!("fuser -v {path}")).into())
}
