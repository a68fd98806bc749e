//! The built-in templates, filled with the worst values that they may meet.

use anyhow::Result;
use camino::Utf8PathBuf;

use super::finding::Finding;
use super::service::{Role, Service};
use super::snapshot::Snapshot;
use crate::environment::Environment;
use crate::policy::Policy;
use crate::profile::ProfileName;
use crate::render::render;
use crate::spec::{Host, LogLimits, Spec};

/// Values that only quotes keep from meaning something.
const HOSTILE: &str = "a b'c\"d`id`$(id)\\;&|<>*?[x]~#%\t{{ }} é\u{202e}";

/// Lints every template, rendered with every sample.
pub(super) fn lint() -> Result<Vec<Finding>> {
    let longest = "a".repeat(ProfileName::MAX);
    let mut findings = Vec::new();
    for host in hosts() {
        for name in ["default", "coder", "0-_", "my-profile", &longest] {
            for up in [true, false] {
                let profile = ProfileName::parse(name.as_ref())?;
                let spec = Spec {
                    profile: profile.clone(),
                    up,
                    environment: environment()?,
                    served_by_default: false,
                    not_before: None,
                };
                let service = Service {
                    shown: Utf8PathBuf::from("built-in").join(profile.slot()),
                    name: profile.slot(),
                    tree: Snapshot::of_tree(&render(&spec, &host)?),
                    role: Role::Gateway(Some(profile)),
                    is_checkout: false,
                    root: None,
                };
                findings.extend(service.lint()?);
            }
        }
    }
    Ok(findings)
}

/// A usual machine, and one where everything has an odd name.
fn hosts() -> [Host; 2] {
    let usual = Host {
        s6_bin: "/command".into(),
        program: "/usr/local/bin/hermes-s6gen".into(),
        user: "hermes".to_owned(),
        policy: Policy::default(),
        log: LogLimits { files: 10, bytes: 1_000_000 },
    };
    let odd = Host {
        s6_bin: format!("/{HOSTILE}/bin").into(),
        program: format!("/{HOSTILE}/hermes-s6gen").into(),
        user: HOSTILE.to_owned(),
        policy: Policy { cap_deaths: 100, ..usual.policy },
        log: LogLimits { files: 1, bytes: 268_435_455 },
    };
    [usual, odd]
}

fn environment() -> Result<Environment> {
    let assignments =
        ["PATH=/opt/data/bin:", "LD_PRELOAD=/opt/data/x.so", "IFS=\n", "EMPTY=", "OPENAI_API_KEY=$(id)\r\n", "_=`id`"];
    let hostile = format!("HOSTILE={HOSTILE}");
    Environment::collect(None, &assignments.into_iter().chain([&*hostile]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_built_in_templates_break_no_rule() {
        assert_eq!(super::lint().unwrap(), []);
    }
}
