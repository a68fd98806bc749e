//! The right to change a scan directory, held by one process at a time.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::sync::atomic::{AtomicUsize, Ordering};

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

    /// At a link that leads nowhere, s6-svscan since 2.12 gives up the whole scan: nothing new starts, nothing is reaped.
    /// Under a name with a dot it is not looked at.
    pub(super) fn put_dangling_links_aside(&self) -> Result<()> {
        let scandir = self.scandir.path();
        for entry in scandir.read_dir_utf8().at("read", scandir)? {
            let entry = entry.at("read", scandir)?;
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !is_link || entry.file_name().starts_with('.') || entry.path().metadata().is_ok() {
                continue;
            }
            let aside = scandir.join(format!(".dangling-{}", entry.file_name()));
            std::fs::rename(entry.path(), &aside).at("move aside", entry.path())?;
            let path = entry.path();
            anstream::eprintln!("hermes-s6gen: scan {path}: a link that leads nowhere stops every scan; now {aside}");
        }
        Ok(())
    }

    /// What an interrupted run left behind: staged slots, and slots on their way out that may still be supervised.
    fn sweep(&self, deadline: Deadline) -> Result<()> {
        for entry in self.back_room.read_dir_utf8().at("read", &self.back_room)? {
            let path = entry.at("read", &self.back_room)?.into_path();
            if path.file_name() != Some(LOCK) {
                super::remove::dissolve(self, &path, deadline)?;
            }
        }
        Ok(())
    }
}

/// Finishes what interrupted runs left in `scandir`, if they left anything. Whoever may not see it has not left it.
///
/// # Errors
/// When it is there and stays.
pub fn sweep(scandir: &ScanDir, authority: &Authority, deadline: Deadline) -> Result<()> {
    let back_room = scandir.path().join(BACK_ROOM);
    let names = match back_room.read_dir_utf8() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => return Ok(()),
        entries => entries.at("read", &back_room)?.map(|entry| entry.map(|entry| entry.file_name().to_owned())),
    };
    if names.collect::<std::io::Result<Vec<_>>>().at("read", &back_room)?.iter().any(|name| name != LOCK) {
        scandir.writer(authority, deadline)?;
    }
    Ok(())
}

/// Renames without ever replacing: what is at `to` stays, and the answer is EEXIST.
pub(super) fn rename_new(from: &Utf8Path, to: &Utf8Path) -> rustix::io::Result<()> {
    renameat_with(CWD, from.as_str(), CWD, to.as_str(), RenameFlags::NOREPLACE)
}
