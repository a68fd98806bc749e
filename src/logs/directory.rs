//! One gateway's log directory. The run user owns it, so nothing in it is trusted to be what it is called.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::OwnedFd;
use rustix::fs::{Dir, Mode, OFlags, openat};
use rustix::io::Errno;

use crate::error::{At, Fault};
use crate::profile::{Home, ProfileName};

/// The file that s6-log writes to.
const CURRENT: &str = "current";
/// What that is called for a moment, before it is an archive.
const PREVIOUS: &str = "previous";

/// A log directory (s6-log's page, "logdir").
#[derive(Debug)]
pub struct LogDirectory {
    fd: OwnedFd,
    home: Home,
    path: Utf8PathBuf,
}

/// A log file, open; the descriptor keeps its inode from being given to another.
#[derive(Debug)]
pub struct LogFile {
    /// What it holds.
    pub file: File,
    /// What it is known by, whatever it is called by now.
    pub inode: u64,
}

impl LogDirectory {
    /// The log directory of `profile`.
    ///
    /// # Errors
    /// Exit code 4 when there is no such profile, or it has no log yet.
    pub fn open(home: &Home, profile: &ProfileName) -> Result<Self> {
        home.require(profile)?;
        let no_log = || Fault::no_such(format!("gateway {profile}: has no log yet"));
        let (fd, path) = home.in_profile(&ProfileName::default_profile(), |root| {
            root.descend(&["logs", "gateways", profile.as_str()])?.ok_or_else(|| no_log().into())
        })?;
        Ok(Self { fd, home: home.clone(), path })
    }

    /// The rotated files, oldest first, then the current one.
    ///
    /// # Errors
    /// When one cannot be read, or is no regular file.
    pub fn files(&self) -> Result<Vec<LogFile>> {
        self.home.on_behalf(|| {
            loop {
                // s6-log rotates from current over previous to an archive. Read the other way round, a file that moves
                // meanwhile is met twice rather than not at all.
                let current = self.open_file(CURRENT)?;
                let previous = self.open_file(PREVIOUS)?;
                let mut files = self.rotated()?;
                let known = |files: &[LogFile], inode| files.iter().any(|file| file.inode == inode);
                files.extend(previous.into_iter().filter(|file| !known(&files, file.inode)).collect::<Vec<_>>());
                let Some(current) = current else { return Ok(files) };
                if !known(&files, current.inode) {
                    files.push(current);
                    return Ok(files);
                }
            }
        })
    }

    /// A path that names this very directory, however it may be renamed.
    #[must_use]
    pub fn own_path(&self) -> Utf8PathBuf {
        Utf8Path::new("/proc/self/fd").join(self.fd.as_raw_fd().to_string())
    }

    fn rotated(&self) -> Result<Vec<LogFile>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.fd).at("read", &self.path)? {
            let entry = entry.at("read", &self.path)?;
            let name = entry.file_name().to_bytes();
            // TAI64N labels sort as time does.
            if name.starts_with(b"@") && (name.ends_with(b".s") || name.ends_with(b".u")) {
                names.push(std::ffi::OsStr::from_bytes(name).to_owned());
            }
        }
        names.sort();
        // One that is not there any more was the oldest, and too many.
        names.iter().filter_map(|name| self.open_file(name).transpose()).collect()
    }

    fn open_file(&self, name: impl AsRef<std::ffi::OsStr>) -> Result<Option<LogFile>> {
        let name = name.as_ref();
        let shown = || format!("{}/{}", self.path, name.as_bytes().escape_ascii());
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(None),
            file => File::from(file.at("open", shown())?),
        };
        let found = file.metadata().at("stat", shown())?;
        if !found.is_file() {
            return Err(Fault::failed(format!("read {}: is not a regular file", shown())).into());
        }
        Ok(Some(LogFile { file, inode: found.ino() }))
    }
}
