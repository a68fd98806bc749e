//! A rendering on disk, for review: any directory, no s6-svscan near.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::replace::replace_file;
use super::stage::Stage;
use super::writer::rename_new;
use crate::error::{At, Fault};
use crate::manifest::Manifest;
use crate::profile::ProfileName;
use crate::tree::{Node, Tree};

/// Puts `rendering` at `out` in one rename. An earlier rendering there is replaced as a whole; anything else stays.
///
/// # Errors
/// When `out` holds something that is no rendering, and when it cannot be written; `out` is then as it was.
pub fn replace_rendering(out: &Utf8Path, rendering: &Tree) -> Result<()> {
    let replaces = holds_rendering(out)?;
    let staged = beside(out)?;
    let written = Stage::filled(&staged, rendering, None).and_then(|()| {
        if replaces {
            renameat_with(CWD, staged.as_str(), CWD, out.as_str(), RenameFlags::EXCHANGE).at("replace", out)
        } else {
            rename_new(&staged, out).at("make", out)
        }
    });
    // Now either what could not be put there, or what was there before.
    match std::fs::remove_dir_all(&staged) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => written.and(Err(error).at("remove", staged)),
        _ => written,
    }
}

/// Makes the file at `path` of the rendering in `dir` what `wanted` is; without, removes it.
///
/// # Errors
/// When it cannot be written; the file is then as it was.
pub fn accept(dir: &Utf8Path, path: &Utf8Path, wanted: Option<&Node>) -> Result<()> {
    let target = dir.join(path);
    let Some((node, bytes)) = wanted.and_then(|node| Some((node, node.content.as_deref()?))) else {
        return std::fs::remove_file(&target).at("remove", target);
    };
    let parent = target.parent().unwrap_or(dir);
    std::fs::create_dir_all(parent).at("make", parent)?;
    replace_file(&target, bytes, node.mode)
}

fn beside(out: &Utf8Path) -> Result<Utf8PathBuf> {
    let name = out.file_name().ok_or_else(|| Fault::failed(format!("write {out}: has no name of its own")))?;
    Ok(out.with_file_name(format!(".{:.200}.{}", name, std::process::id())))
}

/// Whether something is at `out`; fails unless it is an earlier rendering.
fn holds_rendering(out: &Utf8Path) -> Result<bool> {
    let entries = match out.read_dir_utf8() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        entries => entries.at("read", out)?,
    };
    for entry in entries {
        let entry = entry.at("read", out)?;
        let is_slot = ProfileName::of_slot(entry.file_name().as_ref()).is_some();
        if !is_slot || !entry.path().join(Manifest::FILE).is_file() {
            let cause = format!("replace {out}: {} is not of an earlier rendering", entry.file_name());
            return Err(Fault::failed(cause).advise("name a new directory").into());
        }
    }
    Ok(true)
}
