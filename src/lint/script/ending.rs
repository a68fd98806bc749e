//! What a run script becomes.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{Command, Next, Word};

pub(in crate::lint) static NO_EXEC: Rule = Rule {
    code: "HS040",
    title: "a run script that does not become its program",
    severity: Severity::Error,
    why: "The shell stays between s6-supervise and the program: signals end the shell and not the program, which lives on \
          unsupervised.",
    page: "servicedir",
    mend: "Put `exec` before the last command.",
};

pub(in crate::lint) static UNREACHED: Rule = Rule {
    code: "HS041",
    title: "commands after exec",
    severity: Severity::Error,
    why: "After `exec` the shell is gone; what is written below it never runs.",
    page: "servicedir",
    mend: "Move them above the `exec`.",
};

pub(in crate::lint) static BACKGROUND: Rule = Rule {
    code: "HS042",
    title: "a service that leaves its supervisor",
    severity: Severity::Error,
    why: "s6-supervise supervises the process that it starts. With `&`, a pipe, nohup or setsid the gateway is another one: \
          it is not stopped, and a second one is started.",
    page: "servicedir",
    mend: "Run it in the foreground, by `exec`; the logger reads its output.",
};

pub(in crate::lint) static NOT_THE_GATEWAY: Rule = Rule {
    code: "HS043",
    title: "a gateway's run script that does not end in `gateway run --replace`",
    severity: Severity::Error,
    why: "Without `--replace` an old gateway that outlived its supervisor keeps the new one from starting; without \
          `gateway run` there is no gateway.",
    page: "servicedir",
    mend: "End it in `hermes [-p NAME] gateway run --replace`, or render the slot again.",
};

pub(in crate::lint) static WRONG_PROFILE: Rule = Rule {
    code: "HS044",
    title: "a slot that works for another profile",
    severity: Severity::Error,
    why: "A slot that was copied starts a second gateway of the other profile, or logs among the other's lines.",
    page: "servicedir",
    mend: "Render the slot by its own name.",
};

/// Programs that run another one away from their parent.
const LEAVING: [&str; 8] = ["nohup", "setsid", "daemon", "daemonize", "start-stop-daemon", "disown", "screen", "tmux"];
/// Last commands of run scripts that are no programs to become.
const NO_PROGRAM: [&str; 11] =
    ["exec", "exit", "return", "wait", "sleep", "trap", "eval", ".", "source", "true", "s6-pause"];

pub(super) fn check(script: &Script, findings: &mut Findings) {
    check_reach(script, findings);
    if !script.is_run() {
        return;
    }
    check_background(script, findings);
    check_exec(script, findings);
    if script.is_gateways() {
        check_profile(script, findings);
        if !script.is_of_logger() {
            check_gateway(script, findings);
        }
    }
}

/// The last command, unless a compound command comes last.
fn last<'a>(script: &'a Script) -> Option<&'a Command> {
    script.commands.last().filter(|command| !command.words.is_empty() && command.depth == 0)
}

fn check_reach(script: &Script, findings: &mut Findings) {
    let mut commands = script.commands.iter();
    let is_end = |command: &&Command| {
        command.depth == 0 && command.keyword.is_none() && command.is_exec() && command.next == Next::Sequence
    };
    let mut before: Option<&Command> = None;
    let exec = commands.by_ref().find(|command| {
        let is_alone = before.is_none_or(|before| before.next == Next::Sequence);
        before = Some(*command);
        is_alone && is_end(command)
    });
    if let (Some(exec), Some(after)) = (exec, commands.next()) {
        let message = format!("is never reached: the exec of line {} comes first", exec.line);
        findings.add_at(&UNREACHED, &script.path, after.line, message);
    }
}

