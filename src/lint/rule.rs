//! The rules, and the table of all of them.

use std::fmt;

use serde::Serialize;

use super::script::{chain, drop, ending, finish, home, interpreter, logger, quoting, variables};
use super::{environment, integers, layout, manifest, modes, names, scan, source, text, tools};

/// One rule. Its code stays what it is for ever.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// `HS` and three digits.
    pub code: &'static str,
    /// What is wrong where it is broken.
    pub title: &'static str,
    /// How bad that is.
    pub severity: Severity,
    /// What comes of it.
    pub why: &'static str,
    /// The page of the documentation of s6, execline or s6-rc that has more, or the manual page of another program.
    pub page: &'static str,
    /// How to mend it.
    pub mend: &'static str,
}

/// How bad it is. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Odd, but harmless so far
    Info,
    /// Goes wrong some day
    Warning,
    /// Does not work, or lets somebody in
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl Rule {
    /// The rule that has this code.
    #[must_use]
    pub fn find(code: &str) -> Option<&'static Self> {
        RULES.into_iter().find(|rule| rule.code.eq_ignore_ascii_case(code))
    }
}

/// Every rule, by code.
pub static RULES: [&Rule; 74] = [
    &layout::NO_RUN,
    &layout::NO_LOGGER,
    &layout::UNKNOWN_FILE,
    &layout::MISSPELLED_FILE,
    &layout::LINK,
    &layout::WRONG_KIND,
    &layout::FORBIDDEN_FILE,
    &layout::NESTED_LOGGER,
    &layout::TOO_LARGE,
    &names::NO_PROFILE,
    &names::TOO_LONG,
    &names::AWKWARD,
    &scan::DANGLING_LINK,
    &scan::LEFTOVER,
    &scan::STAGED,
    &scan::GATEWAY_LINK,
    &scan::TOO_MANY,
    &modes::NOT_EXECUTABLE,
    &modes::WRITABLE,
    &modes::FOREIGN_OWNER,
    &modes::READABLE_SECRET,
    &integers::NOT_A_NUMBER,
    &integers::DEATH_TALLY,
    &integers::NOTIFICATION_FD,
    &integers::SAME_FD,
    &integers::SECONDS,
    &integers::ENDLESS_FINISH,
    &integers::NO_SIGNAL,
    &integers::FLAG_CONTENT,
    &text::CARRIAGE_RETURN,
    &text::BYTE_ORDER_MARK,
    &text::NO_NEWLINE,
    &text::NUL,
    &text::TYPE,
    &interpreter::NONE,
    &interpreter::RELATIVE,
    &interpreter::MISSING,
    &interpreter::NOT_SH,
    &interpreter::ARGUMENTS,
    &ending::NO_EXEC,
    &ending::UNREACHED,
    &ending::BACKGROUND,
    &ending::NOT_THE_GATEWAY,
    &ending::WRONG_PROFILE,
    &drop::NO_DROP,
    &drop::ROOT_WRITES,
    &drop::ROOT_ENVIRONMENT,
    &drop::ROOT_PATH,
    &drop::ROOT_READS,
    &drop::RELATIVE_PATH,
    &home::BAKED_IN,
    &finish::SLEEP,
    &finish::SLOW,
    &finish::ALWAYS_DOWN,
    &logger::NOT_S6_LOG,
    &logger::NOT_PROTECTED,
    &logger::STANDARD_ERROR,
    &quoting::UNQUOTED,
    &tools::SYNTAX,
    &tools::SHELLCHECK,
    &manifest::MISMATCH,
    &manifest::UNREADABLE,
    &environment::NAME,
    &environment::UNSETS,
    &source::INCOMPLETE,
    &source::SCRIPT_LINE,
    &variables::NO_CONTAINER,
    &variables::NOT_SET,
    &variables::INHERITED,
    &chain::NO_BACKOFF,
    &chain::NO_ENVDIR,
    &chain::NOT_AT_HOME,
    &finish::POLICY,
    &logger::LIMITS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_texts_are_sentences() {
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.code, format!("HS{:03}", index + 1), "{}", rule.title);
            assert!(!rule.title.ends_with('.') && rule.why.ends_with('.') && rule.mend.ends_with('.'), "{}", rule.code);
            assert!(!rule.page.is_empty() && rule.page.bytes().all(|byte| byte.is_ascii_graphic()), "{}", rule.code);
        }
    }

    #[test]
    fn a_code_finds_its_rule() {
        assert_eq!(Rule::find("hs001"), Some(&layout::NO_RUN));
        assert_eq!(Rule::find("HS000"), None);
    }
}
