//! Where a gateway's output goes.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::Command;

pub(in crate::lint) static NOT_S6_LOG: Rule = Rule {
    code: "HS055",
    title: "a gateway's logger that is not s6-log",
    severity: Severity::Error,
    why: "Only s6-log rotates what it writes and never loses a line; `gateway logs` reads what it leaves.",
    page: "s6-log",
    mend: "End `log/run` in `exec s6-log -p ...`, or render the slot again.",
};

pub(in crate::lint) static NOT_PROTECTED: Rule = Rule {
    code: "HS056",
    title: "s6-log without -p",
    severity: Severity::Error,
    why: "At container stop loggers get SIGTERM with everybody else. Without -p they end, and the gateway's next line kills \
          it by SIGPIPE in the middle of its drain.",
    page: "s6-log",
    mend: "Run `s6-log -p`.",
};

pub(in crate::lint) static LIMITS: Rule = Rule {
    code: "HS074",
    title: "a gateway's log without a limit, a time or a copy",
    severity: Severity::Warning,
    why: "`n` and `s` keep the log from filling the volume, `T` gives each line the time that `gateway logs --since` looks \
          for, and `1` gives the container's log a copy.",
    page: "s6-log",
    mend: "Run `s6-log -p 1 nFILES sBYTES T DIRECTORY`.",
};

pub(in crate::lint) static STANDARD_ERROR: Rule = Rule {
    code: "HS057",
    title: "standard error that is not logged",
    severity: Severity::Error,
    why: "A logger reads standard output alone: tracebacks would be missing from the gateway's own log.",
    page: "servicedir",
    mend: "Begin `run` with `exec 2>&1`.",
};

pub(super) fn check(script: &Script, findings: &mut Findings) {
    if !script.is_run() {
        return;
    }
    if script.is_of_logger() {
        check_logger(script, findings);
    } else {
        check_error(script, findings);
    }
}

fn check_logger(script: &Script, findings: &mut Findings) {
    let mut found = false;
    for command in &script.commands {
        let Some(at) = command.words.iter().position(|word| word.base() == "s6-log") else { continue };
        found |= matches!(command.name(), "exec" | "set") || command.name().ends_with("s6-log");
        let options = command.words[at + 1..].iter().map(|word| &*word.text);
        let options: Vec<&str> = options.take_while(|text| text.starts_with('-') && *text != "--").collect();
        // -d takes a descriptor; the others of s6-log's flags go together.
        let is_protected = |text: &&&str| !text.starts_with("-d") && text.contains('p');
        if !options.iter().any(|text| is_protected(&text)) {
            findings.add_at(&NOT_PROTECTED, &script.path, command.line, "s6-log has no -p");
        }
    }
    if !found {
        let line = script.commands.last().map_or(1, |command| command.line);
        return findings.add_at(&NOT_S6_LOG, &script.path, line, "nothing runs s6-log");
    }
    let is_log =
        |command: &&Command| command.words.iter().any(|word| word.base() == "s6-log" || word.is_all_arguments());
    if let Some(other) = script.commands.iter().find(|command| command.is_exec() && !is_log(command)) {
        return findings.add_at(&NOT_S6_LOG, &script.path, other.line, "becomes something that is not s6-log");
    }
    check_limits(script, script.commands.iter().filter(is_log), findings);
}

fn check_limits<'a>(script: &Script, commands: impl Iterator<Item = &'a Command>, findings: &mut Findings) {
    let words: Vec<&str> = commands.flat_map(|command| &command.words).map(|word| &*word.text).collect();
    let has_number = |letter: char| {
        let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
        words.iter().any(|word| word.strip_prefix(letter).is_some_and(digits))
    };
    let told = [
        (!words.contains(&"1"), "no copy goes to the container's log"),
        (!has_number('n'), "the number of files is not given"),
        (!has_number('s'), "the size of a file is not given"),
        (!words.windows(2).any(|pair| pair[0] == "T" && pair[1] != "exec"), "no directory gets lines with a time"),
    ];
    for (is_wrong, message) in told {
        if is_wrong {
            findings.add(&LIMITS, &script.path, message);
        }
    }
}

fn check_error(script: &Script, findings: &mut Findings) {
    let joins = |command: &Command| {
        let joined = |(operator, target): &(String, _)| {
            let target: &crate::lint::shell::Word = target;
            operator == "2>&" && target.text == "1"
        };
        command.name() == "exec" && command.depth == 0 && command.redirections.iter().any(joined)
    };
    if !script.commands.iter().any(joins) {
        findings.add(&STANDARD_ERROR, &script.path, "nothing sends standard error to the log");
    }
}
