//! The slots of a scan directory as they are.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::scandir::ScanDir;
use crate::deadline::Deadline;
use crate::error::At;
use crate::gateway::Gateway;
use crate::layout::{self, UNFINISHED, services};
use crate::pacing::Pacing;
use crate::parallel::{self, processors};
use crate::plan::Found;
use crate::profile::ProfileName;
use crate::s6::{RESPAWN, S6, arrive, supervised};
use crate::status::Status;
use crate::tree::Tree;
use crate::user::Authority;

/// For one s6-svstat.
const ANSWER: Duration = Duration::from_secs(10);

/// What a survey of the scan directory found.
#[derive(Debug, Default)]
pub struct Slots {
    /// The slots that can be understood.
    pub found: BTreeMap<ProfileName, Found>,
    /// Those that cannot, and why.
    pub troubles: Vec<(ProfileName, anyhow::Error)>,
}

/// Looks at every slot of `scandir`. Who has lost its supervisor only just now is given the time to get another.
///
/// # Errors
/// When the scan directory cannot be read.
pub fn survey(scandir: &ScanDir, authority: &Authority) -> Result<Slots> {
    let profiles = scandir.slots()?;
    let is_waiting = |slot: &Utf8PathBuf| !slot.join(UNFINISHED).exists() && !lives(slot);
    let waiting = profiles.iter().map(|profile| scandir.slot(profile)).filter(is_waiting);
    drop(arrive(waiting.flat_map(services).collect(), Deadline::after(RESPAWN))?);
    let mut slots = Slots::default();
    let found = parallel::map(profiles, processors(), |profile| {
        let found = look(scandir, authority, &scandir.slot(&profile));
        (profile, found)
    });
    for (profile, found) in found {
        match found {
            Ok(found) => drop(slots.found.insert(profile, found)),
            // Somebody unregistered it meanwhile.
            Err(_) if scandir.has(&profile).is_ok_and(|has| !has) => {}
            Err(trouble) => slots.troubles.push((profile, trouble)),
        }
    }
    Ok(slots)
}

fn look(scandir: &ScanDir, authority: &Authority, slot: &Utf8Path) -> Result<Found> {
    let has = |name: &str| slot.join(name).try_exists().at("stat", slot.join(name));
    let lives = lives(slot) && !has(UNFINISHED)?;
    Ok(Found {
        tree: Tree::read(slot, layout::is_state)?,
        normally_up: !has("down")?,
        wanted_up: lives && wanted_up(scandir.s6(), slot)?,
        runs: Gateway::of(authority, slot)?.is_some(),
        lives,
    })
}

fn wanted_up(s6: &S6, slot: &Utf8Path) -> Result<bool> {
    let pacing = Pacing::of_slot(slot);
    Ok(Status::ask(s6, slot, &pacing, Deadline::after(ANSWER))?.wanted())
}

/// Whether there is a finished slot for `profile`, and it is supervised.
///
/// # Errors
/// When this cannot be known.
pub fn is_live(scandir: &ScanDir, profile: &ProfileName) -> Result<bool> {
    Ok(scandir.has_registered(profile)? && lives(&scandir.slot(profile)))
}

/// Whether service and logger are supervised. Whoever may not ask cannot say that they are not.
pub(super) fn lives(slot: &Utf8Path) -> bool {
    services(slot.to_owned()).iter().all(|service| supervised(service).unwrap_or(true))
}
