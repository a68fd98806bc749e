//! What a program answered.

use std::process::{Command, Stdio};
use std::time::Duration;

use process_control::{ChildExt, Control};
use serde_json::Value;

/// Exit code and output of a program that has ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i64,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    /// Runs `command` to its end; one that takes longer than three minutes fails the test.
    pub(crate) fn of(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = child.controlled_with_output().time_limit(Duration::from_secs(180)).terminate_for_timeout().wait();
        let output = output.unwrap().unwrap_or_else(|| panic!("{command:?}: takes longer than three minutes"));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Fails the test unless it was exit code 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails the test unless it was exit code `code`, with one line of error (and maybe a `try:` line) that has `words`.
    #[track_caller]
    pub(crate) fn fails(self, code: i64, words: &str) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(words), "{words:?} is not in {self:?}");
        let lines: Vec<_> = self.err.lines().collect();
        assert!(lines[0].starts_with("hermes-s6gen: "), "{self:?}");
        assert!(lines.len() == 1 || (lines.len() == 2 && lines[1].starts_with("  try: ")), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self
    }
}
