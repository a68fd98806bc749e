//! The slots of a scan directory as they are.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use camino::Utf8Path;

use super::scandir::ScanDir;
use crate::deadline::Deadline;
use crate::error::At;
use crate::layout::{self, UNFINISHED};
use crate::pacing::Pacing;
use crate::parallel::{self, processors};
use crate::plan::Found;
use crate::profile::ProfileName;
use crate::s6::{Arrival, S6, supervised};
use crate::status::Status;
use crate::tree::Tree;

/// s6-svscan starts a killed s6-supervise again after one second.
const RESPAWN: Duration = Duration::from_secs(3);

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
pub fn survey(scandir: &ScanDir) -> Result<Slots> {
    let profiles = scandir.slots()?;
    let waiting = |profile: &&ProfileName| {
        let slot = scandir.slot(profile);
        !slot.join(UNFINISHED).exists() && !lives(&slot)
    };
    let mut arrival = Arrival::new()?;
    for profile in profiles.iter().filter(waiting) {
        let slot = scandir.slot(profile);
        // Without supervise/ it is no slot of ours, and nothing is to be waited for.
        let _ = arrival.watch(&slot).and_then(|()| arrival.watch(&slot.join("log")));
    }
    drop(arrival.wait(Deadline::after(RESPAWN))?);
    let mut slots = Slots::default();
    let found = parallel::map(profiles, processors(), |profile| {
        let found = look(scandir, &scandir.slot(&profile));
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

fn look(scandir: &ScanDir, slot: &Utf8Path) -> Result<Found> {
    let has = |name: &str| slot.join(name).try_exists().at("stat", slot.join(name));
    let lives = lives(slot) && !has(UNFINISHED)?;
    Ok(Found {
        tree: Tree::read(slot, layout::is_state)?,
        normally_up: !has("down")?,
        wanted_up: lives && wanted_up(scandir.s6(), slot)?,
        lives,
    })
}

fn wanted_up(s6: &S6, slot: &Utf8Path) -> Result<bool> {
    let pacing = Pacing::of_slot(slot);
    Ok(Status::ask(s6, slot, &pacing, SystemTime::now(), Deadline::after(ANSWER))?.wanted())
}

/// Whether there is a finished slot for `profile`, and it is supervised.
///
/// # Errors
/// When this cannot be known.
pub fn is_live(scandir: &ScanDir, profile: &ProfileName) -> Result<bool> {
    let slot = scandir.slot(profile);
    let unfinished = slot.join(UNFINISHED);
    Ok(scandir.has(profile)? && lives(&slot) && !unfinished.try_exists().at("stat", unfinished)?)
}

/// Whether service and logger are supervised. Whoever may not ask cannot say that they are not.
fn lives(slot: &Utf8Path) -> bool {
    [slot.to_owned(), slot.join("log")].iter().all(|service| supervised(service).unwrap_or(true))
}
