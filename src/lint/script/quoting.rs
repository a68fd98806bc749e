//! Expansions that the shell cuts into words.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{self, Command, Expansion, Word};

pub(in crate::lint) static UNQUOTED: Rule = Rule {
    code: "HS058",
    title: "an expansion without quotes",
    severity: Severity::Error,
    why: "The shell cuts its value at blanks and replaces patterns by the files that match: one path becomes two, and an \
          argument becomes another.",
    page: "dash(1)",
    mend: "Put double quotes around it.",
};

pub(super) fn check(script: &Script, findings: &mut Findings) {
    check_commands(script, &script.commands, findings);
}

fn check_commands(script: &Script, commands: &[Command], findings: &mut Findings) {
    for command in commands {
        let assignments = command.assignments().len();
        for (index, word) in command.words.iter().enumerate() {
            let is_kept = index < assignments || command.keyword == Some("case");
            check_word(script, word, is_kept, findings);
        }
        for (_, target) in &command.redirections {
            check_word(script, target, false, findings);
        }
    }
}

fn check_word(script: &Script, word: &Word, is_kept: bool, findings: &mut Findings) {
    for found in &word.expansions {
        if !is_kept && !found.quoted && !is_number(found) {
            let message = format!("{} is not quoted", found.text.chars().take(60).collect::<String>());
            findings.add_at(&UNQUOTED, &script.path, word.line, message);
        }
        if let Some((inner, line)) = &found.commands {
            check_commands(script, &shell::parse(inner, *line), findings);
        }
    }
}

/// What is digits whatever happens.
fn is_number(found: &Expansion) -> bool {
    matches!(&*found.text, "$?" | "$#" | "$$" | "$!" | "${?}" | "${#}") || found.text.starts_with("$((")
}
