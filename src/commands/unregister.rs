//! `unregister`

use anyhow::Result;

use super::{lifecycle, parse_names};
use crate::cli;
use crate::error::{At, exit_of, report};
use crate::exit::Exit;
use crate::output::print;
use crate::publish::Removal;
use crate::settings::Settings;

pub(super) fn unregister(settings: &Settings, args: &cli::Unregister) -> Result<Exit> {
    let names = parse_names(&args.names)?;
    let lifecycle = lifecycle(settings, args.grace, args.wait.timeout, &args.scripts)?;
    let mut exit = Exit::Done;
    for name in &names {
        match lifecycle.unregister(name).at("unregister", name) {
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
