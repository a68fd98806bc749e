//! The root directory of an image.

use anyhow::Result;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::script::{Script, interpreter};
use super::service::Role;
use super::snapshot::Kind;
use super::{modes, scan, source, text, tools};

const SCAN_DIRECTORIES: [&str; 3] = ["run/service", "etc/services.d", "service"];
const SOURCES: [&str; 3] = ["etc/s6-overlay/s6-rc.d", "etc/s6-overlay/user-bundles.d", "etc/s6-rc/source"];
/// Scripts that s6-overlay runs at boot and at the end.
const HOOKS: [&str; 2] = ["etc/cont-init.d", "etc/cont-finish.d"];

/// Whether something that can be linted is where images have it.
pub(super) fn is_image(place: &Place) -> Result<bool> {
    for path in SCAN_DIRECTORIES.into_iter().chain(SOURCES).chain(HOOKS) {
        // A directory called `service` alone makes no image.
        if path.contains('/') && place.in_image(path)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lints everything that s6 and s6-overlay find in the image.
pub(super) fn lint(place: &Place) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in SCAN_DIRECTORIES {
        if let Some(inner) = place.in_image(path)? {
            findings.extend(scan::lint(&inner)?);
        }
    }
    for path in SOURCES {
        if let Some(inner) = place.in_image(path)? {
            findings.extend(source::lint(&inner)?);
        }
    }
    for path in HOOKS {
        if let Some(inner) = place.in_image(path)? {
            findings.extend(lint_hooks(inner)?);
        }
    }
    Ok(findings)
}

fn lint_hooks(place: Place) -> Result<Vec<Finding>> {
    let hooks = place.service_as(Role::Other)?;
    let mut findings = Findings::below(&hooks.shown);
    for (path, node) in hooks.tree.iter().filter(|(path, _)| path.components().count() == 1) {
        let Kind::File(file) = &node.kind else { continue };
        if path.as_str().starts_with('.') || file.is_program() || !file.is_whole() {
            continue;
        }
        modes::check_executable(path, node, &mut findings);
        if modes::is_writable(node, false, hooks.is_checkout) {
            findings.add(&modes::WRITABLE, path, format!("has mode {:04o}", node.mode));
        }
        text::check_bytes(path, &file.bytes, &mut findings);
        let script = Script::new(&hooks, path.to_owned(), &file.bytes);
        interpreter::check(&script, &mut findings);
        if script.interpreter.as_ref().is_some_and(interpreter::Interpreter::is_sh) {
            tools::check_syntax(&script, &mut findings)?;
        }
    }
    Ok(findings.into_vec())
}
