//! Files of a live slot change one by one: its supervisor knows the directory itself, and another in its place would
//! start a second gateway.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::stage::{Stage, settle};
use super::writer::{Writer, rename_new};
use crate::error::At;
use crate::plan::Changes;
use crate::profile::ProfileName;

/// One rename that was done, to be undone.
enum Done {
    Exchanged(Utf8PathBuf),
    Added(Utf8PathBuf),
    Removed(Utf8PathBuf),
}

/// Makes `changes` to the live slot of `profile`. Each file changes in one step; the manifest is the last.
///
/// # Errors
/// When something cannot be changed; every file is then as it was.
pub fn update(writer: &Writer, profile: &ProfileName, changes: &Changes) -> Result<()> {
    let slot = writer.scandir.slot(profile);
    let staged = writer.back_room("update");
    let mut done = Vec::new();
    let result = Stage::filled(&staged, &changes.tree, writer.group())
        .and_then(|()| replace(writer, &slot, &staged, changes, &mut done));
    let result = match result {
        Ok(()) => Ok(()),
        Err(error) => {
            let undone = done.iter().rev().map(|step| undo(&slot, &staged, step)).collect::<Result<Vec<_>>>();
            undone.and(Err(error))
        }
    };
    std::fs::remove_dir_all(&staged).at("remove", &staged).and(result)
}

fn replace(writer: &Writer, slot: &Utf8Path, staged: &Utf8Path, changes: &Changes, done: &mut Vec<Done>) -> Result<()> {
    let directories = |path: &&Utf8PathBuf| changes.tree.get(path).is_some_and(|node| node.content.is_none());
    for path in changes.write.iter().filter(directories) {
        let target = slot.join(path);
        if !target.is_dir() {
            std::fs::create_dir(&target).at("make", &target)?;
        }
        if let Some(node) = changes.tree.get(path) {
            settle(CWD, &target, &target, node.mode, node.group.of(writer.group()))?;
        }
    }
    let mut files: Vec<_> = changes.write.iter().filter(|path| !directories(path)).collect();
    // Whoever is interrupted is then found out by the old manifest.
    files.sort_by_key(|path| path.as_str() == crate::manifest::Manifest::FILE);
    for path in files {
        let (new, old) = (staged.join(path), slot.join(path));
        if old.symlink_metadata().is_ok() {
            exchange(&new, &old)?;
            done.push(Done::Exchanged(path.clone()));
        } else {
            rename_new(&new, &old).at("make", &old)?;
            done.push(Done::Added(path.clone()));
        }
    }
    for path in &changes.remove {
        rename_new(&slot.join(path), &aside(staged, path)).at("remove", slot.join(path))?;
        done.push(Done::Removed(path.clone()));
    }
    Ok(())
}

fn undo(slot: &Utf8Path, staged: &Utf8Path, done: &Done) -> Result<()> {
    match done {
        Done::Exchanged(path) => exchange(&slot.join(path), &staged.join(path)),
        Done::Added(path) => std::fs::remove_file(slot.join(path)).at("remove", slot.join(path)),
        Done::Removed(path) => rename_new(&aside(staged, path), &slot.join(path)).at("put back", slot.join(path)),
    }
}

fn exchange(new: &Utf8Path, old: &Utf8Path) -> Result<()> {
    renameat_with(CWD, new.as_str(), CWD, old.as_str(), RenameFlags::EXCHANGE).at("replace", old)
}

fn aside(staged: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    staged.join(format!("removed-{}", path.as_str().replace('/', "-")))
}
