//! Writing a tree to where nobody looks yet.

use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};

use anyhow::Result;
use camino::Utf8Path;
use rustix::process::Gid;

use crate::error::At;
use crate::tree::{Group, Node, Tree};

/// Writes `tree` into a new directory `root`, mode 0755. With `group`, what the tree gives to the run user's group
/// gets it. Modes are set one by one, so neither umask nor the directory above matters.
///
/// # Errors
/// When something cannot be written; what was written stays for the caller to remove.
pub(super) fn write_tree(root: &Utf8Path, tree: &Tree, group: Option<Gid>) -> Result<()> {
    let private = |path: &Utf8Path| std::fs::DirBuilder::new().mode(0o700).create(path).at("make", path);
    private(root)?;
    for (relative, node) in tree.iter() {
        let path = root.join(relative);
        let Some(bytes) = &node.content else {
            private(&path)?;
            settle(&path, node, group)?;
            continue;
        };
        let mut file = OpenOptions::new();
        let mut file = file.write(true).create_new(true).mode(0o600).open(&path).at("make", &path)?;
        file.write_all(bytes).at("write", &path)?;
        if let (Some(group), Group::RunUser) = (group, node.group) {
            std::os::unix::fs::fchown(&file, None, Some(group.as_raw())).at("chown", &path)?;
        }
        file.set_permissions(Permissions::from_mode(node.mode)).at("chmod", &path)?;
    }
    std::fs::set_permissions(root, Permissions::from_mode(0o755)).at("chmod", root)
}

/// Gives what is at `path` the group and mode of `node`.
pub(super) fn settle(path: &Utf8Path, node: &Node, group: Option<Gid>) -> Result<()> {
    if let (Some(group), Group::RunUser) = (group, node.group) {
        std::os::unix::fs::chown(path, None, Some(group.as_raw())).at("chown", path)?;
    }
    std::fs::set_permissions(path, Permissions::from_mode(node.mode)).at("chmod", path)
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
