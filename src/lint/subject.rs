//! What a path is.

use anyhow::Result;
use camino::Utf8Path;

use super::finding::Finding;
use super::place::Place;
use super::service::Role;
use super::snapshot::Snapshot;
use super::{image, scan, source};
use crate::error::Fault;

/// Lints whatever `path` is.
pub(super) fn lint(path: &Utf8Path) -> Result<Vec<Finding>> {
    let place = Place::open(path)?;
    let names = place.names()?;
    if !place.name().starts_with("gateway-") && image::is_image(&place)? {
        return image::lint(&place);
    }
    if is_definition(path, &place, &names) {
        return place.service_as(Role::Definition)?.lint();
    }
    if is_service(&place, &names) {
        return place.service()?.lint();
    }
    if is_set(&place)? {
        return source::lint(&place);
    }
    if scan::is_scan_directory(&place)? {
        return scan::lint(&place);
    }
    let cause = format!("lint {path}: is no service directory, scan directory, image root or source for s6-rc");
    Err(Fault::failed(cause).advise("name the directory that has `run` in it, or the one above").into())
}

fn is_service(place: &Place, names: &Snapshot) -> bool {
    let is_run = names.has("run") && !names.is_directory("run");
    let looks = ["finish", "notification-fd", "supervise"].iter().any(|name| names.has(name));
    is_run || looks || place.name().starts_with("gateway-") || names.is_directory("data") && names.is_directory("log")
}

/// Only s6-rc reads `type`, but rendered slots have one too.
fn is_definition(path: &Utf8Path, place: &Place, names: &Snapshot) -> bool {
    let word = names.file("type").map(|file| String::from_utf8_lossy(&file.bytes).trim().to_owned());
    let own = ["up", "dependencies.d", "dependencies", "contents.d", "contents", "producer-for", "consumer-for"];
    let in_set = path.canonicalize_utf8().ok().is_some_and(|real| {
        real.parent().and_then(Utf8Path::file_name).is_some_and(|name| matches!(name, "s6-rc.d" | "user-bundles.d"))
    });
    let is_slot = place.name().starts_with("gateway-") || names.has("log") || names.has("supervise");
    match word.as_deref() {
        Some("oneshot" | "bundle") => !is_slot,
        Some(_) => !is_slot && (in_set || own.iter().any(|name| names.has(name))),
        None => false,
    }
}

fn is_set(place: &Place) -> Result<bool> {
    for name in place.directories()? {
        let inner = place.below(&name)?;
        // Whoever names a whole machine names /proc too.
        let Ok(names) = inner.names() else { continue };
        let shown = inner.shown().to_owned();
        if !name.starts_with('.') && is_definition(&shown, &inner, &names) {
            return Ok(true);
        }
    }
    Ok(false)
}
