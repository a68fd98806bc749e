//! Putting the assets where they belong.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

use anyhow::Result;
use camino::Utf8Path;

use crate::error::{At, Fault};
use crate::publish::replace_file;
use crate::tree::Tree;

/// Writes `wanted` below `root`, each file whole or not at all; what is the same already is left as it is.
///
/// # Errors
/// When something cannot be written. What was written by then stays; the next run goes on from there.
pub fn install(root: &Utf8Path, wanted: &Tree) -> Result<()> {
    directory(root)?;
    for (path, node) in wanted.iter() {
        for parent in path.ancestors().skip(1).collect::<Vec<_>>().into_iter().rev() {
            directory(&root.join(parent))?;
        }
        let target = root.join(path);
        match &node.content {
            None => {
                directory(&target)?;
                set_mode(&target, node.mode)?;
            }
            Some(bytes) => file(&target, bytes, node.mode)?,
        }
    }
    Ok(())
}

/// Makes a directory where there is none. A link would lead out of an image that is being built.
fn directory(path: &Utf8Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Fault::failed(format!("write {path}: is not a directory")).into()),
        Err(_) => DirBuilder::new().mode(0o755).create(path).at("make", path),
    }
}

fn file(path: &Utf8Path, bytes: &[u8], mode: u32) -> Result<()> {
    let same =
        path.symlink_metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o7777 == mode);
    if same && std::fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    replace_file(path, bytes, mode)
}

fn set_mode(path: &Utf8Path, mode: u32) -> Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).at("chmod", path)
}
