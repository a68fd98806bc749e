//! `register`

use std::time::Duration;

use anyhow::Result;

use super::lifecycle;
use crate::cli;
use crate::environment::Environment;
use crate::error::At;
use crate::exit::Exit;
use crate::output::print;
use crate::profile::ProfileName;
use crate::settings::Settings;

pub(super) fn register(settings: &Settings, args: &cli::Register) -> Result<Exit> {
    let profile = ProfileName::parse(&args.name)?;
    let environment = Environment::collect(args.extra.env_file.as_deref(), &args.extra.env)?;
    let lifecycle = lifecycle(settings, Duration::ZERO, args.wait.timeout, &args.scripts)?;
    let registration = lifecycle.register(&profile, !args.down, environment).at("register", &profile)?;
    print(&format!("registered {profile}{registration}\n"))?;
    Ok(Exit::Done)
}
