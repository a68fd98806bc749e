//! The home made ready: a fixed number of places, and three for every profile.

use std::ffi::OsStr;

use anyhow::Result;
use camino::Utf8Path;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::keeper::{Keeper, Kept};
use super::place::{Kind, Place};
use crate::error::Fault;

/// What a home came to be.
#[derive(Debug, Default)]
pub struct Prepared {
    /// What was given to the run user.
    pub given: Vec<String>,
    /// What could not be given, and can be used all the same.
    pub usable: Vec<String>,
    /// What could be neither.
    pub troubles: Vec<anyhow::Error>,
}

/// Makes the home at `path` ready for `keeper`. One trouble hides no other.
///
/// # Errors
/// When there is no home and none can be made.
pub fn prepare(path: &Utf8Path, keeper: &Keeper) -> Result<Prepared> {
    let mut prepared = Prepared::default();
    let home = Place::at(path)?;
    prepared.give(keeper, &home);
    prepared.file(keeper, &home, "gateway_state.json");
    if let Some(logs) = prepared.directory(keeper, &home, "logs") {
        prepared.directory(keeper, &logs, "gateways");
        prepared.file(keeper, &logs, "container-boot.log");
    }
    if let Some(profiles) = prepared.directory(keeper, &home, "profiles") {
        let names = profiles.names().or_else(|_| keeper.as_run_user(|| profiles.names()));
        for name in prepared.note(names).unwrap_or_default() {
            prepared.profile(keeper, &profiles, &name);
        }
    }
    let reached = keeper.as_run_user(|| reach(path));
    prepared.note(reached);
    Ok(prepared)
}

impl Prepared {
    fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|trouble| self.troubles.push(trouble)).ok()
    }

    fn give(&mut self, keeper: &Keeper, place: &Place) {
        match self.note(keeper.give(place)) {
            Some(Kept::Given) => self.given.push(place.shown.clone()),
            Some(Kept::Usable) => self.usable.push(place.shown.clone()),
            Some(Kept::Already) | None => {}
        }
    }

    /// The directory `name`, which the run user makes itself where it is missing.
    fn directory(&mut self, keeper: &Keeper, above: &Place, name: &str) -> Option<Place> {
        let found = above.below(name.as_ref(), Kind::Directory).and_then(|found| {
            if let Some(place) = found {
                return Ok(place);
            }
            keeper.as_run_user(|| above.make(name))?;
            let made = above.below(name.as_ref(), Kind::Directory)?;
            made.ok_or_else(|| Fault::failed(format!("make {}/{name}: went away", above.shown)).into())
        });
        let place = self.note(found)?;
        self.give(keeper, &place);
        Some(place)
    }

    fn file(&mut self, keeper: &Keeper, above: &Place, name: &str) {
        if let Some(Some(place)) = self.note(above.below(name.as_ref(), Kind::File)) {
            self.give(keeper, &place);
        }
    }

    fn profile(&mut self, keeper: &Keeper, profiles: &Place, name: &OsStr) {
        // A plain file is no profile's, and nobody's business here.
        if let Ok(Some(_)) = profiles.below(name, Kind::File) {
            return;
        }
        if let Some(Some(place)) = self.note(profiles.below(name, Kind::Directory)) {
            self.give(keeper, &place);
            self.file(keeper, &place, "gateway_state.json");
        }
    }
}

/// Fails with the first directory on the way to `path` that this user may not pass.
fn reach(path: &Utf8Path) -> Result<()> {
    let mut way: Vec<_> = path.ancestors().collect();
    way.reverse();
    for step in way {
        accessat(CWD, step.as_str(), Access::EXEC_OK, AtFlags::EACCESS).map_err(|error| {
            let advice = format!("chmod a+x {step}, or have the home elsewhere");
            anyhow::Error::new(error)
                .context(Fault::failed(format!("pass {step}: the run user may not")).advise(advice))
        })?;
    }
    Ok(())
}
