//! `gateway`

mod change;
mod elsewhere;
mod logs;
mod status;

use anyhow::Result;
use camino::Utf8Path;

use crate::cli::{Gateway, Which};
use crate::commands::parse_names;
use crate::error::At;
use crate::exit::Exit;
use crate::manager::{self, Kind};
use crate::profile::ProfileName;
use crate::settings::Settings;

pub(super) fn gateway(settings: &Settings, verb: &Gateway) -> Result<Exit> {
    match verb {
        Gateway::Logs(args) => return logs::logs(settings, args),
        Gateway::Install => return elsewhere::install(settings),
        Gateway::Uninstall => return elsewhere::uninstall(settings),
        _ if !under_s6(settings)? => return elsewhere::gateway(settings, verb),
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

/// Whether s6 runs gateways here: it is PID 1, or an s6-svscan has made the scan directory its own.
pub(super) fn under_s6(settings: &Settings) -> Result<bool> {
    let control = settings.scandir.join(".s6-svscan");
    Ok(manager::detect(Utf8Path::new("/")) == Kind::S6 || control.try_exists().at("stat", control)?)
}

/// The profiles that are meant: those named, or the active one.
fn named(settings: &Settings, which: &Which) -> Result<Vec<ProfileName>> {
    let mut names = parse_names(&which.profiles)?;
    if names.is_empty() {
        names.push(settings.active.clone());
    }
    Ok(names)
}
