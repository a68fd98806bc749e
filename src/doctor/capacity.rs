//! How many gateways there may be.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::s6::Scanner;

pub(super) const CAPACITY: Check = Check { code: "HD021", name: "capacity", look };

/// More than any s6-svscan takes.
const MANY: usize = 100_000;

fn look(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    let room = Scanner::of(scandir.path())?.room(scandir.s6(), scandir.load()?, MANY, scene.deadline)?;
    let slots = scandir.slots()?;
    let fits = format!("{} of {} gateways", slots.len(), slots.len() + room);
    // The home may be out of reach; how much room there is can be told all the same.
    let profiles = scene.survey().map_or(&[][..], |survey| &survey.profiles);
    let outside: Vec<_> = profiles.iter().filter(|profile| !slots.contains(profile)).collect();
    if outside.len() <= room {
        return Ok(Verdict::Fine(fits));
    }
    let what = format!("{fits}, and {} profiles have none yet", outside.len());
    Ok(Verdict::trouble(what, "give s6-svscan a larger -C (-c before 2.12) and a larger limit of open files"))
}
