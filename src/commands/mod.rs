//! One verb a file.

mod detect;
mod list;
mod port;
mod register;
mod render;
mod unregister;

use std::ffi::OsString;

use anyhow::Result;

use crate::cli::{Cli, Verb};
use crate::exit::Exit;
use crate::profile::ProfileName;
use crate::settings::Settings;

/// Carries out the command line.
///
/// # Errors
/// What kept the verb from being done; see [`crate::error::exit_of`].
pub fn execute(cli: &Cli) -> Result<Exit> {
    // What needs no settings must work where they are wrong.
    match &cli.verb {
        Verb::Detect => return detect::detect(),
        Verb::Port(args) => return port::port(args),
        _ => {}
    }
    let settings = Settings::from_places(&cli.places)?;
    match &cli.verb {
        Verb::Detect | Verb::Port(_) => Ok(Exit::Done),
        Verb::Render(args) => render::render(&settings, args),
        Verb::Register(args) => register::register(&settings, args),
        Verb::Unregister(args) => unregister::unregister(&settings, args),
        Verb::List(args) => list::list(&settings, args.format),
    }
}

fn parse_names(names: &[OsString]) -> Result<Vec<ProfileName>> {
    names.iter().map(|name| Ok(ProfileName::parse(name)?)).collect()
}
