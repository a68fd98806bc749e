//! Finish scripts, which have five seconds.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::Command;

pub(in crate::lint) static SLEEP: Rule = Rule {
    code: "HS052",
    title: "a finish script that sleeps",
    severity: Severity::Error,
    why: "s6-supervise kills it when its time is over, 5 seconds without `timeout-finish`; meanwhile the service obeys nobody.",
    page: "servicedir",
    mend: "Remove it: `run` backs off by itself, and obeys while it waits.",
};

pub(in crate::lint) static SLOW: Rule = Rule {
    code: "HS053",
    title: "a finish script that may take longer than it has",
    severity: Severity::Warning,
    why: "What loops, waits for others or asks a network is killed after 5 seconds, in the middle of its work.",
    page: "servicedir",
    mend: "Leave in `finish` what is sure to be short, and do the rest elsewhere.",
};

pub(in crate::lint) static ALWAYS_DOWN: Rule = Rule {
    code: "HS054",
    title: "a finish script that always says 125",
    severity: Severity::Error,
    why: "125 tells s6-supervise never to start the service again: after its first death it stays down.",
    page: "servicedir",
    mend: "Say 125 for the exit codes that no restart mends, and 0 for the others.",
};

const SLOW_PROGRAMS: [&str; 12] = [
    "wait",
    "s6-svwait",
    "s6-svlisten",
    "s6-svlisten1",
    "curl",
    "wget",
    "nc",
    "ssh",
    "tail",
    "inotifywait",
    "flock",
    "read",
];

pub(super) fn check(script: &Script, findings: &mut Findings) {
    if !script.is_finish() {
        return;
    }
    for command in &script.commands {
        let Some(program) = command.program().first() else { continue };
        if matches!(program.base(), "sleep" | "s6-sleep" | "usleep")
            && (script.is_gateways() || is_long(script, command))
        {
            findings.add_at(&SLEEP, &script.path, command.line, "sleeps");
        } else if script.is_gateways() {
            let loops = matches!(command.keyword, Some("while" | "until"));
            if loops || SLOW_PROGRAMS.contains(&program.base()) {
                let what = if loops { "loops" } else { program.base() };
                findings.add_at(&SLOW, &script.path, command.line, format!("{what} may take long"));
            }
        }
    }
    let last = script.commands.last().filter(|command| command.depth == 0 && command.name() == "exit");
    if let Some(last) = last.filter(|command| command.arguments().first().is_some_and(|word| word.text == "125")) {
        let is_only_way = script.commands.iter().filter(|command| command.name() == "exit").count() == 1;
        if is_only_way {
            findings.add_at(&ALWAYS_DOWN, &script.path, last.line, "says 125 whatever happened");
        }
    }
}

/// Whether it sleeps for as long as the script has, or for ever.
fn is_long(script: &Script, command: &Command) -> bool {
    let limit =
        script.service.tree.file("timeout-finish").map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let limit = limit.and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(5000.0) / 1000.0;
    let seconds = command.program().get(1).filter(|word| word.is_literal()).map(|word| word.text.parse::<f64>());
    limit > 0.0 && seconds.is_some_and(|seconds| seconds.map_or(true, |seconds| seconds >= limit))
}
