//! `gateway logs`

use anyhow::Result;

use crate::cli;
use crate::deadline::Deadline;
use crate::exit::Exit;
use crate::logs::{LogDirectory, Position, Sink, last_lines, parse_since, since};
use crate::profile::ProfileName;
use crate::s6::LogChange;
use crate::settings::Settings;

/// How many lines are shown where nothing says how many.
const LINES: usize = 100;

pub(super) fn logs(settings: &Settings, args: &cli::Logs) -> Result<Exit> {
    let named = args.profile.as_deref().map(ProfileName::parse).transpose()?;
    let profile = named.unwrap_or_else(|| settings.active.clone());
    let stamp = args.since.as_deref().map(parse_since).transpose()?;
    let directory = LogDirectory::open(&settings.home(&settings.authority()?), &profile)?;
    // Watched before it is read, so that nothing falls in between.
    let change = args.follow.then(|| LogChange::watch(&directory.own_path())).transpose()?;

    let files = directory.files()?;
    let mut start = stamp.as_deref().map_or(Ok((0, 0)), |stamp| since(&files, stamp))?;
    if let Some(lines) = args.lines.or_else(|| stamp.is_none().then_some(LINES)) {
        start = start.max(last_lines(&files, lines)?);
    }
    let mut position = Position::new(files, start);
    let mut out = Sink::new();
    loop {
        position.advance(directory.files()?, &mut out)?;
        let Some(change) = &change else { return Ok(Exit::Done) };
        while !change.wait(Deadline::after(std::time::Duration::from_secs(3600)))? {}
    }
}
