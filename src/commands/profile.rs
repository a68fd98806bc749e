//! `profile created`, `deleted` and `renamed`: what Hermes calls whichever way a profile appears or goes.

use anyhow::Result;

use super::lifecycle;
use crate::cli::{Hook, Profile, Renamed};
use crate::deadline::Deadline;
use crate::error::{At, Fault, exit_of};
use crate::exit::Exit;
use crate::lifecycle::Lifecycle;
use crate::manager::under_s6;
use crate::output::print;
use crate::profile::{Intent, ProfileName, forget_renaming, has_renaming, note_renaming, record, recorded};
use crate::s6::SvStat;
use crate::settings::Settings;

pub(super) fn profile(settings: &Settings, verb: &Profile) -> Result<Exit> {
    // Hermes calls these on every host, and only s6 has slots.
    if !under_s6(&settings.scandir)? {
        return Ok(Exit::Done);
    }
    match verb {
        Profile::Created(hook) => created(settings, hook),
        Profile::Deleted(hook) => deleted(settings, hook),
        Profile::Renamed(args) => renamed(settings, args),
    }
}

fn created(settings: &Settings, hook: &Hook) -> Result<Exit> {
    let profile = ProfileName::parse(&hook.name)?;
    let lifecycle = lifecycle(settings, hook.grace, hook.wait.timeout, &hook.scripts)?;
    if let Some(registration) = lifecycle.provide(&profile).at("register", &profile)? {
        print(&format!("registered {profile}{registration}\n"))?;
    }
    Ok(Exit::Done)
}

/// Afterwards nothing of the gateway runs and nothing brings it back, so the directory can go.
fn deleted(settings: &Settings, hook: &Hook) -> Result<Exit> {
    let profile = ProfileName::parse(&hook.name)?;
    if profile.is_default() {
        return Err(Fault::failed("delete default: the root home's own profile stays").into());
    }
    let lifecycle = lifecycle(settings, hook.grace, hook.wait.timeout, &hook.scripts)?;
    let recorded = lifecycle.home.in_profile(&profile, |directory| record(directory, Intent::Stopped));
    lifecycle.unregister(&profile).at("unregister", &profile)?;
    // From here on it is a profile no more, even where its directory cannot be removed to the end.
    let disowned = recorded.and_then(|()| lifecycle.home.disown(&profile));
    // A directory that has gone already needs no record.
    disowned.or_else(|error| if exit_of(&error) == Exit::NoSuch { Ok(()) } else { Err(error) })?;
    print(&format!("unregistered {profile}\n"))?;
    Ok(Exit::Done)
}

/// The directory has its new name already, and what was wanted of the gateway lies in it.
fn renamed(settings: &Settings, args: &Renamed) -> Result<Exit> {
    let old = ProfileName::parse(&args.old)?;
    let new = ProfileName::parse(&args.new.name)?;
    let lifecycle = lifecycle(settings, args.new.grace, args.new.wait.timeout, &args.new.scripts)?;
    lifecycle.home.require(&new)?;
    let wanted = wanted(&lifecycle, &old, &new)?;
    if wanted {
        lifecycle.home.in_profile(&new, |directory| note_renaming(directory, &old))?;
    }
    lifecycle.unregister(&old).at("unregister", &old)?;
    lifecycle.provide(&new).at("register", &new)?;
    if wanted {
        lifecycle.home.in_profile(&new, |directory| {
            record(directory, Intent::Running)?;
            forget_renaming(directory)
        })?;
    }
    print(&format!("renamed {old} to {new}\n"))?;
    if wanted {
        let outcome = lifecycle.start(&new).at("start", &new)?;
        print(&format!("{new} {outcome}\n"))?;
    }
    Ok(Exit::Done)
}

/// Whether the gateway of `new` is to run. An interrupted run has left a note; otherwise the supervisor of `old` knows
/// whether it did, in this container; and where there is none any more, what is recorded came along.
fn wanted(lifecycle: &Lifecycle, old: &ProfileName, new: &ProfileName) -> Result<bool> {
    if lifecycle.home.in_profile(new, |directory| has_renaming(directory, old))? {
        return Ok(true);
    }
    let slot = lifecycle.scandir.slot(old);
    if let Some(stat) = SvStat::of(lifecycle.scandir.s6(), &slot, Deadline::after(lifecycle.timeout))? {
        return Ok(stat.wanted_up);
    }
    let desired = lifecycle.home.in_profile(new, |directory| recorded(directory, "desired_state"))?;
    Ok(desired.as_deref() == Some(Intent::Running.as_str()))
}
