//! One file or directory on the volume, held by descriptor.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use anyhow::Result;
use camino::{Utf8Component, Utf8Path};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, Stat, fstat, mkdirat, openat};
use rustix::io::Errno;

use crate::error::{At, Fault};

/// Names a file without opening it: nothing waits, nothing is triggered, and a link is the link itself.
const NAME_ONLY: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A file or directory that stays what it is, whatever its name is given to meanwhile.
#[derive(Debug)]
pub struct Place {
    pub(super) fd: OwnedFd,
    pub(super) found: Stat,
    /// What it is called, for messages.
    pub(super) shown: String,
}

/// What a place has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file that has no second name: with one it could be somebody else's.
    File,
}

impl Place {
    /// The directory at `path`; made where it is missing. No component may be a link.
    ///
    /// # Errors
    /// When one is, or cannot be reached or made.
    pub fn at(path: &Utf8Path) -> Result<Self> {
        let fd = openat(CWD, "/", NAME_ONLY, Mode::empty()).at("open", "/")?;
        let mut place = Self { found: fstat(&fd).at("stat", "/")?, fd, shown: String::new() };
        for component in path.components().filter(|component| *component != Utf8Component::RootDir) {
            place.make(component.as_str())?;
            let below = place.below(component.as_str().as_ref(), Kind::Directory)?;
            place = below.ok_or_else(|| Fault::failed(format!("open {path}: went away")))?;
        }
        Ok(place)
    }

    /// What lies in it as `name`; none when nothing does.
    ///
    /// # Errors
    /// When it is not of `kind`.
    pub fn below(&self, name: &OsStr, kind: Kind) -> Result<Option<Self>> {
        let shown = format!("{}/{}", self.shown, name.as_bytes().escape_ascii());
        let fd = match openat(&self.fd, name, NAME_ONLY, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            fd => fd.at("open", &shown)?,
        };
        let found = fstat(&fd).at("stat", &shown)?;
        let place = Self { fd, found, shown };
        place.expect(kind)?;
        Ok(Some(place))
    }

    /// Makes the directory `name` in it, where nothing is called so.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&self, name: &str) -> Result<()> {
        match mkdirat(&self.fd, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(error).at("make", format!("{}/{name}", self.shown)),
        }
    }

    /// The names in it, without those that begin with a dot.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn names(&self) -> Result<Vec<OsString>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(&self.fd, ".", flags, Mode::empty()).at("open", &self.shown)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(directory).at("read", &self.shown)? {
            let entry = entry.at("read", &self.shown)?;
            let name = entry.file_name().to_bytes();
            if !name.starts_with(b".") {
                names.push(OsStr::from_bytes(name).to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn expect(&self, kind: Kind) -> Result<(), Fault> {
        let fault = |cause: &str| Err(Fault::failed(format!("use {}: {cause}", self.shown)));
        match (FileType::from_raw_mode(self.found.st_mode), kind) {
            (FileType::Directory, Kind::Directory) => Ok(()),
            (FileType::RegularFile, Kind::File) if self.found.st_nlink == 1 => Ok(()),
            (FileType::RegularFile, Kind::File) => fault("has a second name, so it may be somebody else's"),
            (FileType::Symlink, _) => {
                fault("is a symbolic link").map_err(|fault| fault.advise("put what it points to in its place"))
            }
            (_, Kind::Directory) => fault("is not a directory"),
            (_, Kind::File) => fault("is not a regular file"),
        }
    }
}
