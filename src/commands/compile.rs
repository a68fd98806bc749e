//! `compile`

use anyhow::Result;

use crate::assets::{Image, assets, found, install, modes};
use crate::cli;
use crate::exit::Exit;
use crate::output::{differences, print};
use crate::settings::{Settings, absolute};

pub(super) fn compile(settings: &Settings, args: &cli::Compile) -> Result<Exit> {
    let image = Image {
        s6_bin: settings.s6_bin.clone(),
        program: absolute("--program", Some(&args.program), "")?,
        hermes: absolute("--hermes", Some(&args.hermes), "")?,
        user: settings.user.clone(),
        broker: settings.broker.clone(),
    };
    let wanted = assets(&image)?;
    if !args.check {
        install(&args.root, &wanted)?;
        return Ok(Exit::Done);
    }
    let found = found(&args.root, &wanted)?;
    let text = differences(&found, &wanted) + &modes(&found, &wanted);
    print(&text)?;
    Ok(if text.is_empty() { Exit::Done } else { Exit::No })
}
