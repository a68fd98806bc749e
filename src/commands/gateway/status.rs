//! `gateway status`

use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::named;
use crate::cli::{self, Format};
use crate::deadline::Deadline;
use crate::error::{At, exit_of, report};
use crate::exit::Exit;
use crate::layout;
use crate::output::{Report, Row, print, print_json, table};
use crate::pacing::Pacing;
use crate::parallel::{self, processors};
use crate::policy::Policy;
use crate::profile::{Directory, ProfileName, port_of};
use crate::publish::ScanDir;
use crate::settings::Settings;
use crate::status::{State, Status};

/// How often `--watch` looks again.
const PERIOD: Duration = Duration::from_secs(1);

pub(super) fn status(settings: &Settings, args: &cli::Status) -> Result<Exit> {
    let scandir = settings.scandir()?;
    loop {
        let (profiles, mut exit) = which(settings, &scandir, args)?;
        let ports = ports(settings, &scandir, &profiles);
        let deadline = Deadline::after(args.wait.timeout);
        let found = parallel::map(profiles, processors(), |profile| {
            let status = ask(&scandir, &profile, deadline).at("ask", &profile);
            (profile, status)
        });
        // Nothing that was told is later.
        let now = SystemTime::now();
        let mut rows = Vec::new();
        for ((profile, status), port) in found.into_iter().zip(ports) {
            match status {
                Ok((status, policy)) => rows.push(Row::new(settings, profile, &status, policy, port, now)),
                Err(error) => {
                    report(&error);
                    exit = exit.max(exit_of(&error));
                }
            }
        }
        let exit = exit.max(verdict(args, &rows));
        let report = Report::new(rows);
        match args.format {
            Format::Json => print_json(&report)?,
            Format::Text if args.watch => print(&format!("\x1b[H\x1b[J{}", table(&report)))?,
            Format::Text => print(&table(&report))?,
        }
        if !args.watch {
            return Ok(exit);
        }
        std::thread::sleep(PERIOD);
    }
}

/// Every profile and every slot, or those that are named.
fn which(settings: &Settings, scandir: &ScanDir, args: &cli::Status) -> Result<(Vec<ProfileName>, Exit)> {
    let every = args.which.all || (args.check && args.which.profiles.is_empty());
    if !every {
        return Ok((named(settings, &args.which)?, Exit::Done));
    }
    let mut profiles = scandir.slots()?;
    let mut exit = Exit::Done;
    // Whoever may not read the home still learns what its supervisors say.
    match settings.home(&settings.authority()?).survey() {
        Ok(survey) => {
            survey.troubles.iter().for_each(report);
            profiles.extend(survey.profiles);
        }
        Err(error) => {
            report(&error);
            exit = exit_of(&error);
        }
    }
    profiles.sort_by_key(|profile| (!profile.is_default(), profile.clone()));
    profiles.dedup();
    Ok((profiles, exit))
}

/// The port of each, where this user may know it.
fn ports(settings: &Settings, scandir: &ScanDir, profiles: &[ProfileName]) -> Vec<Option<u16>> {
    let port = |profile: &ProfileName, directory: &Directory| port_of(profile, directory, scandir.path());
    let ports = settings.authority().and_then(|authority| settings.home(&authority).in_each(profiles, port));
    ports.map_or_else(|_| vec![None; profiles.len()], |ports| ports.into_iter().map(Result::ok).collect())
}

fn ask(scandir: &ScanDir, profile: &ProfileName, deadline: Deadline) -> Result<(Status, Policy)> {
    let slot = scandir.slot(profile);
    if !scandir.has(profile)? {
        return Ok((Status::unregistered(), Policy::default()));
    }
    let pacing = Pacing::of_slot(&slot);
    let status = Status::ask(scandir.s6(), &slot, &pacing, deadline)?;
    let served = slot.join(layout::SERVED);
    let status = if served.try_exists().at("stat", served)? { status.served_by_default() } else { status };
    Ok((status, pacing.policy))
}

/// For `--check`, whether every wanted gateway is up; for one gateway, whether it runs.
fn verdict(args: &cli::Status, rows: &[Row]) -> Exit {
    if args.check {
        let healthy = rows.iter().all(Row::healthy);
        return if healthy { Exit::Done } else { Exit::No };
    }
    match rows {
        [row] if !args.which.all => match row.state() {
            State::Running => Exit::Done,
            State::Unregistered => Exit::NoSuch,
            _ => Exit::NotRunning,
        },
        _ => Exit::Done,
    }
}
