//! What is below a root, against what should be.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::MANIFEST;
use crate::error::{At, Fault};
use crate::manifest::Manifest;
use crate::tree::{Group, Node, Tree};

/// The part of what is below `root` that `wanted` has an opinion on: its files, and whatever lies in its directories.
///
/// # Errors
/// When something is there that cannot be read.
pub fn found(root: &Utf8Path, wanted: &Tree) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut paths: Vec<Utf8PathBuf> = wanted.iter().map(|(path, _)| path.to_owned()).collect();
    let directories = wanted.iter().filter(|(_, node)| node.content.is_none()).map(|(path, _)| path);
    for directory in directories {
        paths.extend(entries(root, directory)?);
    }
    for path in paths {
        let here = root.join(&path);
        let Ok(metadata) = here.symlink_metadata() else { continue };
        let mode = metadata.permissions().mode() & 0o7777;
        if metadata.is_dir() {
            tree.directory(path, mode, Group::Owner);
        } else if metadata.is_file() {
            tree.file(path, mode, Group::Owner, std::fs::read(&here).at("read", &here)?);
        } else {
            // A link or worse: told as a file that holds what it is.
            tree.file(path, mode, Group::Owner, format!("{:?}\n", metadata.file_type()));
        }
    }
    Ok(tree)
}

/// Every way in which what is below `root` is not what its manifest says, a line each.
///
/// # Errors
/// When the manifest or something else cannot be read.
pub fn audit(root: &Utf8Path) -> Result<Vec<String>> {
    let path = root.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(|error| {
        anyhow::Error::new(error).context(Fault::failed(format!("read {path}")).advise("hermes-s6gen compile --root"))
    })?;
    let manifest = Manifest::parse(&bytes).at("read", &path)?;
    let owner = path.symlink_metadata().at("stat", &path)?.uid();
    let mut findings = Vec::new();
    for entry in manifest.entries() {
        let shown = entry.path();
        let here = root.join(shown);
        match here.symlink_metadata() {
            Err(_) => findings.push(format!("missing {shown}")),
            Ok(metadata) if entry.is_file() != metadata.is_file() || entry.is_file() == metadata.is_dir() => {
                findings.push(format!("changed {shown}: is something else"));
                continue;
            }
            Ok(metadata) => {
                if entry.is_file() && !entry.is_of(&std::fs::read(&here).at("read", &here)?) {
                    findings.push(format!("changed {shown}"));
                }
                let (is, was) = (metadata.permissions().mode() & 0o7777, entry.mode().unwrap_or_default());
                if is != was {
                    findings.push(format!("mode {shown}: is {is:04o}, was {was:04o}"));
                }
                // All of it was written by one user, so a stranger's file is one that somebody can rewrite.
                if metadata.uid() != owner {
                    findings.push(format!("owner {shown}: is {}, the manifest's is {owner}", metadata.uid()));
                }
            }
        }
        if !entry.is_file() {
            let known =
                |path: &Utf8PathBuf| path == MANIFEST || manifest.entries().iter().any(|entry| path == entry.path());
            let extra = entries(root, shown)?.into_iter().filter(|path| !known(path));
            findings.extend(extra.map(|path| format!("extra {path}")));
        }
    }
    Ok(findings)
}

/// What lies in `directory`, by path below `root`, in name order; nothing where there is no such directory.
fn entries(root: &Utf8Path, directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let here = root.join(directory);
    if !here.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Ok(Vec::new());
    }
    let entries = here.read_dir_utf8().at("read", &here)?;
    let names = entries.map(|entry| entry.map(|entry| directory.join(entry.file_name())));
    let mut names = names.collect::<std::io::Result<Vec<_>>>().at("read", &here)?;
    names.sort();
    Ok(names)
}

/// The modes that `wanted` and `found` do not agree on, where git would see no difference.
#[must_use]
pub fn modes(found: &Tree, wanted: &Tree) -> String {
    let differs = |(path, node): (&Utf8Path, &Node)| {
        let old =
            found.get(path).filter(|old| old.mode != node.mode && old.content.is_some() == node.content.is_some())?;
        let seen = node.content.is_some() && (old.mode & 0o111 == 0) != (node.mode & 0o111 == 0);
        (!seen).then(|| format!("diff a/{path} b/{path}\nold mode {:04o}\nnew mode {:04o}\n", old.mode, node.mode))
    };
    wanted.iter().filter_map(differs).collect()
}
