//! `prepare-home`

use std::time::Duration;

use anyhow::Result;

use crate::cli;
use crate::deadline::Deadline;
use crate::error::{Fault, report};
use crate::exit::Exit;
use crate::output::print;
use crate::prepare::{Ids, Keeper, change_ids, prepare};
use crate::settings::Settings;
use crate::user::Authority;

/// For changing two files of a few lines.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn prepare_home(settings: &Settings, args: &cli::PrepareHome) -> Result<Exit> {
    let mut exit = Exit::Done;
    // An id that cannot be read is told; the run user then keeps the one it has.
    let mut read = |given: &[_]| {
        Ids::read(given).unwrap_or_else(|fault| {
            report(&fault.into());
            exit = Exit::No;
            None
        })
    };
    let wanted = Ids {
        uid: read(&[("HERMES_UID", args.uid.as_deref()), ("PUID", args.puid.as_deref())]),
        gid: read(&[("HERMES_GID", args.gid.as_deref()), ("PGID", args.pgid.as_deref())]),
    };
    let former_group = match settings.authority()? {
        Authority::Root(_) => change_ids(&settings.user, &settings.home, wanted, Deadline::after(PATIENCE))?,
        Authority::Own(own) => {
            let differs = |wanted: Option<u32>, has: u32| wanted.is_some_and(|wanted| wanted != has);
            if differs(wanted.uid, own.uid.as_raw()) || differs(wanted.gid, own.gid.as_raw()) {
                let cause = format!("change the ids of {}: this container does not run as root", settings.user);
                report(&Fault::no(cause).advise("say the ids with --user of docker run, or leave that away").into());
                exit = Exit::No;
            }
            None
        }
    };
    // Looked up once more: the ids may be others now.
    let keeper = Keeper { authority: settings.authority()?, former_group };
    let prepared = prepare(&settings.home, &keeper)?;
    for given in &prepared.given {
        print(&format!("gave {given} to {}\n", settings.user))?;
    }
    if let [first, rest @ ..] = &*prepared.usable {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        anstream::eprintln!("hermes-s6gen: chown {first}{more}: not allowed here; {} can use it", settings.user);
    }
    prepared.troubles.iter().for_each(report);
    Ok(if prepared.troubles.is_empty() { exit } else { Exit::No })
}
