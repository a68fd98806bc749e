//! `drain`

use std::time::Duration;

use anyhow::Result;

use super::lifecycle;
use crate::cli;
use crate::error::{At, report};
use crate::exit::Exit;
use crate::output::print;
use crate::settings::Settings;

/// Exit code 1 only when something is still up: that a gateway had to be killed is told, and done.
pub(super) fn drain(settings: &Settings, args: &cli::Drain) -> Result<Exit> {
    let lifecycle = lifecycle(settings, Duration::ZERO, args.wait.timeout, &args.scripts)?;
    let mut exit = Exit::Done;
    for (profile, outcome) in lifecycle.drain(args.wait.timeout)? {
        match outcome.at("stop", &profile) {
            Ok(outcome) => print(&format!("{profile} {outcome}\n"))?,
            Err(error) => {
                report(&error);
                exit = Exit::No;
            }
        }
    }
    Ok(exit)
}
