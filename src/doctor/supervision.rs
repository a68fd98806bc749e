//! Whether s6 watches.

use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use camino::Utf8Path;

use super::scene::needs;
use super::{Check, Scene, Verdict};
use crate::s6::{Scanner, listens, supervised};

pub(super) const SCANNER: Check = Check { code: "HD001", name: "supervision", look: scanner };
pub(super) const SLOTS: Check = Check { code: "HD002", name: "slots", look: slots };

fn scanner(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    Verdict::of(Scanner::of(scandir.path()), "s6-svscan listens", "restart the container")
}

fn slots(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    // Whoever may not ask s6-svscan may still ask the supervisors.
    if !listens(&scandir.path().join(".s6-svscan/control")).unwrap_or(true) {
        return Err(needs(&SCANNER));
    }
    let slots = scandir.slots()?;
    let mut alone = Vec::new();
    for profile in &slots {
        let slot = scandir.slot(profile);
        if !(supervised(&slot)? && supervised(&slot.join("log"))?) {
            alone.push(profile.to_string());
        }
    }
    let fine = format!("{} registered, all supervised", slots.len());
    Ok(Verdict::none_of(&alone, &fine, "no s6-supervise watches ", "hermes-s6gen reconcile"))
}

/// Whether s6-svscan is root's, so that root executes what lies in `scandir`.
pub(super) fn is_roots(scandir: &Utf8Path) -> bool {
    std::fs::metadata(scandir.join(".s6-svscan")).is_ok_and(|found| found.uid() == 0)
}
