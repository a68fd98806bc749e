//! What a gateway's environment has to have.

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};
use crate::lint::shell::{Command, Word};

pub(in crate::lint) static NO_CONTAINER: Rule = Rule {
    code: "HS067",
    title: "a script without the container's environment",
    severity: Severity::Error,
    why: "s6-svscan's own environment has little more than PATH: tokens and HERMES_HOME, given to the container, would be \
          missing.",
    page: "s6-envdir",
    mend: "After the drop go through `with-contenv`.",
};

pub(in crate::lint) static NOT_SET: Rule = Rule {
    code: "HS068",
    title: "a variable that gateways need is not set",
    severity: Severity::Error,
    why: "HOME and the home have to be the run user's. Without HERMES_S6_SUPERVISED_CHILD `gateway run` hands over to s6 \
          instead of running, and follows the active profile instead of its own.",
    page: "servicedir",
    mend: "Set and export it, or render the slot again.",
};

pub(in crate::lint) static INHERITED: Rule = Rule {
    code: "HS069",
    title: "a listener that a named profile inherits",
    severity: Severity::Error,
    why: "The container's API server and webhook settings are the default gateway's; two gateways cannot listen on one port.",
    page: "servicedir",
    mend: "Unset the variable, and export a port of the profile's own.",
};

const NEEDED: [&str; 4] = ["HERMES_HOME", "HOME", "HERMES_S6_SUPERVISED_CHILD", "HERMES_SUPERVISED_CHILD"];

const LISTENERS: [&str; 14] = [
    "API_SERVER_CORS_ORIGINS",
    "API_SERVER_ENABLED",
    "API_SERVER_HOST",
    "API_SERVER_KEY",
    "API_SERVER_MODEL_NAME",
    "BLUEBUBBLES_WEBHOOK_PORT",
    "FEISHU_WEBHOOK_PORT",
    "MSGRAPH_WEBHOOK_PORT",
    "SMS_WEBHOOK_PORT",
    "TELEGRAM_WEBHOOK_PORT",
    "WEBHOOK_ENABLED",
    "WEBHOOK_PORT",
    "WEBHOOK_SECRET",
    "WHATSAPP_CLOUD_WEBHOOK_PORT",
];

pub(super) fn check(script: &Script, findings: &mut Findings) {
    if !script.is_run() {
        return;
    }
    let mut words = script.commands.iter().flat_map(|command| &command.words);
    if !words.any(|word| word.base() == "with-contenv" || word.base() == "container_environment") {
        findings.add(&NO_CONTAINER, &script.path, "nothing loads the container's environment");
    }
    if script.is_of_logger() {
        return;
    }
    for name in NEEDED {
        if !is_exported(&script.commands, name) {
            findings.add(&NOT_SET, &script.path, format!("{name} is not set and exported"));
        }
    }
    if script.service.profile().is_some_and(|profile| !profile.is_default()) {
        check_listeners(script, findings);
    }
}

fn check_listeners(script: &Script, findings: &mut Findings) {
    let is_unset = |name: &str| {
        let unsets =
            |command: &Command| command.name() == "unset" && command.words.iter().any(|word| word.text == name);
        script.commands.iter().any(unsets)
    };
    for name in LISTENERS.into_iter().filter(|name| !is_unset(name)) {
        findings.add(&INHERITED, &script.path, format!("{name} is inherited"));
    }
    if !is_exported(&script.commands, "API_SERVER_PORT") {
        findings.add(&INHERITED, &script.path, "API_SERVER_PORT is not the profile's own");
    }
}

/// Whether `name` gets a value and is exported.
fn is_exported(commands: &[Command], name: &str) -> bool {
    let sets = |word: &Word| word.assignment().is_some_and(|(set, value)| set == name && !value.is_empty());
    let is_bare = |command: &Command| command.invocation().is_empty() || command.name() == "export";
    let is_set = commands.iter().any(|command| is_bare(command) && command.words.iter().any(sets));
    let exports = |command: &Command| {
        command.name() == "export" && command.arguments().iter().any(|word| word.text == name || sets(word))
    };
    is_set && commands.iter().any(exports)
}
