//! What a rule found.

use camino::{Utf8Path, Utf8PathBuf};

use super::rule::Rule;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file or directory that it is wrong with.
    pub path: Utf8PathBuf,
    /// The line, from 1, where it is wrong with one.
    pub line: Option<u32>,
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// What is wrong, in this case.
    pub message: String,
}

/// Findings as they come in, about what lies below one directory.
#[derive(Debug)]
pub(super) struct Findings {
    base: Utf8PathBuf,
    found: Vec<Finding>,
}

impl Findings {
    pub(super) fn below(base: &Utf8Path) -> Self {
        Self { base: base.to_owned(), found: Vec::new() }
    }

    /// Something wrong with `path` as a whole; the directory itself when it is empty.
    pub(super) fn add(&mut self, rule: &'static Rule, path: impl AsRef<Utf8Path>, message: impl Into<String>) {
        self.push(rule, path.as_ref(), None, message.into());
    }

    /// Something wrong with one line of `path`.
    pub(super) fn add_at(&mut self, rule: &'static Rule, path: &Utf8Path, line: u32, message: impl Into<String>) {
        self.push(rule, path, Some(line), message.into());
    }

    fn push(&mut self, rule: &'static Rule, path: &Utf8Path, line: Option<u32>, message: String) {
        let path = if path.as_str().is_empty() { self.base.clone() } else { self.base.join(path) };
        let finding = Finding { path, line, rule, message };
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }

    /// Whether something was found on this line already.
    pub(super) fn has(&self, path: &Utf8Path, line: u32) -> bool {
        let path = self.base.join(path);
        self.found.iter().any(|finding| finding.path == path && finding.line == Some(line))
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.found
    }
}
