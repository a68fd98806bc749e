//! The chain of programs that `run` ends in.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{Command, Next, Word};

pub(in crate::lint) static NO_BACKOFF: Rule = Rule {
    code: "HS070",
    title: "a gateway that does not back off",
    severity: Severity::Warning,
    why: "s6-supervise starts it again every second: a gateway that cannot start fills its log and asks the services that \
          it connects to until they ban it.",
    page: "s6-supervise",
    mend: "Put `hermes-s6gen --s6-bin DIR backoff SLOT` before the gateway, or render the slot again.",
};

pub(in crate::lint) static NO_ENVDIR: Rule = Rule {
    code: "HS071",
    title: "a gateway that does not get its own environment",
    severity: Severity::Error,
    why: "`s6-envdir` sets what is in `env/`: without -f a value loses its trailing blanks and further lines, without -L what \
          is beyond 4096 bytes.",
    page: "s6-envdir",
    mend: "Put `s6-envdir -Lf \"$slot\"/env` before the gateway, or render the slot again.",
};

pub(in crate::lint) static NOT_AT_HOME: Rule = Rule {
    code: "HS072",
    title: "a gateway that does not work in its home",
    severity: Severity::Error,
    why: "It would work in the service directory, which is root's, or start where no home is and fail over and over.",
    page: "servicedir",
    mend: "Write `cd \"$HERMES_HOME\" || exit 78` before the last command.",
};

pub(super) fn check(script: &Script, findings: &mut Findings) {
    if !script.is_run() || script.is_of_logger() {
        return;
    }
    check_directory(script, findings);
    let is_gateway = |command: &&Command| super::ending::runs_gateway(command);
    let Some(command) = script.commands.iter().find(is_gateway) else { return };
    let words = &command.words;
    let backs_off = words.windows(2).any(|pair| pair[0].text == "backoff" && !pair[1].base().starts_with("hermes"));
    let is_complete = words.windows(2).any(|pair| pair[0].text == "--s6-bin" && pair[1].text.starts_with('/'));
    let is_ours = words.iter().any(|word| word.base().starts_with("hermes-s6gen"));
    if !backs_off || !is_complete || !is_ours {
        let message = "the gateway does not run through `hermes-s6gen --s6-bin DIR backoff SLOT`";
        findings.add_at(&NO_BACKOFF, &script.path, command.line, message);
    }
    if !loads_environment(words) {
        findings.add_at(&NO_ENVDIR, &script.path, command.line, "nothing loads env/ as `s6-envdir -Lf` does");
    }
}

fn loads_environment(words: &[Word]) -> bool {
    let Some(at) = words.iter().position(|word| word.base() == "s6-envdir") else { return false };
    let options: Vec<&Word> = words[at + 1..].iter().take_while(|word| word.text.starts_with('-')).collect();
    let is_whole = ['f', 'L'].into_iter().all(|flag| options.iter().any(|word| word.text.contains(flag)));
    is_whole && words.get(at + 1 + options.len()).is_some_and(|word| word.base() == "env")
}

fn check_directory(script: &Script, findings: &mut Findings) {
    let commands = &script.commands;
    let goes_home = |command: &Command| {
        command.name() == "cd" && command.arguments().iter().any(|word| word.text.contains("HERMES_HOME"))
    };
    let Some(at) = commands.iter().position(goes_home) else {
        return findings.add(&NOT_AT_HOME, &script.path, "nothing goes to HERMES_HOME");
    };
    let gives_up = commands.get(at + 1).is_some_and(|next| {
        let fails = |word: &Word| word.text.parse::<u8>().is_ok_and(|code| code > 0);
        next.name() == "exit" && next.arguments().first().is_some_and(fails)
    });
    if commands[at].next != Next::Logic || !gives_up {
        findings.add_at(&NOT_AT_HOME, &script.path, commands[at].line, "goes on where there is no home");
    }
}
