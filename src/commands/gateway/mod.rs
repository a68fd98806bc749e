//! `gateway`

mod change;
mod elsewhere;
mod logs;
mod status;

use anyhow::Result;

use crate::cli::{Gateway, Which};
use crate::commands::parse_names;
use crate::exit::Exit;
use crate::manager::under_s6;
use crate::profile::ProfileName;
use crate::settings::Settings;

pub(super) fn gateway(settings: &Settings, verb: &Gateway) -> Result<Exit> {
    match verb {
        Gateway::Logs(args) => return logs::logs(settings, args),
        Gateway::Install => return elsewhere::install(settings),
        Gateway::Uninstall => return elsewhere::uninstall(settings),
        _ if !under_s6(&settings.scandir)? => return elsewhere::gateway(settings, verb),
        _ => {}
    }
    match verb {
        Gateway::Start(args) => change::change(settings, change::Verb::Start, args),
        Gateway::Stop(args) => change::change(settings, change::Verb::Stop, args),
        Gateway::Restart(args) => change::change(settings, change::Verb::Restart, args),
        Gateway::Status(args) => status::status(settings, args),
        Gateway::Logs(_) | Gateway::Install | Gateway::Uninstall => Ok(Exit::Done),
    }
}

/// The profiles that are meant: those named, or the active one.
fn named(settings: &Settings, which: &Which) -> Result<Vec<ProfileName>> {
    let mut names = parse_names(&which.profiles)?;
    if names.is_empty() {
        names.push(settings.active.clone());
    }
    Ok(names)
}
