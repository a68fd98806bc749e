//! Where slots are made and taken apart, out of s6-svscan's sight.

use std::fs::File;
use std::io::ErrorKind;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::scandir::ScanDir;
use crate::deadline::Deadline;
use crate::error::At;
use crate::user::Authority;

/// Our own directory in the scan directory; s6-svscan looks at no name that begins with a dot. It holds the lock and
/// whatever is being made or taken away, on the same file system as the slots, and nobody else may enter it.
pub(super) const BACK_ROOM: &str = ".hermes-s6gen";
pub(super) const LOCK: &str = "lock";

/// What lies in it beside the lock.
pub(super) fn staged(back_room: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut paths = Vec::new();
    for entry in back_room.read_dir_utf8().at("read", back_room)? {
        let path = entry.at("read", back_room)?.into_path();
        paths.extend(Some(path).filter(|path| path.file_name() != Some(LOCK)));
    }
    Ok(paths)
}

impl ScanDir {
    /// What interrupted runs left in the back room; the next writer sweeps it. None of it is a leftover while somebody
    /// writes.
    ///
    /// # Errors
    /// When this user may not look.
    pub fn leftovers(&self) -> Result<Vec<Utf8PathBuf>> {
        let back_room = self.path().join(BACK_ROOM);
        let lock = match File::open(back_room.join(LOCK)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened.at("open", back_room.join(LOCK))?,
        };
        if lock.try_lock_shared().is_err() {
            return Ok(Vec::new());
        }
        staged(&back_room)
    }
}

/// Finishes what interrupted runs left in `scandir`, if they left anything. Whoever may not see it has not left it.
///
/// # Errors
/// When it is there and stays.
pub fn sweep(scandir: &ScanDir, authority: &Authority, deadline: Deadline) -> Result<()> {
    let back_room = scandir.path().join(BACK_ROOM);
    match back_room.read_dir() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => return Ok(()),
        entries => drop(entries.at("read", &back_room)?),
    }
    // The next writer does it, whoever that is.
    if staged(&back_room)?.is_empty() { Ok(()) } else { scandir.writer(authority, deadline).map(drop) }
}
