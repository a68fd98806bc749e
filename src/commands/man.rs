//! `man`

use anyhow::Result;
use camino::Utf8Path;

use crate::cli::Cli;
use crate::error::At;
use crate::exit::Exit;

/// A page for every verb, `hermes-s6gen-gateway-start.1` and the like.
pub(super) fn man(directory: &Utf8Path) -> Result<Exit> {
    std::fs::create_dir_all(directory).at("make", directory)?;
    clap_mangen::generate_to(Cli::documented(), directory).at("write", directory)?;
    Ok(Exit::Done)
}
