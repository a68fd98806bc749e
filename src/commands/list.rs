//! `list`

use anyhow::Result;
use camino::Utf8PathBuf;
use serde::Serialize;

use crate::cli::Format;
use crate::exit::Exit;
use crate::output::{print, print_json};
use crate::profile::ProfileName;
use crate::settings::Settings;

#[derive(Serialize)]
struct List {
    version: u32,
    slots: Vec<Slot>,
}

#[derive(Serialize)]
struct Slot {
    profile: ProfileName,
    path: Utf8PathBuf,
}

pub(super) fn list(settings: &Settings, format: Format) -> Result<Exit> {
    let scandir = settings.scandir()?;
    let profiles = scandir.slots()?;
    match format {
        Format::Text => profiles.iter().try_for_each(|profile| print(&format!("{profile}\n")))?,
        Format::Json => {
            let slot = |profile: ProfileName| Slot { path: scandir.slot(&profile), profile };
            print_json(&List { version: 1, slots: profiles.into_iter().map(slot).collect() })?;
        }
    }
    Ok(Exit::Done)
}
