//! Finish scripts, which have five seconds.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{Command, Word};
use crate::policy::Policy;

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

pub(in crate::lint) static POLICY: Rule = Rule {
    code: "HS073",
    title: "a gateway without the exit policy",
    severity: Severity::Error,
    why: "78 has to keep a gateway down, as no restart mends a configuration; 75 asks for a restart; a clean exit means down \
          only when a stop was recorded. Otherwise gateways restart for ever, or do not come back.",
    page: "servicedir",
    mend: "Render the slot again.",
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
    if script.is_gateways() && !script.is_of_logger() {
        check_policy(script, findings);
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

fn check_policy(script: &Script, findings: &mut Findings) {
    let commands = &script.commands;
    let answer = |pattern: &str, code: &str| {
        let is_answer = |command: &Command| {
            let says = command.arguments().first().is_some_and(|word| word.text == code);
            command.patterns.iter().any(|known| known == pattern) && command.name() == "exit" && says
        };
        commands.iter().position(is_answer)
    };
    let asks = commands.iter().position(|command| {
        let words: Vec<&str> = command.program().iter().map(Word::base).collect();
        let is_question = words.windows(3).any(|three| three[0].starts_with("hermes-s6gen") && three[1] == "finish");
        is_question && words.contains(&"with-contenv") && command.conditions.is_empty()
    });
    let runs = commands.iter().position(|command| {
        command.conditions.is_empty() && command.invocation().first().is_some_and(Word::is_all_arguments)
    });
    let passed_on = answer("125", "125");
    let told = [
        (answer("78", "125").is_none(), "78 is not answered by 125"),
        (answer("75", "0").is_none(), "75 is not answered by 0"),
        (
            asks.is_none() || asks >= runs,
            "nobody asks, by the container's environment, whether a clean exit was wanted",
        ),
        (passed_on.is_none() || passed_on < runs, "that a clean exit was wanted is not passed on as 125"),
    ];
    let cap = Cap::of(script);
    let caps = |command: &Command| {
        let words: Vec<&str> = command.program().iter().map(Word::base).collect();
        words.len() > 4
            && words[0] == "s6-permafailon"
            && command.is_exec()
            && cap.as_ref().is_some_and(|cap| cap.is(words[1], words[2]))
    };
    let told = told
        .into_iter()
        .chain([(cap.is_some() && !commands.iter().any(caps), "the cap of data/policy.json is not s6-permafailon's")]);
    for (is_wrong, message) in told {
        if is_wrong {
            findings.add(&POLICY, &script.path, message);
        }
    }
}

/// How many deaths within how many seconds keep the gateway down.
struct Cap {
    deaths: u32,
    seconds: u32,
}

impl Cap {
    /// The one that the slot's policy has, if it has one.
    fn of(script: &Script) -> Option<Self> {
        let file = script.service.tree.file(Policy::FILE)?;
        let policy: Policy = serde_json::from_slice(&file.bytes).ok()?;
        (policy.cap_deaths > 0).then_some(Self { deaths: policy.cap_deaths, seconds: policy.cap_seconds })
    }

    fn is(&self, seconds: &str, deaths: &str) -> bool {
        seconds.parse() == Ok(self.seconds) && deaths.parse() == Ok(self.deaths)
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
