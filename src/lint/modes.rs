//! Who may run, write and read what.

use camino::Utf8Path;

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};
use super::snapshot::{Kind, Node};
use crate::layout;

pub(super) static NOT_EXECUTABLE: Rule = Rule {
    code: "HS018",
    title: "a script that cannot be executed",
    severity: Severity::Error,
    why: "s6-supervise runs it by execve, which refuses; the service stays down, or its finish script never runs.",
    page: "servicedir",
    mend: "chmod 755 it.",
};

pub(super) static WRITABLE: Rule = Rule {
    code: "HS019",
    title: "others than its owner may write it",
    severity: Severity::Error,
    why: "Root's s6-supervise runs what lies here: whoever may write it is root.",
    page: "servicedir",
    mend: "chmod go-w it.",
};

pub(super) static FOREIGN_OWNER: Rule = Rule {
    code: "HS020",
    title: "part of root's slot that is not root's",
    severity: Severity::Error,
    why: "Its owner can change what root's s6-supervise runs or reads.",
    page: "s6-svperms",
    mend: "chown root it; to let a group control the service use s6-svperms.",
};

pub(super) static READABLE_SECRET: Rule = Rule {
    code: "HS021",
    title: "environment values that everybody may read",
    severity: Severity::Error,
    why: "Tokens and keys are handed to gateways in `env`; every user of the machine can read them.",
    page: "s6-envdir",
    mend: "chmod 750 the `env` directory and 640 its files, with the run user's group.",
};

/// Names that values are secret of.
const SECRET: [&str; 6] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];

pub(super) fn check(service: &Service, findings: &mut Findings) {
    let runs = ["run", "finish", "log/run", "log/finish"];
    for path in runs.into_iter().filter(|_| service.role != Role::Definition) {
        if let Some(node) = service.tree.get(path).filter(|node| matches!(node.kind, Kind::File(_))) {
            check_executable(path.into(), node, findings);
        }
    }
    let base = service.tree.get("").and_then(|node| node.owner);
    for path in std::iter::once(Utf8Path::new("")).chain(service.tree.iter().map(|(path, _)| path)) {
        let Some(node) = service.tree.get(path) else { continue };
        // A fifodir is for others to write, and so is what operators lock; a link has no mode of its own.
        let is_shared = path.file_name() == Some("event") || path == layout::LOCK;
        if is_shared || matches!(node.kind, Kind::Link { .. }) {
            continue;
        }
        if is_writable(node, service.is_gateway(), service.is_checkout) {
            findings.add(&WRITABLE, path, format!("has mode {:04o}", node.mode));
        }
        if let (Some((0, _)), Some((uid, _)), true) = (base, node.owner, service.is_gateway())
            && uid != 0
        {
            findings.add(&FOREIGN_OWNER, path, format!("belongs to user {uid}"));
        }
    }
    check_environment(service, findings);
}

/// What its owner alone may run is fine for its owner's s6-supervise.
pub(super) fn check_executable(path: &Utf8Path, node: &Node, findings: &mut Findings) {
    if node.mode & 0o100 == 0 {
        findings.add(&NOT_EXECUTABLE, path, format!("has mode {:04o}", node.mode));
    }
}

/// A group may be the owner's own; strict is for what is rendered without such a bit. A checkout's group bits are
/// the umask of whoever made it.
pub(super) fn is_writable(node: &Node, is_strict: bool, is_checkout: bool) -> bool {
    let of_others = node.owner.is_none_or(|(uid, gid)| gid != 0 && gid != uid);
    node.mode & 0o002 != 0 || node.mode & 0o020 != 0 && !is_checkout && (is_strict || of_others)
}

fn check_environment(service: &Service, findings: &mut Findings) {
    let is_open = service.tree.get("env").is_some_and(|node| node.mode & 0o005 != 0);
    for (name, node) in service.tree.within("env") {
        let is_secret = SECRET.iter().any(|word| name.to_ascii_uppercase().contains(word));
        let matters = is_secret || service.is_gateway() && !service.is_checkout;
        if is_open && matters && node.mode & 0o004 != 0 && matches!(node.kind, Kind::File(_)) {
            findings.add(&READABLE_SECRET, format!("env/{name}"), format!("has mode {:04o}", node.mode));
        }
    }
}
