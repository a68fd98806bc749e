//! What a service directory has to have, may have and must not have.

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::script;
use super::service::{Role, Service};
use super::snapshot::Kind;

pub(super) static NO_RUN: Rule = Rule {
    code: "HS001",
    title: "a service without a run script",
    severity: Severity::Error,
    why: "s6-supervise has nothing to start and tries again for ever; the service stays down.",
    page: "servicedir",
    mend: "Write `run`, or render the slot again.",
};

pub(super) static NO_LOGGER: Rule = Rule {
    code: "HS002",
    title: "a service without the logger that it should have",
    severity: Severity::Error,
    why: "What the service writes has no reader: its pipe fills up, and then it hangs. Every gateway has a logger.",
    page: "servicedir",
    mend: "Write `log/run`, or render the slot again.",
};

pub(super) static UNKNOWN_FILE: Rule = Rule {
    code: "HS003",
    title: "a file that no gateway has",
    severity: Severity::Warning,
    why: "s6-supervise may give a meaning to any name in a later version; only `data` and `env` are promised to be ours.",
    page: "servicedir",
    mend: "Remove it, or move it to `data`.",
};

pub(super) static MISSPELLED_FILE: Rule = Rule {
    code: "HS004",
    title: "a file whose name is nearly one that s6 reads",
    severity: Severity::Warning,
    why: "s6-supervise reads exact names only: a misspelled setting is no setting.",
    page: "servicedir",
    mend: "Give it the name that the finding tells.",
};

pub(super) static LINK: Rule = Rule {
    code: "HS005",
    title: "a link in a gateway's service directory",
    severity: Severity::Error,
    why: "Root's s6-supervise follows it, and whoever can write its target decides what root runs.",
    page: "servicedir",
    mend: "Replace it with the file that it points to.",
};

pub(super) static WRONG_KIND: Rule = Rule {
    code: "HS006",
    title: "a directory, FIFO or device where s6 reads a file, or the reverse",
    severity: Severity::Error,
    why: "s6-supervise cannot read it, or waits for a writer that never comes.",
    page: "servicedir",
    mend: "Remove it and make what the finding names.",
};

pub(super) static FORBIDDEN_FILE: Rule = Rule {
    code: "HS007",
    title: "a setting that gateways do not bear",
    severity: Severity::Error,
    why: "With `lock-fd` a gateway waits for ever for the old one that only its own `--replace` would end; in a PID \
          namespace of its own it records a pid that nobody else knows.",
    page: "servicedir",
    mend: "Remove it.",
};

pub(super) static NESTED_LOGGER: Rule = Rule {
    code: "HS008",
    title: "a logger of a logger",
    severity: Severity::Warning,
    why: "A logger cannot be logged: s6-svscan does not look at `log/log`, and nothing in it ever runs.",
    page: "servicedir",
    mend: "Remove `log/log`.",
};

pub(super) static TOO_LARGE: Rule = Rule {
    code: "HS009",
    title: "a file that is too large to be what its name says",
    severity: Severity::Warning,
    why: "No script or setting has more than 1 MiB; it was not looked at to its end.",
    page: "servicedir",
    mend: "See what wrote it, and write it anew.",
};

/// Regular files that s6-supervise reads or runs.
pub(super) const FILES: [&str; 13] = [
    "run",
    "finish",
    "down",
    "type",
    "notification-fd",
    "lock-fd",
    "timeout-kill",
    "timeout-finish",
    "max-death-tally",
    "down-signal",
    "reload-signal",
    "flag-timeout-killpg",
    "flag-newpidns",
];

/// Regular files of a definition for s6-rc-compile.
const SOURCE_FILES: [&str; 9] = [
    "up",
    "flag-essential",
    "flag-recommended",
    "timeout-up",
    "timeout-down",
    "producer-for",
    "consumer-for",
    "pipeline-name",
    "contents",
];

const DIRECTORIES: [&str; 5] = ["data", "env", "event", "supervise", "log"];
const SOURCE_DIRECTORIES: [&str; 4] = ["data", "env", "dependencies.d", "contents.d"];

