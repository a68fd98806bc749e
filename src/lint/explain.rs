//! What rules mean, for people.

use std::fmt::Write;

use super::rule::{RULES, Rule};

/// One rule.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let Rule { code, title, severity, why, page, mend } = rule;
    format!("## {code}: {title}\n\n*{severity}*\n\n{why} See `{page}`.\n\n**Mend:** {mend}\n")
}

/// Every rule: `docs/lint.md`.
#[must_use]
pub fn explain_all() -> String {
    let mut text = "# The rules of `hermes-s6gen lint`\n\n\
        Made by `make docs` from the rules themselves; an edit here is lost.\n\n\
        The exit code is 0 without a finding, 1 with findings, and 2 when something could not be linted. Codes keep their \
        meaning. `--format json` prints an object with `version` (1) and `findings`, each with `code`, `severity`, `path`, \
        `line` (or null), `message`, `title` and `mend`; `--format sarif` prints SARIF 2.1.0.\n\n\
        Modes in a git checkout are those of whoever made it: there only the executable bit, the world's right to write and \
        names that tell a secret count.\n\n\
        | code | severity | what is wrong |\n|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        // Writing to a String does not fail.
        let _ = writeln!(text, "| {} | {} | {} |", rule.code, rule.severity, rule.title);
    }
    for rule in RULES {
        let _ = write!(text, "\n{}", explain(rule));
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lint.md");
        assert_eq!(std::fs::read_to_string(path).unwrap(), super::explain_all(), "run `make docs`");
    }
}
