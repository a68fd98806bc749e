//! What nobody needs any more.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::layout::UNFINISHED;

pub(super) const ORPHANS: Check = Check { code: "HD017", name: "orphans", look: orphans };
pub(super) const LEFTOVERS: Check = Check { code: "HD018", name: "leftovers", look: leftovers };

fn orphans(scene: &Scene) -> Result<Verdict> {
    // Without a home every slot would look like one.
    scene.survey()?;
    let home = scene.home()?;
    let mut orphans = Vec::new();
    for profile in scene.scandir()?.slots()? {
        let is_gone = home.has_lost(&profile).unwrap_or(false);
        orphans.extend(is_gone.then(|| profile.to_string()));
    }
    let advice = format!("hermes-s6gen unregister {}", orphans.join(" "));
    Ok(Verdict::none_of(&orphans, "every slot has its profile", "slots whose profile is gone: ", advice))
}

fn leftovers(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    let mut left: Vec<_> = scandir.leftovers()?.iter().map(ToString::to_string).collect();
    let slots = scandir.slots()?.into_iter().map(|profile| scandir.slot(&profile));
    left.extend(slots.filter(|slot| slot.join(UNFINISHED).exists()).map(|slot| slot.to_string()));
    let advice = "hermes-s6gen reconcile, which sweeps them and finishes what they were";
    Ok(Verdict::none_of(&left, "no run was interrupted", "left by an interrupted run: ", advice))
}
