//! From spec to tree: the service directory of one gateway, as bytes.

pub(crate) mod quote;
mod scripts;

use std::time::SystemTime;

use anyhow::{Context, Result};
use askama::Template;
use serde::Serialize;

use crate::layout;
use crate::manifest::Manifest;
use crate::policy::Policy;
use crate::spec::{Host, Spec};
use crate::tree::{Group, Tree};

/// Renders the service directory of `spec` (s6's servicedir page) as it is to be on `host`.
///
/// `down` and what else changes while the slot lives is not in the manifest.
///
/// # Errors
/// When a value has a NUL byte, which no script can hold.
pub fn render(spec: &Spec, host: &Host) -> Result<Tree> {
    let mut tree = Tree::default();
    let owner = Group::Owner;
    tree.directory("data", 0o755, owner);
    // Values may be secrets, so they are for the run user's group alone and not for the world.
    tree.directory(layout::ENVIRONMENT, 0o750, Group::RunUser);
    for (name, value) in spec.environment.iter() {
        // s6-envdir -Lf takes a whole file as it is, without one final newline; an empty file would unset.
        tree.file(format!("{}/{name}", layout::ENVIRONMENT), 0o640, Group::RunUser, [value, b"\n"].concat());
    }
    tree.file("finish", 0o755, owner, script(&scripts::Finish::new(spec, host))?);
    tree.directory("log", 0o755, owner);
    tree.file("log/run", 0o755, owner, script(&scripts::LogRun::new(spec, host))?);
    tree.file(Policy::FILE, 0o644, owner, json(&host.policy)?);
    tree.file("log/type", 0o644, owner, "longrun\n");
    tree.file("run", 0o755, owner, script(&scripts::Run::new(spec, host))?);
    tree.file("type", 0o644, owner, "longrun\n");
    if spec.served_by_default {
        tree.file(layout::SERVED, 0o644, owner, "");
    }
    let manifest = json(&Manifest::of(&tree))?;
    tree.file(Manifest::FILE, 0o644, owner, manifest);
    if !spec.up {
        tree.file("down", 0o644, owner, "");
    }
    if let Some(since) = spec.not_before.and_then(|moment| moment.duration_since(SystemTime::UNIX_EPOCH).ok()) {
        tree.file(layout::NOT_BEFORE, 0o644, owner, format!("{}\n", since.as_secs()));
    }
    Ok(tree)
}

/// A script as text.
pub(crate) fn script(template: &impl Template) -> Result<String> {
    let mut text = template.render().context("render script")?;
    // askama cuts a template file's last newline.
    text.push('\n');
    Ok(text)
}

/// A value as an indented file.
pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).context("render JSON")?;
    bytes.push(b'\n');
    Ok(bytes)
}
