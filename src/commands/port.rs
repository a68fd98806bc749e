//! `port`

use anyhow::Result;

use super::parse_names;
use crate::cli;
use crate::exit::Exit;
use crate::output::print;
use crate::profile;

/// One name gives the bare number, for scripts; several give a table.
pub(super) fn port(args: &cli::Port) -> Result<Exit> {
    let names = parse_names(&args.names)?;
    if let [name] = &*names {
        print(&format!("{}\n", profile::port(name)))?;
        return Ok(Exit::Done);
    }
    let width = names.iter().map(|name| name.as_str().len()).max().unwrap_or_default();
    for name in &names {
        print(&format!("{name:width$}  {}\n", profile::port(name)))?;
    }
    Ok(Exit::Done)
}
