//! Names of service directories.

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};

pub(super) static NO_PROFILE: Rule = Rule {
    code: "HS010",
    title: "the slot of a profile that cannot be",
    severity: Severity::Error,
    why: "Profile names are lower-case letters, digits, - and _; no verb of this program finds such a slot, and s6-svscan \
          starts it all the same.",
    page: "s6-svscan",
    mend: "Remove it, and register the profile by its real name.",
};

pub(super) static TOO_LONG: Rule = Rule {
    code: "HS011",
    title: "a name that s6-svscan does not take",
    severity: Severity::Error,
    why: "s6-svscan ignores names of more than 251 bytes; the service never starts.",
    page: "s6-svscan",
    mend: "Give it a shorter name.",
};

pub(super) static AWKWARD: Rule = Rule {
    code: "HS012",
    title: "a name that scripts and s6 programs stumble over",
    severity: Severity::Warning,
    why: "A blank, a control character or a byte that is no UTF-8 breaks scripts that list services; s6-svc takes a name \
          that begins with - for an option.",
    page: "s6-svc",
    mend: "Use letters, digits, - and _, beginning with a letter or digit.",
};

/// The longest name that s6-svscan takes.
const NAME_MAX: usize = 251;

pub(super) fn check(service: &Service, findings: &mut Findings) {
    let name = &*service.name;
    if name.len() > NAME_MAX {
        return findings.add(&TOO_LONG, "", format!("its name has {} bytes", name.len()));
    }
    if service.role == Role::Gateway(None) {
        return findings.add(&NO_PROFILE, "", format!("no profile can be called {:?}", &name["gateway-".len()..]));
    }
    let awkward = |char: char| char.is_whitespace() || char.is_control() || char == '\u{fffd}';
    if name.starts_with('-') || name.contains(awkward) {
        findings.add(&AWKWARD, "", format!("is called {name:?}"));
    }
}
