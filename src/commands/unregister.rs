//! `unregister`

use anyhow::Result;

use super::parse_names;
use crate::cli;
use crate::deadline::Deadline;
use crate::error::{At, exit_of, report};
use crate::exit::Exit;
use crate::output::print;
use crate::publish::{self, Removal};
use crate::settings::Settings;

pub(super) fn unregister(settings: &Settings, args: &cli::Unregister) -> Result<Exit> {
    let names = parse_names(&args.names)?;
    let authority = settings.authority()?;
    let scandir = settings.scandir()?;
    let mut exit = Exit::Done;
    for name in &names {
        let deadline = Deadline::after(args.grace + args.wait.timeout);
        match publish::remove(&scandir, &authority, name, args.grace, deadline).at("unregister", name) {
            Ok(Removal::Removed) => print(&format!("unregistered {name}\n"))?,
            Ok(Removal::Killed) => print(&format!("unregistered {name}, which had to be killed\n"))?,
            Ok(Removal::Absent) => print(&format!("unregistered {name}: there was no slot\n"))?,
            Err(error) => {
                report(&error);
                exit = exit.max(exit_of(&error));
            }
        }
    }
    Ok(exit)
}
