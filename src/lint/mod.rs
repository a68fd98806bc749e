//! Mistakes in service directories, found before s6 finds them.
//!
//! [`Rule`]s have stable codes; what breaks one is a [`Finding`]. The trees are untrusted: no link is followed out of
//! them, nothing blocks, and nothing of them is run.

mod environment;
mod explain;
mod finding;
mod image;
mod integers;
mod layout;
mod manifest;
mod modes;
mod names;
mod place;
mod rule;
mod samples;
mod scan;
mod script;
mod service;
mod shell;
mod snapshot;
mod source;
mod subject;
mod text;
mod tools;

use anyhow::Result;
use camino::Utf8Path;

pub use explain::{explain, explain_all};
pub use finding::Finding;
pub use rule::{RULES, Rule, Severity};

/// What is wrong with the service directory, scan directory, image or s6-rc source at `path`, in path order.
///
/// # Errors
/// When it is none of these, and when it cannot be read.
pub fn lint(path: &Utf8Path) -> Result<Vec<Finding>> {
    Ok(sorted(subject::lint(path)?))
}

/// What is wrong with the built-in templates, rendered with hostile values.
///
/// # Errors
/// When they cannot be rendered.
pub fn lint_built_in() -> Result<Vec<Finding>> {
    Ok(sorted(samples::lint()?))
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}
