//! The right to change a scan directory, held by one process at a time.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::process::Gid;

use crate::deadline::Deadline;
use crate::error::At;
use crate::publish::{ScanDir, lock};
use crate::s6::Scanner;
use crate::user::Authority;

/// Our own directory in the scan directory; s6-svscan looks at no name that begins with a dot. It holds the lock and
/// whatever is being made or taken away, on the same file system as the slots, and nobody else may enter it.
const BACK_ROOM: &str = ".hermes-s6gen";
const LOCK: &str = "lock";

/// While it lives, no other process changes the scan directory. That includes the rescans: since s6 2.12 an entry
/// that goes while s6-svscan reads the directory spoils the whole scan.
#[derive(Debug)]
pub struct Writer<'a> {
    pub(super) scandir: &'a ScanDir,
    pub(super) scanner: Scanner,
    authority: Authority,
    back_room: Utf8PathBuf,
    /// Released by the kernel when this process ends, however it ends.
    _lock: File,
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
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened.at("open", back_room.join(LOCK))?,
        };
        if lock.try_lock_shared().is_err() {
            return Ok(Vec::new());
        }
        staged(&back_room)
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(scandir: &'a ScanDir, authority: Authority, deadline: Deadline) -> Result<Self> {
        let scanner = Scanner::of(scandir.path())?;
        let back_room = scandir.path().join(BACK_ROOM);
        match DirBuilder::new().mode(0o700).create(&back_room) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => made.at("make", &back_room)?,
        }
        let lock = lock(&back_room.join(LOCK), deadline)?;
        let writer = Self { scandir, scanner, authority, back_room, _lock: lock };
        writer.sweep(deadline)?;
        writer.put_dangling_links_aside()?;
        Ok(writer)
    }

    /// The group to give control files to: none where a new file has the right one anyway.
    pub(super) fn group(&self) -> Option<Gid> {
        match &self.authority {
            Authority::Root(user) => Some(user.gid),
            Authority::Own(_) => None,
        }
    }

    /// A path in the back room for `what`, of no other process and no earlier use.
    pub(super) fn back_room(&self, what: &str) -> Utf8PathBuf {
        self.back_room.join(format!("{what}-{}", std::process::id()))
    }

    /// Hides what would stop every scan.
    pub(super) fn put_dangling_links_aside(&self) -> Result<()> {
        for path in self.scandir.dangling_links()? {
            let aside = path.with_file_name(format!(".dangling-{}", path.file_name().unwrap_or_default()));
            std::fs::rename(&path, &aside).at("move aside", &path)?;
            anstream::eprintln!("hermes-s6gen: scan {path}: a link that leads nowhere stops every scan; now {aside}");
        }
        Ok(())
    }

    /// What an interrupted run left behind: staged slots, and slots on their way out that may still be supervised.
    fn sweep(&self, deadline: Deadline) -> Result<()> {
        staged(&self.back_room)?.iter().try_for_each(|path| super::remove::dissolve(self, path, deadline))
    }
}

fn staged(back_room: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut paths = Vec::new();
    for entry in back_room.read_dir_utf8().at("read", back_room)? {
        let path = entry.at("read", back_room)?.into_path();
        paths.extend(Some(path).filter(|path| path.file_name() != Some(LOCK)));
    }
    Ok(paths)
}

/// Renames without ever replacing: what is at `to` stays, and the answer is EEXIST.
pub(super) fn rename_new(from: &Utf8Path, to: &Utf8Path) -> rustix::io::Result<()> {
    renameat_with(CWD, from.as_str(), CWD, to.as_str(), RenameFlags::NOREPLACE)
}
