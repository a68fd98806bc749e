//! The right to change a scan directory, held by one process at a time.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::process::Gid;

use super::back_room::{BACK_ROOM, LOCK, staged};
use crate::deadline::Deadline;
use crate::error::At;
use crate::publish::{ScanDir, lock};
use crate::s6::Scanner;
use crate::user::Authority;

/// While it lives, no other process changes the scan directory. That includes the rescans: since s6 2.12 an entry
/// that goes while s6-svscan reads the directory spoils the whole scan.
#[derive(Debug)]
pub struct Writer<'a> {
    pub(super) scandir: &'a ScanDir,
    pub(super) scanner: Scanner,
    pub(super) authority: Authority,
    back_room: Utf8PathBuf,
    /// Released by the kernel when this process ends, however it ends.
    _lock: File,
}

impl<'a> Writer<'a> {
    pub(super) fn new(scandir: &'a ScanDir, authority: Authority, deadline: Deadline) -> Result<Self> {
        let scanner = Scanner::of(scandir.path())?;
        let back_room = scandir.path().join(BACK_ROOM);
        match DirBuilder::new().mode(0o700).create(&back_room) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
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
        static USES: AtomicUsize = AtomicUsize::new(0);
        let count = USES.fetch_add(1, Ordering::Relaxed);
        self.back_room.join(format!("{what}-{}-{count}", std::process::id()))
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

/// Renames without ever replacing: what is at `to` stays, and the answer is EEXIST.
pub(super) fn rename_new(from: &Utf8Path, to: &Utf8Path) -> rustix::io::Result<()> {
    renameat_with(CWD, from.as_str(), CWD, to.as_str(), RenameFlags::NOREPLACE)
}
