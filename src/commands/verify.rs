//! `verify`

use anyhow::Result;

use crate::assets::audit;
use crate::cli;
use crate::exit::Exit;
use crate::output::{print, readable};

pub(super) fn verify(args: &cli::Verify) -> Result<Exit> {
    let findings = audit(&args.root)?;
    findings.iter().try_for_each(|finding| print(&format!("{}\n", readable(finding.as_bytes()))))?;
    Ok(if findings.is_empty() { Exit::Done } else { Exit::No })
}
