//! What lies in a directory that nobody vouches for.
//!
//! Names are looked up in open directories, no link is followed, nothing is opened that could block, and there is a
//! limit to everything. Values of `env/` are secrets, and no finding tells any of them.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::File;
use std::io::Read;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;

use crate::error::{At, Fault};
use crate::tree::Tree;

/// No file that s6 or a shell reads here comes near this many bytes.
const FILE_MAX: u64 = 1024 * 1024;
/// No service directory has as many entries.
const ENTRIES_MAX: usize = 10_000;
/// Nor holds as many bytes.
const TOTAL_MAX: u64 = 64 * 1024 * 1024;
/// Nor is it as deep.
const DEPTH_MAX: usize = 8;

/// A directory's content by path relative to it; the directory itself has the empty path.
#[derive(Debug, Default)]
pub(super) struct Snapshot(BTreeMap<Utf8PathBuf, Node>);

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    /// Owner and group; those of whoever renders where the tree is not on a disk.
    pub(super) owner: Option<(u32, u32)>,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    File(Content),
    Directory,
    Link {
        dangling: bool,
    },
    /// A FIFO, socket or device.
    Special,
}

/// A regular file.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) size: u64,
    /// The first bytes; none of a value that this user may not read.
    pub(super) bytes: Vec<u8>,
}

impl Content {
    pub(super) fn is_whole(&self) -> bool {
        self.size == self.bytes.len() as u64
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.size > FILE_MAX
    }

    /// Whether it is a program and not a script.
    pub(super) fn is_program(&self) -> bool {
        self.bytes.starts_with(b"\x7fELF")
    }
}

impl Snapshot {
    /// What `tree` would be on a disk.
    pub(super) fn of_tree(tree: &Tree) -> Self {
        let mut nodes =
            BTreeMap::from([(Utf8PathBuf::new(), Node { kind: Kind::Directory, mode: 0o755, owner: None })]);
        for (path, node) in tree.iter() {
            let file = |bytes: &Vec<u8>| Kind::File(Content { size: bytes.len() as u64, bytes: bytes.clone() });
            let kind = node.content.as_ref().map_or(Kind::Directory, file);
            nodes.insert(path.to_owned(), Node { kind, mode: node.mode, owner: None });
        }
        Self(nodes)
    }

    /// Reads the open directory `fd`, which is at `shown`. With `deep` also what lies below what it holds, except in
    /// s6's own directories.
    pub(super) fn read(fd: &OwnedFd, shown: &Utf8Path, deep: bool) -> Result<Self> {
        let mut snapshot = Self(BTreeMap::new());
        let stat = fstat(fd).at("stat", shown)?;
        snapshot.0.insert(Utf8PathBuf::new(), Node::new(Kind::Directory, &stat));
        let depth = if deep { DEPTH_MAX } else { 1 };
        snapshot.read_below(fd, shown, Utf8Path::new(""), depth, &mut { TOTAL_MAX })?;
        Ok(snapshot)
    }

    fn read_below(
        &mut self,
        fd: &OwnedFd,
        shown: &Utf8Path,
        below: &Utf8Path,
        depth: usize,
        left: &mut u64,
    ) -> Result<()> {
        for entry in Dir::read_from(fd).at("read", shown)? {
            let entry = entry.at("read", shown)?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            if self.0.len() >= ENTRIES_MAX {
                return Err(Fault::failed(format!("read {shown}: has more than {ENTRIES_MAX} entries")).into());
            }
            // What is not UTF-8 cannot be one of s6's own names.
            let text = name.to_string_lossy();
            let (path, shown) = (below.join(&*text), shown.join(&*text));
            let stat = statat(fd, name, AtFlags::SYMLINK_NOFOLLOW).at("stat", &shown)?;
            let kind = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Kind::File(content(fd, name, &stat, &shown, &path)?),
                FileType::Directory => Kind::Directory,
                FileType::Symlink => Kind::Link { dangling: statat(fd, name, AtFlags::empty()).is_err() },
                _ => Kind::Special,
            };
            let descend = depth > 1 && matches!(kind, Kind::Directory) && !is_of_s6(&path);
            if let Kind::File(file) = &kind {
                *left = left.checked_sub(file.bytes.len() as u64).ok_or_else(|| {
                    Fault::failed(format!("read {shown}: there are more than {TOTAL_MAX} bytes beside it"))
                })?;
            }
            self.0.insert(path.clone(), Node::new(kind, &stat));
            if descend {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let inner = openat(fd, name, flags, Mode::empty()).at("open", &shown)?;
                self.read_below(&inner, &shown, &path, depth - 1, left)?;
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, path: impl AsRef<Utf8Path>) -> Option<&Node> {
        self.0.get(path.as_ref())
    }

    pub(super) fn has(&self, path: impl AsRef<Utf8Path>) -> bool {
        self.get(path).is_some()
    }

    /// The bytes of the regular file at `path`.
    pub(super) fn file(&self, path: impl AsRef<Utf8Path>) -> Option<&Content> {
        match &self.get(path)?.kind {
            Kind::File(content) => Some(content),
            _ => None,
        }
    }

    pub(super) fn is_directory(&self, path: impl AsRef<Utf8Path>) -> bool {
        self.get(path).is_some_and(|node| matches!(node.kind, Kind::Directory))
    }

    /// Everything but the directory itself, in path order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Utf8Path, &Node)> {
        self.0.iter().map(|(path, node)| (path.as_path(), node)).filter(|(path, _)| !path.as_str().is_empty())
    }

    /// What lies directly in the directory at `path`: name and entry.
    pub(super) fn within<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let inside = move |entry: &Utf8Path| entry.parent() == Some(Utf8Path::new(path));
        self.iter().filter(move |(entry, _)| inside(entry)).filter_map(|(entry, node)| Some((entry.file_name()?, node)))
    }
}

impl Node {
    fn new(kind: Kind, stat: &Stat) -> Self {
        Self { kind, mode: stat.st_mode & 0o7777, owner: Some((stat.st_uid, stat.st_gid)) }
    }
}

/// s6-supervise keeps its own things there, and lets few people in.
fn is_of_s6(path: &Utf8Path) -> bool {
    matches!(path.file_name(), Some("supervise" | "event"))
}

fn content(fd: impl AsFd, name: &CStr, stat: &Stat, shown: &Utf8Path, path: &Utf8Path) -> Result<Content> {
    let size = u64::try_from(stat.st_size).unwrap_or_default();
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let is_value = path.parent().and_then(Utf8Path::file_name) == Some("env");
    let file = match openat(fd, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) if is_value => return Ok(Content { size, bytes: Vec::new() }),
        file => file.at("open", shown)?,
    };
    // Something else may have taken its place since the look at it.
    if FileType::from_raw_mode(fstat(&file).at("stat", shown)?.st_mode) != FileType::RegularFile {
        return Err(Fault::failed(format!("read {shown}: is not a regular file any more")).into());
    }
    let mut bytes = Vec::new();
    File::from(file).take(FILE_MAX).read_to_end(&mut bytes).at("read", shown)?;
    Ok(Content { size, bytes })
}
