//! `gateway logs`

use anyhow::Result;

use crate::cli;
use crate::exit::Exit;
use crate::settings::Settings;

pub(super) fn logs(_settings: &Settings, _args: &cli::Logs) -> Result<Exit> {
    Err(crate::error::Fault::failed("show logs: not done yet").into())
}
