//! A new directory and what is put into it, where nobody looks yet.

use std::fs::File;
use std::io::Write;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RawMode, chmodat, chownat, fchmod, fchown, mkdir, mkdirat, mknodat, open, openat,
};
use rustix::process::Gid;

use crate::error::At;
use crate::tree::{Group, Tree};

/// A directory that is being filled. What is in it is named relative to it, and private until it has its mode: that is set
/// one by one, so neither umask nor the directory above matters.
pub(super) struct Stage {
    fd: OwnedFd,
    path: Utf8PathBuf,
    run_group: Option<Gid>,
}

impl Stage {
    /// Makes the directory `path`. What the run user's group is to have becomes `run_group`'s, where that is given.
    ///
    /// # Errors
    /// When it cannot be made, or is there.
    pub(super) fn new(path: &Utf8Path, run_group: Option<Gid>) -> Result<Self> {
        mkdir(path.as_str(), Mode::RWXU).at("make", path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = open(path.as_str(), flags, Mode::empty()).at("open", path)?;
        Ok(Self { fd, path: path.to_owned(), run_group })
    }

    /// Makes the directory `path` with what is in `tree`, and lets everybody in.
    ///
    /// # Errors
    /// As the three steps that it consists of.
    pub(super) fn filled(path: &Utf8Path, tree: &Tree, run_group: Option<Gid>) -> Result<()> {
        let stage = Self::new(path, run_group)?;
        stage.add(tree)?;
        stage.finish()
    }

    /// Adds all of `tree`.
    ///
    /// # Errors
    /// When something cannot be written; what was written stays for the caller to remove.
    pub(super) fn add(&self, tree: &Tree) -> Result<()> {
        tree.iter().try_for_each(|(name, node)| match &node.content {
            Some(bytes) => self.file(name, node.mode, node.group, bytes),
            None => self.directory(name, node.mode, node.group),
        })
    }

    /// Adds a directory.
    ///
    /// # Errors
    /// When it cannot be made, or not be given its group or mode.
    pub(super) fn directory(&self, name: &Utf8Path, mode: RawMode, group: Group) -> Result<()> {
        mkdirat(&self.fd, name.as_str(), Mode::RWXU).at("make", self.path.join(name))?;
        self.settle(name, mode, group)
    }

    /// Adds a FIFO.
    ///
    /// # Errors
    /// When it cannot be made, or not be given its group or mode.
    pub(super) fn fifo(&self, name: &Utf8Path, mode: RawMode, group: Group) -> Result<()> {
        mknodat(&self.fd, name.as_str(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .at("make", self.path.join(name))?;
        self.settle(name, mode, group)
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When it cannot be written, or not be given its group or mode.
    pub(super) fn file(&self, name: &Utf8Path, mode: RawMode, group: Group, bytes: &[u8]) -> Result<()> {
        let shown = self.path.join(name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let fd = openat(&self.fd, name.as_str(), flags, Mode::RUSR | Mode::WUSR).at("make", &shown)?;
        let mut file = File::from(fd);
        file.write_all(bytes).at("write", &shown)?;
        let group = group.of(self.run_group);
        if group.is_some() {
            fchown(&file, None, group).at("chown", &shown)?;
        }
        fchmod(&file, Mode::from_raw_mode(mode)).at("chmod", &shown)
    }

    /// Lets everybody in.
    ///
    /// # Errors
    /// When its mode cannot be set.
    pub(super) fn finish(&self) -> Result<()> {
        fchmod(&self.fd, Mode::from_raw_mode(0o755)).at("chmod", &self.path)
    }

    fn settle(&self, name: &Utf8Path, mode: RawMode, group: Group) -> Result<()> {
        settle(&self.fd, name, &self.path.join(name), mode, group.of(self.run_group))
    }
}

/// Gives `name` in `directory`, which messages call `shown`, its mode and, where one is given, its group. Group first: a chown
/// takes the set-group-id bit away.
///
/// # Errors
/// When it does not get them.
pub(super) fn settle(
    directory: impl AsFd,
    name: &Utf8Path,
    shown: &Utf8Path,
    mode: RawMode,
    group: Option<Gid>,
) -> Result<()> {
    if group.is_some() {
        chownat(&directory, name.as_str(), None, group, AtFlags::empty()).at("chown", shown)?;
    }
    chmodat(&directory, name.as_str(), Mode::from_raw_mode(mode), AtFlags::empty()).at("chmod", shown)
}
