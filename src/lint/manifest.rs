//! Whether a slot is still what was rendered.

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::service::Service;
use super::snapshot::Kind;
use crate::layout;
use crate::manifest::{Entry, Manifest};
use crate::policy::Policy;

pub(super) static MISMATCH: Rule = Rule {
    code: "HS061",
    title: "not what was rendered",
    severity: Severity::Warning,
    why: "Somebody changed the slot after it was rendered; the next rendering takes the change away again.",
    page: "servicedir",
    mend: "Register the profile again, and make lasting changes where the slot is rendered from.",
};

pub(super) static UNREADABLE: Rule = Rule {
    code: "HS062",
    title: "data of this program's that it cannot read",
    severity: Severity::Error,
    why: "With a broken `data/policy.json` a gateway backs off by the usual rules and not by its own; with a broken \
          manifest nobody can tell what was rendered.",
    page: "servicedir",
    mend: "Register the profile again.",
};

pub(super) fn check(service: &Service, findings: &mut Findings) {
    if !service.is_gateway() {
        return;
    }
    if let Some(file) = service.tree.file(Policy::FILE)
        && let Err(error) = serde_json::from_slice::<Policy>(&file.bytes)
    {
        findings.add(&UNREADABLE, Policy::FILE, error.to_string());
    }
    let Some(file) = service.tree.file(Manifest::FILE) else { return };
    let manifest = match Manifest::parse(&file.bytes) {
        Ok(manifest) => manifest,
        Err(error) => return findings.add(&UNREADABLE, Manifest::FILE, error.to_string()),
    };
    for entry in manifest.entries() {
        check_entry(service, entry, findings);
    }
    for (path, node) in service.tree.iter() {
        let is_file = matches!(node.kind, Kind::File(_));
        let is_free = path == Manifest::FILE || path.ancestors().any(layout::is_state);
        if is_file && !is_free && !manifest.entries().iter().any(|entry| path == entry.path()) {
            findings.add(&MISMATCH, path, "was not there when it was rendered");
        }
    }
}

fn check_entry(service: &Service, entry: &Entry, findings: &mut Findings) {
    let path = entry.path();
    let Some(node) = service.tree.get(path) else {
        // Git keeps no empty directory.
        if entry.is_file() || service.is_live() {
            findings.add(&MISMATCH, "", format!("{path} was rendered and is not there"));
        }
        return;
    };
    match &node.kind {
        Kind::File(file) if entry.is_file() => {
            if file.is_whole() && !entry.is_of(&file.bytes) {
                findings.add(&MISMATCH, path, "was changed after it was rendered");
            }
        }
        Kind::Directory if !entry.is_file() => {}
        _ => findings.add(&MISMATCH, path, "was something else when it was rendered"),
    }
    // Git keeps no more of a mode than whether a file may be executed.
    let bits = if service.is_live() { 0o7777 } else { 0o100 };
    if entry.mode().is_some_and(|mode| mode & bits != node.mode & bits) && !matches!(node.kind, Kind::Directory) {
        findings.add(&MISMATCH, path, format!("has mode {:04o} and was rendered with another", node.mode));
    }
}
