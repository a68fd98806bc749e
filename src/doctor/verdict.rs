//! What a check says.

use anyhow::Result;

use crate::error::{advice_of, is_denied};

/// How many names of many are shown.
const FEW: usize = 4;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well, and what that means here.
    Fine(String),
    /// Something has to be mended.
    Trouble {
        /// What is wrong.
        what: String,
        /// How to mend it.
        advice: String,
    },
    /// Nothing can be said, or there is nothing to look at here.
    Unknown(String),
}

impl Verdict {
    /// Trouble.
    pub(super) fn trouble(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Trouble { what: what.into(), advice: advice.into() }
    }

    /// What a rule that is enforced elsewhere says: `fine` when it is kept. `advice` is for an error that has none. That
    /// this user may not know is no trouble.
    pub(super) fn of<T>(result: Result<T>, fine: &str, advice: &str) -> Result<Self> {
        match result {
            Ok(_) => Ok(Self::Fine(fine.to_owned())),
            Err(error) if is_denied(&error) => Err(error),
            Err(error) => Ok(Self::trouble(format!("{error:#}"), advice_of(&error).unwrap_or(advice))),
        }
    }

    /// Trouble when there are `bad` ones, which come after the words of `what`.
    pub(super) fn none_of(bad: &[String], fine: &str, what: &str, advice: impl Into<String>) -> Self {
        if bad.is_empty() {
            return Self::Fine(fine.to_owned());
        }
        Self::trouble(format!("{what}{}", few(bad)), advice)
    }
}

/// The first few of `names`, and how many more there are.
pub(super) fn few(names: &[String]) -> String {
    let shown = names[..names.len().min(FEW)].join(", ");
    match names.len() - names.len().min(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;
    use crate::error::{At, Fault};

    #[test]
    fn errors_are_troubles_unless_nobody_may_know() {
        let advised: Result<()> = Err(Fault::failed("a b: c").advise("d").into());
        assert_eq!(Verdict::of(advised, "", "e").unwrap(), Verdict::trouble("a b: c", "d"));
        let full: Result<()> = Err(Errno::NOSPC).at("make", "x");
        assert!(matches!(Verdict::of(full, "", "e"), Ok(Verdict::Trouble { advice, .. }) if advice == "e"));
        let denied: Result<()> = Err(Errno::ACCESS).at("open", "x");
        assert!(Verdict::of(denied, "", "e").is_err());
    }

    #[test]
    fn of_many_names_a_few_are_shown() {
        let names: Vec<_> = (0..6).map(|number| number.to_string()).collect();
        assert_eq!(few(&names), "0, 1, 2, 3 and 2 more");
        assert_eq!(few(&names[..4]), "0, 1, 2, 3");
    }
}
