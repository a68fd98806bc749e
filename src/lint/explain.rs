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
