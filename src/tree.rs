//! A directory tree as a value: relative path to mode and bytes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Gid;
use walkdir::WalkDir;

use crate::error::{At, Fault};

/// Files and directories by path relative to the tree's root, in path order: a directory comes before what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<Utf8PathBuf, Node>);

/// One file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Permission bits; they hold whatever the umask.
    pub mode: u32,
    /// Whose group it has.
    pub group: Group,
    /// The bytes of a file; none for a directory.
    pub content: Option<Vec<u8>>,
}

/// Whose group a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The owner's own.
    Owner,
    /// The run user's, so that the gateway may read what the world may not.
    RunUser,
}

impl Group {
    /// The group to set, where `run_group` is the run user's and not the owner's own.
    #[must_use]
    pub fn of(self, run_group: Option<Gid>) -> Option<Gid> {
        run_group.filter(|_| self == Self::RunUser)
    }
}

impl Tree {
    /// Adds a directory.
    pub fn directory(&mut self, path: impl Into<Utf8PathBuf>, mode: u32, group: Group) {
        self.0.insert(path.into(), Node { mode, group, content: None });
    }

    /// Adds a file.
    pub fn file(&mut self, path: impl Into<Utf8PathBuf>, mode: u32, group: Group, bytes: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), Node { mode, group, content: Some(bytes.into()) });
    }

    /// The node at `path`.
    #[must_use]
    pub fn get(&self, path: &Utf8Path) -> Option<&Node> {
        self.0.get(path)
    }

    /// Everything, in path order.
    pub fn iter(&self) -> impl Iterator<Item = (&Utf8Path, &Node)> {
        self.0.iter().map(|(path, node)| (path.as_path(), node))
    }

    /// The files, in path order.
    pub fn files(&self) -> impl Iterator<Item = (&Utf8Path, u32, &[u8])> {
        self.iter().filter_map(|(path, node)| Some((path, node.mode, node.content.as_deref()?)))
    }

    /// Keeps only what lies at paths that `keep` wants.
    pub fn retain(&mut self, keep: impl Fn(&Utf8Path) -> bool) {
        self.0.retain(|path, _| keep(path));
    }

    /// Puts `other` under `path`.
    pub fn graft(&mut self, path: &Utf8Path, other: Self) {
        self.0.insert(path.to_owned(), Node { mode: 0o755, group: Group::Owner, content: None });
        self.0.extend(other.0.into_iter().map(|(below, node)| (path.join(below), node)));
    }

    /// Reads what lies under `root`, but for the relative paths that `skip` names and what is below them. Nothing is
    /// followed, and only files and directories are expected.
    ///
    /// # Errors
    /// When something cannot be read, is neither file nor directory, or has a name that is not UTF-8.
    pub fn read(root: &Utf8Path, skip: impl Fn(&Utf8Path) -> bool) -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let mut tree = Self::default();
        let skipped = |path: &Path| {
            let relative = Utf8Path::from_path(path).and_then(|path| path.strip_prefix(root).ok());
            relative.is_some_and(&skip)
        };
        for entry in WalkDir::new(root).min_depth(1).into_iter().filter_entry(|entry| !skipped(entry.path())) {
            let entry = entry.at("read", root)?;
            let path = Utf8Path::from_path(entry.path())
                .ok_or_else(|| Fault::failed(format!("read {}: its name is not UTF-8", entry.path().display())))?;
            let relative = path.strip_prefix(root).at("read", path)?;
            let mode = entry.metadata().at("stat", path)?.permissions().mode() & 0o7777;
            if entry.file_type().is_dir() {
                tree.directory(relative, mode, Group::Owner);
            } else if entry.file_type().is_file() {
                tree.file(relative, mode, Group::Owner, std::fs::read(path).at("read", path)?);
            } else {
                return Err(Fault::failed(format!("read {path}: is neither a file nor a directory")).into());
            }
        }
        Ok(tree)
    }
}
