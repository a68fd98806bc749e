//! What `lint` found, for people and for programs.

use camino::Utf8Path;
use serde::Serialize;

use super::diff::readable;
use crate::lint::{Finding, Rule, Severity};

/// Findings as JSON; the schema has a version.
#[derive(Debug, Serialize)]
pub struct Findings<'a> {
    version: u32,
    findings: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    code: &'static str,
    severity: Severity,
    path: &'a Utf8Path,
    line: Option<u32>,
    message: &'a str,
    title: &'static str,
    mend: &'static str,
}

impl<'a> Findings<'a> {
    /// The JSON form of `findings`.
    #[must_use]
    pub fn of(findings: &'a [Finding]) -> Self {
        let row = |finding: &'a Finding| {
            let Rule { code, severity, title, mend, .. } = finding.rule;
            let Finding { path, line, message, .. } = finding;
            Row { code, severity: *severity, path, line: *line, message, title, mend }
        };
        Self { version: 1, findings: findings.iter().map(row).collect() }
    }
}

/// One line a finding: `path:line: severity CODE: message (title)`.
#[must_use]
pub fn finding_lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let Rule { code, severity, title, .. } = finding.rule;
        format!("{}: {severity} {code}: {} ({title})\n", place(finding), one_line(&finding.message))
    };
    findings.iter().map(line).collect()
}

/// The same in the form of GCC's messages, which editors and CI systems read.
#[must_use]
pub fn gcc_lines(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let severity = match finding.rule.severity {
            Severity::Info => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let column = if finding.line.is_some() { ":1" } else { "" };
        let message = one_line(&finding.message);
        format!("{}{column}: {severity}: {message} [{}]\n", place(finding), finding.rule.code)
    };
    findings.iter().map(line).collect()
}

fn place(finding: &Finding) -> String {
    let path = one_line(finding.path.as_str());
    finding.line.map_or_else(|| path.clone(), |line| format!("{path}:{line}"))
}

/// Names and contents of untrusted trees, safe on a terminal and in one line.
fn one_line(text: &str) -> String {
    readable(text.as_bytes()).replace('\n', "\\n")
}
