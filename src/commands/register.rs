//! `register`

use anyhow::Result;

use crate::cli;
use crate::deadline::Deadline;
use crate::environment::Environment;
use crate::error::At;
use crate::exit::Exit;
use crate::output::print;
use crate::profile::ProfileName;
use crate::publish;
use crate::render;
use crate::settings::Settings;
use crate::spec::Spec;

pub(super) fn register(settings: &Settings, args: &cli::Register) -> Result<Exit> {
    let profile = ProfileName::parse(&args.name)?;
    let environment = Environment::collect(args.extra.env_file.as_deref(), &args.extra.env)?;
    let authority = settings.authority()?;
    let scandir = settings.scandir()?;
    settings.home(&authority).require(&profile)?;

    let spec = Spec { profile, up: !args.down, environment };
    let tree = render::render(&spec, &settings.host(&args.log))?;
    let deadline = Deadline::after(args.wait.timeout);
    let writer = scandir.writer(&authority, deadline)?;
    publish::create(&writer, &spec.profile, &tree, deadline).at("register", &spec.profile)?;
    print(&format!("registered {}{}\n", spec.profile, if spec.up { "" } else { ", down" }))?;
    Ok(Exit::Done)
}
