//! Source definitions, of which s6-rc-compile makes a database.

use anyhow::Result;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};

pub(super) static INCOMPLETE: Rule = Rule {
    code: "HS065",
    title: "a definition that lacks what its type needs",
    severity: Severity::Error,
    why: "s6-rc-compile refuses the whole set: under s6-overlay the container does not boot.",
    page: "s6-rc-compile",
    mend: "Write `run` for a longrun, `up` for a oneshot, `contents.d` for a bundle, and `type` for each.",
};

pub(super) static SCRIPT_LINE: Rule = Rule {
    code: "HS066",
    title: "a shell script where s6-rc reads a command line",
    severity: Severity::Error,
    why: "`up` and `down` of a oneshot are one command line of execline: an interpreter line is a comment to it, and the \
          lines below become arguments.",
    page: "s6-rc-compile",
    mend: "Write the path of the script in it, and put the script elsewhere.",
};

/// Lints every definition of a set.
pub(super) fn lint(place: &Place) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in place.directories()? {
        if !name.starts_with('.') {
            findings.extend(place.below(&name)?.service_as(Role::Definition)?.lint()?);
        }
    }
    Ok(findings)
}

pub(super) fn check(service: &Service, findings: &mut Findings) {
    let has = |name: &str| service.tree.has(name);
    let word = service.tree.file("type").map(|file| String::from_utf8_lossy(&file.bytes).trim().to_owned());
    let lacks = match word.as_deref() {
        // What adds to a definition of another layer needs no type of its own.
        None if has("run") || has("up") => Some("type"),
        Some("longrun") if !has("run") => Some("run"),
        Some("oneshot") if !has("up") => Some("up"),
        Some("bundle") if !has("contents.d") && !has("contents") => Some("contents.d"),
        _ => None,
    };
    if let Some(lacks) = lacks {
        findings.add(&INCOMPLETE, "", format!("has no {lacks}"));
    }
    if word.as_deref() == Some("longrun") {
        return;
    }
    for name in ["up", "down"] {
        let Some(file) = service.tree.file(name) else { continue };
        let first = file.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(first);
        if line.starts_with("#!") && !line.contains("execlineb") {
            findings.add_at(&SCRIPT_LINE, name.into(), 1, format!("begins with {}", line.trim()));
        }
    }
}
