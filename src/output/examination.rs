//! What is wrong with a machine, for programs and for people.

use std::fmt::Write;

use anstyle::{AnsiColor, Color, Style};
use serde::Serialize;

use crate::doctor::{Check, Verdict};

/// Everything that `doctor` tells; its JSON form has a version.
#[derive(Debug, Serialize)]
pub struct Examination {
    version: u32,
    manager: String,
    checks: Vec<Finding>,
}

/// What one check says.
#[derive(Debug, Serialize)]
struct Finding {
    code: &'static str,
    name: &'static str,
    verdict: Word,
    text: String,
    advice: Option<String>,
}

/// In the order in which people have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Trouble,
    Unknown,
    Fine,
}

impl Examination {
    /// What `verdicts` say of a machine whose gateways `manager` runs.
    #[must_use]
    pub fn new(manager: String, verdicts: Vec<(Check, Verdict)>) -> Self {
        let finding = |(check, verdict): (Check, Verdict)| {
            let (verdict, text, advice) = match verdict {
                Verdict::Fine(text) => (Word::Fine, text, None),
                Verdict::Unknown(text) => (Word::Unknown, text, None),
                Verdict::Trouble { what, advice } => (Word::Trouble, what, Some(advice)),
            };
            Finding { code: check.code, name: check.name, verdict, text, advice }
        };
        Self { version: 1, manager, checks: verdicts.into_iter().map(finding).collect() }
    }

    /// How many troubles there are.
    #[must_use]
    pub fn troubles(&self) -> usize {
        self.count(Word::Trouble)
    }

    fn count(&self, word: Word) -> usize {
        self.checks.iter().filter(|finding| finding.verdict == word).count()
    }

    /// One screen: a line a check, trouble first.
    #[must_use]
    pub fn screen(&self) -> String {
        let width = self.checks.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
        let mut findings: Vec<_> = self.checks.iter().collect();
        findings.sort_by_key(|finding| finding.verdict);
        let mut text = String::new();
        for Finding { code, name, verdict, text: what, advice } in findings {
            let (word, style) = verdict.shown();
            // Writing to a String does not fail.
            let _ = writeln!(text, "{style}{word:7}{style:#}  {code}  {name:width$}  {what}");
            if let Some(advice) = advice {
                let _ = writeln!(text, "{:7}  {:5}  {:width$}  try: {advice}", "", "", "");
            }
        }
        let (trouble, fine) = (self.count(Word::Trouble), self.count(Word::Fine));
        let _ = writeln!(text, "\n{trouble} trouble, {fine} fine, {} unknown", self.count(Word::Unknown));
        text
    }
}

impl Word {
    fn shown(self) -> (&'static str, Style) {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(Color::Ansi(colour)));
        match self {
            Self::Trouble => ("trouble", colour(AnsiColor::Red)),
            Self::Unknown => ("unknown", Style::new().dimmed()),
            Self::Fine => ("fine", colour(AnsiColor::Green)),
        }
    }
}
