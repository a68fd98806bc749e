//! One profile's directory on the volume, which the run user writes and this process must not trust.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::OwnedFd;
use rustix::fs::{
    Access, AtFlags, FileType, Mode, OFlags, Stat, accessat, fchmod, fstat, mkdirat, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;

use crate::error::{At, Fault};

/// No file of ours comes near this many bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// An open profile directory. Names are looked up in it and nowhere else, and no link is followed.
#[derive(Debug)]
pub struct Directory {
    fd: OwnedFd,
    path: Utf8PathBuf,
}

/// A file as it was found.
#[derive(Debug)]
pub struct Found {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

impl Directory {
    pub(super) fn new(fd: OwnedFd, path: Utf8PathBuf) -> Self {
        Self { fd, path }
    }

    /// Where it lies, for messages.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Reads the regular file `name`; none when there is none. Never waits: a FIFO is refused like anything else that
    /// is no regular file.
    ///
    /// # Errors
    /// When it cannot be read, is no regular file, or is larger than 1 MiB.
    pub fn read(&self, name: &str) -> Result<Option<Found>> {
        let path = self.path.join(name);
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match openat(&self.fd, name, flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(Fault::failed(format!("read {path}: is a symbolic link")).into()),
            fd => fd.at("open", &path)?,
        };
        let stat = fstat(&fd).at("stat", &path)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Fault::failed(format!("read {path}: is not a regular file")).into());
        }
        let mut bytes = Vec::new();
        File::from(fd).take(FILE_MAX + 1).read_to_end(&mut bytes).at("read", &path)?;
        if bytes.len() as u64 > FILE_MAX {
            return Err(Fault::failed(format!("read {path}: is larger than {FILE_MAX} bytes")).into());
        }
        Ok(Some(Found { bytes, mode: stat.st_mode & 0o7777 }))
    }

    /// Whether anything is called `name`.
    ///
    /// # Errors
    /// When this cannot be known.
    pub fn has(&self, name: &str) -> Result<bool> {
        match statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error).at("stat", self.path.join(name)),
        }
    }

    /// Whether this user has `access` to `name`, `.` being the directory itself; what is not there is no obstacle. Of a
    /// link nothing is said.
    ///
    /// # Errors
    /// When this cannot be known.
    pub fn allows(&self, name: &str, access: Access) -> Result<bool> {
        let is_link = |stat: Stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        if statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(is_link) {
            return Ok(true);
        }
        match accessat(&self.fd, name, access, AtFlags::EACCESS) {
            Ok(()) | Err(Errno::NOENT) => Ok(true),
            Err(Errno::ACCESS | Errno::ROFS) => Ok(false),
            Err(error) => Err(error).at("ask for", self.path.join(name)),
        }
    }

    /// Opens the directory `name`, made mode 0755 (less the umask) where it is missing.
    ///
    /// # Errors
    /// When it cannot be made, is a link or no directory, or may not be entered.
    pub fn make_directory(&self, name: &str) -> Result<(OwnedFd, Utf8PathBuf)> {
        let path = self.path.join(name);
        match mkdirat(&self.fd, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error).at("make", path),
        }
        let gone = || Fault::failed(format!("open {path}: has gone again")).into();
        self.descend(&[name])?.ok_or_else(gone)
    }

    /// Opens the directory at the end of `parts`, each below the one before; none when one is missing.
    ///
    /// # Errors
    /// When one is a link or no directory, or may not be entered.
    pub fn descend(&self, parts: &[&str]) -> Result<Option<(OwnedFd, Utf8PathBuf)>> {
        let mut path = self.path.clone();
        let mut found = None;
        for part in parts {
            path.push(part);
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            found = match openat(found.as_ref().unwrap_or(&self.fd), *part, flags, Mode::empty()) {
                Err(Errno::NOENT) => return Ok(None),
                opened => Some(opened.at("open", &path)?),
            };
        }
        Ok(found.map(|found| (found, path)))
    }

    /// Replaces `name` as a whole, through a file that no other writer has; a full disk leaves the old one.
    ///
    /// # Errors
    /// When it cannot be written; `name` is then as it was.
    pub fn replace(&self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let path = self.path.join(name);
        let (mut file, temporary) = self.temporary(name).at("write", &path)?;
        let written = (|| {
            file.set_len(0)?;
            file.write_all(bytes)?;
            fchmod(&file, Mode::from_raw_mode(mode))?;
            // The volume outlives the machine's crash, and an empty state file would be a lost intent.
            file.sync_all()?;
            renameat(&self.fd, &temporary, &self.fd, name)?;
            std::io::Result::Ok(())
        })();
        if written.is_err() {
            // The temporary is of no use; what went wrong before is what has to be told.
            let _ = unlinkat(&self.fd, &temporary, AtFlags::empty());
        }
        written.at("write", path)
    }

    /// A file for what is to become `name`. What an interrupted writer left is taken over, so there is never more than
    /// one of them; a writer who is still at it keeps its own.
    fn temporary(&self, name: &str) -> rustix::io::Result<(File, String)> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = |temporary: &str, flags| openat(&self.fd, temporary, flags, Mode::from_raw_mode(0o600));
        let usual = temporary_of(name);
        if let Ok(file) = open(&usual, flags).map(File::from) {
            match file.try_lock().and_then(|()| self.is_at(&usual, &file)) {
                Ok(true) => return Ok((file, usual)),
                Ok(false) | Err(TryLockError::WouldBlock) => {}
                // Where locks do not work, nobody uses that name.
                Err(TryLockError::Error(_)) => drop(unlinkat(&self.fd, &usual, AtFlags::empty())),
            }
        }
        let own = format!("{usual}.{}.{:?}", std::process::id(), std::thread::current().id());
        Ok((open(&own, flags | OFlags::EXCL)?.into(), own))
    }

    /// Whether `file` is a regular one and still called `name`.
    fn is_at(&self, name: &str, file: &File) -> Result<bool, TryLockError> {
        let look = || {
            let now = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let is_regular = FileType::from_raw_mode(now.st_mode) == FileType::RegularFile;
            Ok::<_, Errno>(is_regular && fstat(file)?.st_ino == now.st_ino)
        };
        match look() {
            Err(Errno::NOENT) => Ok(false),
            looked => looked.map_err(|error| TryLockError::Error(error.into())),
        }
    }

    /// Renames `from` to `to`; that it is not there is no error.
    ///
    /// # Errors
    /// When it is there and keeps its name.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        match renameat(&self.fd, from, &self.fd, to) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error).at("rename", self.path.join(from)),
        }
    }

    /// Removes `name`; that it is not there is no error.
    ///
    /// # Errors
    /// When it is there and stays.
    pub fn remove(&self, name: &str) -> Result<()> {
        match unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error).at("remove", self.path.join(name)),
        }
    }

    /// Removes `name`, and what an interrupted [`Directory::replace`] left of it.
    ///
    /// # Errors
    /// As [`Directory::remove`].
    pub fn remove_with_temporary(&self, name: &str) -> Result<()> {
        self.remove(name).and(self.remove(&temporary_of(name)))
    }
}

fn temporary_of(name: &str) -> String {
    format!(".{name}.new")
}
