//! Where the home comes from.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::Word;

pub(in crate::lint) static BAKED_IN: Rule = Rule {
    code: "HS051",
    title: "a home that was written in when the script was rendered",
    severity: Severity::Error,
    why: "The home is known when the container runs: with a HERMES_HOME of its own the gateway would work on another home, \
          or on none.",
    page: "servicedir",
    mend: "Write `${HERMES_HOME:-/opt/data}`.",
};

const VARIABLE: &str = "HERMES_HOME";
const USUAL: &str = "/opt/data";

pub(super) fn check(script: &Script, findings: &mut Findings) {
    if script.path == "run" && script.service.tree.has("env/HERMES_HOME") {
        findings.add(&BAKED_IN, "env/HERMES_HOME", "sets the home for this slot alone");
    }
    for command in &script.commands {
        for word in &command.words {
            if let Some((VARIABLE, value)) = word.assignment() {
                if !value.contains("HERMES_HOME") {
                    findings.add_at(&BAKED_IN, &script.path, word.line, format!("HERMES_HOME is {}", shown(value)));
                }
            } else if names_home(word) {
                findings.add_at(&BAKED_IN, &script.path, word.line, format!("{} is written in", shown(&word.text)));
            }
        }
        let is_fixed = |word: &&Word| word.is_literal() && word.text.starts_with('/');
        if command.name() == "cd"
            && let Some(word) = command.arguments().first().filter(is_fixed)
        {
            findings.add_at(&BAKED_IN, &script.path, word.line, format!("works in {}", shown(&word.text)));
        }
    }
}

/// Whether `word` has a path of the home beside what it expands.
fn names_home(word: &Word) -> bool {
    let outside = word.expansions.iter().fold(word.text.clone(), |text, found| text.replacen(&found.text, "\0", 1));
    let path = outside.split_once('=').map_or(&*outside, |(_, value)| value);
    let below = path.strip_prefix(USUAL).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    // A program may lie there.
    below && !path.contains("/bin/") || path.starts_with('/') && path.contains("/logs/gateways/")
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
