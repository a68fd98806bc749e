//! Writing a tree to where nobody looks yet.

use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};

use anyhow::Result;
use camino::Utf8Path;
use rustix::process::Gid;

use crate::error::At;
use crate::tree::{Group, Node, Tree};

/// The umask of this program, whatever its caller's was. What is made with no bit of it has its mode from the first
/// moment on; every other mode is set afterwards.
pub const UMASK: u32 = 0o022;

/// Writes `tree` into a new directory `root`, mode 0755. With `group`, what the tree gives to the run user's group
/// gets it.
///
/// # Errors
/// When something cannot be written; what was written stays for the caller to remove.
pub(super) fn write_tree(root: &Utf8Path, tree: &Tree, group: Option<Gid>) -> Result<()> {
    let directory = |path: &Utf8Path, mode| std::fs::DirBuilder::new().mode(mode).create(path).at("make", path);
    directory(root, 0o700)?;
    for (relative, node) in tree.iter() {
        let path = root.join(relative);
        match &node.content {
            None => directory(&path, node.mode)?,
            Some(bytes) => {
                let mut file = OpenOptions::new();
                let mut file = file.write(true).create_new(true).mode(node.mode).open(&path).at("make", &path)?;
                file.write_all(bytes).at("write", &path)?;
            }
        }
        give(&path, node, group)?;
        if node.mode & UMASK != 0 {
            set_mode(&path, node.mode)?;
        }
    }
    set_mode(root, 0o755)
}

/// Gives what is at `path` the group and mode of `node`.
pub(super) fn settle(path: &Utf8Path, node: &Node, group: Option<Gid>) -> Result<()> {
    give(path, node, group)?;
    set_mode(path, node.mode)
}

fn give(path: &Utf8Path, node: &Node, group: Option<Gid>) -> Result<()> {
    match (group, node.group) {
        (Some(group), Group::RunUser) => std::os::unix::fs::chown(path, None, Some(group.as_raw())).at("chown", path),
        _ => Ok(()),
    }
}

fn set_mode(path: &Utf8Path, mode: u32) -> Result<()> {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).at("chmod", path)
}

/// Makes the file at `path` hold `bytes`, with `mode`, in one step. What an interrupted run left beside it is taken over.
///
/// # Errors
/// When it cannot be written; the file is then as it was.
pub fn replace_file(path: &Utf8Path, bytes: &[u8], mode: u32) -> Result<()> {
    // Cut, as the names of variables are files' names and may be as long as a name can be.
    let staged = path.with_file_name(format!(".{:.200}.new", path.file_name().unwrap_or_default()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        std::fs::rename(&staged, path)
    })();
    if written.is_err() {
        // Of no use any more; what went wrong before is what has to be told.
        let _ = std::fs::remove_file(&staged);
    }
    written.at("write", path)
}
