//! `doctor`

use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::Result;
use camino::Utf8Path;

use crate::cli::{self, Format};
use crate::deadline::Deadline;
use crate::doctor::{Scene, examine};
use crate::exit::Exit;
use crate::manager;
use crate::output::{Examination, print, print_json};
use crate::settings::Settings;

pub(super) fn doctor(settings: &Settings, args: &cli::Doctor) -> Result<Exit> {
    let scene = Scene {
        settings: settings.clone(),
        log: settings.host(&args.scripts)?.log,
        path: std::env::var_os("PATH").unwrap_or_default(),
        proc: args.proc.clone(),
        now: SystemTime::now(),
        deadline: Deadline::after(args.timeout),
        survey: OnceLock::new(),
    };
    let manager = manager::detect(Utf8Path::new("/")).to_string();
    let examination = Examination::new(manager, examine(scene));
    match args.format {
        Format::Text => print(&examination.screen())?,
        Format::Json => print_json(&examination)?,
    }
    Ok(if examination.troubles() == 0 { Exit::Done } else { Exit::No })
}