fn check_background(script: &Script, findings: &mut Findings) {
    for (index, command) in script.commands.iter().enumerate() {
        let leaves = command.program().first().is_some_and(|word| LEAVING.contains(&word.base()));
        let is_last = index + 1 == script.commands.len();
        let piped = index > 0 && script.commands[index - 1].next == Next::Pipe && is_last;
        let is_background = command.next == Next::Background && (script.is_gateways() || command.is_exec() || is_last);
        if is_background || leaves && (script.is_gateways() || command.is_exec()) || piped && script.is_gateways() {
            let message = format!("{} does not stay the process that s6 started", describe(command));
            findings.add_at(&BACKGROUND, &script.path, command.line, message);
        }
    }
}

fn describe(command: &Command) -> String {
    command.program().first().map_or_else(|| "it".to_owned(), |word| word.text.clone())
}

fn check_exec(script: &Script, findings: &mut Findings) {
    if script.is_gateways() {
        let runs_arguments = |command: &&Command| command.invocation().first().is_some_and(Word::is_all_arguments);
        if let Some(command) = script.commands.iter().find(runs_arguments) {
            findings.add_at(&NO_EXEC, &script.path, command.line, "runs what was set without exec");
        }
        let line = script.commands.last().map_or(1, |command| command.line);
        let ends = last(script).is_some_and(|command| command.is_exec() || has_arguments(command));
        if !ends {
            findings.add_at(&NO_EXEC, &script.path, line, "the last command is not an exec");
        }
    } else if let Some(command) = last(script) {
        let name = command.name();
        let is_alone = command.next == Next::Sequence && command.keyword.is_none();
        let was_alone = script.commands.iter().rev().nth(1).is_none_or(|before| before.next == Next::Sequence);
        let is_program = !name.is_empty() && !NO_PROGRAM.contains(&name) && name.starts_with(|c: char| c != '$');
        if is_alone && was_alone && is_program && !findings.has(&script.path, command.line) {
            findings.add_at(&NO_EXEC, &script.path, command.line, format!("{name} runs without exec"));
        }
    }
}

/// That one was found already.
fn has_arguments(command: &Command) -> bool {
    command.invocation().first().is_some_and(Word::is_all_arguments)
}

fn check_gateway(script: &Script, findings: &mut Findings) {
    if !script.commands.iter().any(runs_gateway) {
        let line = script.commands.last().map_or(1, |command| command.line);
        findings.add_at(&NOT_THE_GATEWAY, &script.path, line, "nothing runs `hermes gateway run --replace`");
    }
}

/// Whether it is `hermes [-p NAME] gateway run --replace`, behind whatever chain of programs.
pub(super) fn runs_gateway(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| &*word.text).collect();
    let Some(at) = words.windows(2).position(|pair| pair == ["gateway", "run"]) else { return false };
    let has_profile = at >= 2 && matches!(words[at - 2], "-p" | "--profile");
    let before = &words[..if has_profile { at - 2 } else { at }];
    let is_hermes = before.last().is_some_and(|word| word.rsplit('/').next() == Some("hermes"));
    is_hermes && words[at..].contains(&"--replace")
}

/// Whom the script works for, against whose slot it is in.
fn check_profile(script: &Script, findings: &mut Findings) {
    let Some(own) = script.service.profile() else { return };
    for command in &script.commands {
        let words = &command.words;
        if let Some(at) = words.windows(2).position(|pair| pair[0].text == "gateway" && pair[1].text == "run") {
            let before = &words[..at];
            let flag = before.iter().position(|word| matches!(&*word.text, "-p" | "--profile"));
            let given = flag.and_then(|flag| before.get(flag + 1)).map_or("default", |word| &word.text);
            if given != own.as_str() {
                findings.add_at(&WRONG_PROFILE, &script.path, command.line, format!("runs the gateway of {given}"));
            }
        }
        for word in words {
            let Some((_, name)) = word.text.split_once("/logs/gateways/") else { continue };
            let name = name.split('/').next().unwrap_or_default();
            if name != own.as_str() && !name.starts_with('$') {
                findings.add_at(&WRONG_PROFILE, &script.path, word.line, format!("logs to {name}'s directory"));
            }
        }
    }
}