pub(super) fn check(service: &Service, findings: &mut Findings) {
    if service.role != Role::Definition {
        check_scripts(service, findings);
    }
    for (path, node) in service.tree.iter() {
        let below = path.strip_prefix("log").unwrap_or(path);
        let is_own = below.components().count() == 1 && (below != "log" || below == path);
        match node.kind {
            // Whose own tree it is may link as s6's page says; a gateway's is rendered, and has none.
            Kind::Link { .. } if service.is_gateway() => {
                findings.add(&LINK, path, "is a symbolic link");
            }
            _ if is_own && service.is_service_part(path) => check_name(service, below.as_str(), path, findings),
            Kind::Special if service.is_gateway() => findings.add(&WRONG_KIND, path, "is neither file nor directory"),
            _ => {}
        }
        let reads = service.is_gateway() || is_own;
        if service.tree.file(path).is_some_and(|file| file.is_too_large() && !file.is_program()) && reads {
            findings.add(&TOO_LARGE, path, "is larger than 1 MiB");
        }
    }
    if service.tree.is_directory("log/log") && service.role != Role::Definition {
        findings.add(&NESTED_LOGGER, "log/log", "is never supervised");
    }
}

fn check_scripts(service: &Service, findings: &mut Findings) {
    if service.is_gateway() && !service.tree.has("finish") {
        findings.add(&script::finish::POLICY, "", "has no finish");
    }
    if !service.tree.has("run") {
        findings.add(&NO_RUN, "", "has no run");
    }
    // Other people's packages have an empty `log` that somebody fills later.
    let is_begun = service.tree.within("log").next().is_some();
    if (service.is_gateway() || is_begun) && !service.tree.has("log/run") {
        let what = if service.tree.has("log") { "its log has no run" } else { "has no log/run" };
        findings.add(&NO_LOGGER, "", what);
    }
}

fn check_name(service: &Service, name: &str, path: &camino::Utf8Path, findings: &mut Findings) {
    let Some(node) = service.tree.get(path) else { return };
    let is_definition = service.role == Role::Definition;
    let is_file = FILES.contains(&name) || is_definition && SOURCE_FILES.contains(&name);
    let directories: &[&str] = if is_definition { &SOURCE_DIRECTORIES } else { &DIRECTORIES };
    // `down` of a oneshot is a command line, and `type` is s6-rc's word for all.
    match node.kind {
        Kind::Link { .. } => {}
        Kind::File(_) if directories.contains(&name) => findings.add(&WRONG_KIND, path, "is not a directory"),
        Kind::Directory | Kind::Special if is_file => findings.add(&WRONG_KIND, path, "is not a regular file"),
        Kind::Special => findings.add(&WRONG_KIND, path, "is neither file nor directory"),
        _ if service.is_gateway() && matches!(name, "lock-fd" | "flag-newpidns") => {
            findings.add(&FORBIDDEN_FILE, path, format!("{name} is not for gateways"));
        }
        _ if is_file || directories.contains(&name) => {}
        _ => match meant(name) {
            Some(meant) => findings.add(&MISSPELLED_FILE, path, format!("is not read: s6 reads {meant}")),
            None if service.is_gateway() => findings.add(&UNKNOWN_FILE, path, "is nothing that a gateway has"),
            None => {}
        },
    }
}

/// The name that s6 reads and that `name` is nearly.
fn meant(name: &str) -> Option<&'static str> {
    let plain = name.to_ascii_lowercase().replace(['_', ' '], "-");
    let plain = plain.trim_end_matches(".sh").trim_end_matches(".txt");
    let without = |known: &str| known.replace('-', "");
    let same = |known: &&&str| plain == **known || plain.replace('-', "") == without(known) && plain.len() > 6;
    FILES.iter().find(same).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_told_from_strangers() {
        for (name, known) in [
            ("Run", "run"),
            ("run.sh", "run"),
            ("timeout_kill", "timeout-kill"),
            ("notificationfd", "notification-fd"),
            ("max_death_tally", "max-death-tally"),
        ] {
            assert_eq!(meant(name), Some(known), "{name}");
        }
        for name in ["conf", "check", ".meta", "README", "runner", "env.d"] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
