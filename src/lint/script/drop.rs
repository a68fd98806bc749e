//! What happens before a gateway's script gives up root's rights.

use camino::Utf8Path;

use super::Script;
use super::passes::{Passes, drop_word};
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{self, Command, Word};

pub(in crate::lint) static NO_DROP: Rule = Rule {
    code: "HS045",
    title: "no privilege drop before the gateway",
    severity: Severity::Error,
    why: "The gateway, and every tool that its agent calls, would be root.",
    page: "s6-setuidgid",
    mend: "Run it through `s6-setuidgid hermes`, or render the slot again.",
};

pub(in crate::lint) static ROOT_WRITES: Rule = Rule {
    code: "HS046",
    title: "root writes before the privilege drop",
    severity: Severity::Error,
    why: "The run user owns the home: through a link there root makes, gives away or removes any file of the machine.",
    page: "s6-setuidgid",
    mend: "Do it after the drop, as the run user.",
};

pub(in crate::lint) static ROOT_ENVIRONMENT: Rule = Rule {
    code: "HS047",
    title: "the environment is changed before the privilege drop",
    severity: Severity::Error,
    why: "The container's environment, `env/` and the home come from people who are not root: with their PATH or \
          LD_PRELOAD they decide what root runs.",
    page: "s6-envdir",
    mend: "Set it after the drop.",
};

pub(in crate::lint) static ROOT_PATH: Rule = Rule {
    code: "HS048",
    title: "root looks a program up in PATH",
    severity: Severity::Error,
    why: "Before the drop only absolute paths are sure to be the programs that they seem to be.",
    page: "s6-setuidgid",
    mend: "Write the whole path.",
};

pub(in crate::lint) static ROOT_READS: Rule = Rule {
    code: "HS049",
    title: "root runs text that it reads",
    severity: Severity::Error,
    why: "`.`, `source` and `eval` make commands of what a file or variable holds, with root's rights.",
    page: "s6-setuidgid",
    mend: "Do it after the drop, or not at all.",
};

pub(in crate::lint) static RELATIVE_PATH: Rule = Rule {
    code: "HS050",
    title: "a PATH with a relative or empty element",
    severity: Severity::Warning,
    why: "An empty element or a relative one means the working directory, which services share with whoever writes there.",
    page: "environ(7)",
    mend: "Use absolute directories alone.",
};

/// Programs that change files.
const WRITERS: [&str; 17] = [
    "mkdir", "chown", "chmod", "chgrp", "rm", "rmdir", "mv", "cp", "touch", "ln", "install", "tee", "dd", "truncate",
    "mkfifo", "rsync", "unlink",
];

/// Variables that decide what other programs do.
const STRONG: [&str; 10] =
    ["PATH", "HOME", "HERMES_HOME", "ENV", "BASH_ENV", "IFS", "CDPATH", "SHELL", "PYTHONPATH", "PYTHONHOME"];

const ENVIRONMENT_LOADERS: [&str; 5] = ["with-contenv", "s6-envdir", "envdir", "env", "envfile"];

const BUILT_IN: [&str; 36] = [
    ":", ".", "[", "alias", "bg", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
    "false", "fg", "getopts", "hash", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set",
    "shift", "source", "test", "times", "trap", "true", "umask", "unset", "wait",
];

pub(super) fn check(script: &Script, passes: &Passes, findings: &mut Findings) {
    if let Some((line, why)) = &passes.doubt {
        findings.add_at(&NO_DROP, &script.path, *line, why.clone());
    }
    for command in passes.root {
        check_command(script, command, findings);
    }
}

fn check_command(script: &Script, command: &Command, findings: &mut Findings) {
    check_writes(&script.path, command, findings);
    check_environment(script, command, findings);
    check_lookup(&script.path, command, findings);
    if matches!(command.name(), "." | "source" | "eval") {
        findings.add_at(&ROOT_READS, &script.path, command.line, format!("root runs {}", command.name()));
    }
    let targets = command.redirections.iter().map(|(_, target)| target);
    for word in command.words.iter().chain(targets) {
        for (inner, line) in word.expansions.iter().filter_map(|found| found.commands.as_ref()) {
            for nested in shell::parse(inner, *line) {
                check_command(script, &nested, findings);
            }
        }
    }
}

fn check_writes(path: &Utf8Path, command: &Command, findings: &mut Findings) {
    let program = command.program();
    let edits = |word: &&Word| word.text.starts_with("-i") || word.text == "--in-place" || word.text == "-delete";
    if let Some(word) = program.first() {
        let is_editor = matches!(word.base(), "sed" | "perl" | "find") && program.iter().any(|word| edits(&word));
        if WRITERS.contains(&word.base()) || is_editor {
            findings.add_at(&ROOT_WRITES, path, command.line, format!("root runs {}", word.base()));
        }
    }
    for (operator, target) in &command.redirections {
        let is_output = operator.contains('>') && !operator.ends_with(">&");
        let is_device = matches!(&*target.text, "/dev/null" | "/dev/stderr" | "/dev/stdout" | "/dev/tty");
        if is_output && !is_device {
            findings.add_at(&ROOT_WRITES, path, command.line, "root writes a file");
        }
    }
}

fn check_environment(script: &Script, command: &Command, findings: &mut Findings) {
    let path = &script.path;
    let is_strong = |name: &str| STRONG.contains(&name) || name.starts_with("LD_");
    for (name, _) in command.words.iter().filter_map(Word::assignment) {
        let is_exported = command.name() == "export" || !command.invocation().is_empty() && command.name() != "set";
        if is_strong(name) || is_exported {
            findings.add_at(&ROOT_ENVIRONMENT, path, command.line, format!("root sets {name}"));
        }
    }
    if command.name() == "export" && command.words.iter().all(|word| word.assignment().is_none()) {
        findings.add_at(&ROOT_ENVIRONMENT, path, command.line, "root exports variables");
    }
    // What comes before the drop in a chain of programs, or before the one that was set.
    let end = drop_word(command).or_else(|| {
        let at = command.words.iter().position(Word::is_all_arguments)?;
        (command.name() != "set").then_some(at)
    });
    let chain = &command.words[..end.unwrap_or_default()];
    if !script.is_finish()
        && let Some(loader) = chain.iter().find(|word| ENVIRONMENT_LOADERS.contains(&word.base()))
    {
        findings.add_at(&ROOT_ENVIRONMENT, path, command.line, format!("{} comes before the drop", loader.base()));
    }
}

fn check_lookup(path: &Utf8Path, command: &Command, findings: &mut Findings) {
    let Some(word) = command.program().first() else { return };
    let is_looked_up = !word.text.contains('/') && word.is_literal() && !BUILT_IN.contains(&&*word.text);
    if is_looked_up && command.keyword != Some("case") && command.keyword != Some("for") && !word.text.is_empty() {
        findings.add_at(&ROOT_PATH, path, command.line, format!("root looks {} up", word.text));
    }
}

/// Not only root's: the working directory is never a place for programs.
pub(in crate::lint) fn check_path(script: &Script, findings: &mut Findings) {
    for command in &script.commands {
        for (name, value) in command.words.iter().filter_map(Word::assignment) {
            let is_relative = |part: &str| !part.starts_with('/') && !part.starts_with('$') && !part.starts_with('~');
            // A value with an expansion that has a colon of its own cannot be cut at colons.
            if name == "PATH" && !value.contains("${") && value.split(':').any(is_relative) {
                let message = format!("PATH is {value}");
                findings.add_at(&RELATIVE_PATH, &script.path, command.line, message);
            }
        }
    }
}
