//! Scan directories.

use anyhow::Result;

use super::finding::{Finding, Findings};
use super::layout;
use super::modes;
use super::names;
use super::place::Place;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};
use super::snapshot::Kind;
use crate::parallel;
use crate::profile::ProfileName;

pub(super) static DANGLING_LINK: Rule = Rule {
    code: "HS013",
    title: "a dangling link in a scan directory",
    severity: Severity::Error,
    why: "Since 2.12 s6-svscan gives up its whole scan when it cannot look at one entry: nothing new starts, and nothing \
          that was removed is stopped.",
    page: "s6-svscan",
    mend: "Remove it, and run `s6-svscanctl -an`.",
};

pub(super) static LEFTOVER: Rule = Rule {
    code: "HS014",
    title: "a copy of a service that is a service too",
    severity: Severity::Error,
    why: "s6-svscan supervises every directory whose name has no dot at its beginning: a back-up or a half-written slot \
          runs beside the real one.",
    page: "s6-svscan",
    mend: "Remove it; give what is being made a name that begins with a dot.",
};

pub(super) static STAGED: Rule = Rule {
    code: "HS015",
    title: "something staged and never published",
    severity: Severity::Info,
    why: "A slot under a name with a dot is being published or removed. When it stays, a publication was interrupted.",
    page: "s6-svscan",
    mend: "When nothing is being published, remove it.",
};

pub(super) static GATEWAY_LINK: Rule = Rule {
    code: "HS016",
    title: "a gateway's slot that is no directory",
    severity: Severity::Error,
    why: "Slots are directories of root's. A link is followed to wherever it points, and a file is ignored by s6-svscan; no \
          verb of this program takes either for a slot.",
    page: "s6-svscan",
    mend: "Remove it, and register the profile.",
};

pub(super) static TOO_MANY: Rule = Rule {
    code: "HS017",
    title: "more services than s6-svscan takes",
    severity: Severity::Warning,
    why: "s6-svscan takes 1000 services unless told otherwise, each logger is one, and with one too many none of the new \
          ones starts.",
    page: "s6-svscan",
    mend: "Remove some, or start s6-svscan with a greater -C.",
};

/// `services_max` of an s6-svscan that was not told otherwise.
const SERVICES_MAX: usize = 1000;

/// Lints a scan directory and every service in it.
pub(super) fn lint(place: &Place) -> Result<Vec<Finding>> {
    let tree = place.names()?;
    let mut findings = Findings::below(place.shown());
    if tree.get("").is_some_and(|node| modes::is_writable(node, false, place.is_checkout())) {
        findings.add(&modes::WRITABLE, "", "others may put services there");
    }
    let mut services = 0;
    let mut inner: Vec<Service> = Vec::new();
    for (name, node) in tree.within("") {
        let is_gateway = name.starts_with("gateway-");
        match node.kind {
            // Such a name cannot be looked up again.
            _ if name.contains('\u{fffd}') => findings.add(&names::AWKWARD, name, "has a name that is not UTF-8"),
            Kind::Link { .. } if name.starts_with('.') => {}
            Kind::Link { .. } if place.dangles(name, &node.kind) => {
                findings.add(&DANGLING_LINK, name, "points to nothing");
            }
            Kind::Link { .. } if is_gateway => findings.add(&GATEWAY_LINK, name, "is a link"),
            Kind::Link { .. } => services += 1,
            Kind::Directory if name == ".s6-svscan" => {}
            Kind::Directory if name.starts_with('.') => {
                let is_service = place.below(name)?.names()?.has("run");
                is_service.then(|| findings.add(&STAGED, name, "holds a service"));
            }
            Kind::Directory => {
                let service = place.below(name)?.service()?;
                services += 1 + usize::from(service.tree.is_directory("log"));
                let is_stray = service.is_gateway() && !is_gateway;
                if is_stray || is_leftover(name) && service.tree.has("run") {
                    findings.add(&LEFTOVER, name, "is supervised like any other");
                } else {
                    inner.push(service);
                }
            }
            _ if is_gateway => findings.add(&GATEWAY_LINK, name, "is not a directory"),
            _ => {}
        }
    }
    if services > SERVICES_MAX {
        findings.add(&TOO_MANY, "", format!("has {services} services, loggers counted"));
    }
    let mut findings = findings.into_vec();
    // Most of the time goes to the programs that read the scripts.
    for found in parallel::map(inner, parallel::processors(), |service| service.lint()) {
        findings.append(&mut found?);
    }
    Ok(findings)
}

/// Whether people and programs give such names to copies.
fn is_leftover(name: &str) -> bool {
    let copies = ["tmp", "new", "old", "bak", "backup", "orig", "save", "staging", "staged", "trash", "copy"];
    let is_copy = |suffix: &str| copies.contains(&suffix);
    let is_numbered = |suffix: &str| name.starts_with("gateway-") && suffix.bytes().all(|byte| byte.is_ascii_digit());
    let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix);
    let is_whole = matches!(Role::of(name, &super::snapshot::Snapshot::default()), Role::Gateway(Some(_)));
    !is_whole && (name.ends_with('~') || suffix.is_some_and(|suffix| is_copy(suffix) || is_numbered(suffix)))
}

/// Whether the entries of a directory make it a scan directory.
pub(super) fn is_scan_directory(place: &Place) -> Result<bool> {
    let tree = place.names()?;
    if tree.is_directory(".s6-svscan") {
        return Ok(true);
    }
    for (name, node) in tree.within("") {
        if ProfileName::of_slot(name.as_ref()).is_some() {
            return Ok(true);
        }
        if matches!(node.kind, Kind::Directory) && !name.starts_with('.') && !name.contains('\u{fffd}') {
            let inner = place.below(name)?.names()?;
            if inner.file("run").is_some() || layout::FILES.iter().any(|file| *file != "type" && inner.has(file)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_told_from_services() {
        for name in ["gateway-coder.tmp", "gateway-coder~", "gateway-coder.1234", "web.bak", "web.old"] {
            assert!(is_leftover(name), "{name}");
        }
        for name in ["gateway-coder", "gateway-tmp", "php8.2", "web", "tmp", "a.b"] {
            assert!(!is_leftover(name), "{name}");
        }
    }
}
