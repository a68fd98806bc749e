//! `detect`

use anyhow::Result;
use camino::Utf8Path;

use crate::exit::Exit;
use crate::manager;
use crate::output::print;

pub(super) fn detect() -> Result<Exit> {
    print(&format!("{}\n", manager::detect(Utf8Path::new("/"))))?;
    Ok(Exit::Done)
}
