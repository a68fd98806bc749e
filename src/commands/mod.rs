//! One verb a file.

mod backoff;
mod compile;
mod completions;
mod detect;
mod doctor;
mod drain;
mod finish;
mod gateway;
mod lint;
mod list;
mod man;
mod port;
mod prepare_home;
mod profile;
mod reconcile;
mod register;
mod registrar;
mod render;
mod review;
mod unregister;
mod verify;

use std::ffi::OsString;
use std::time::Duration;

use anyhow::Result;

use crate::cli::{Cli, Gateway, Scripts, Verb};
use crate::exit::Exit;
use crate::lifecycle::Lifecycle;
use crate::output::Progress;
use crate::profile::ProfileName;
use crate::settings::Settings;

/// Carries out the command line.
///
/// # Errors
/// What kept the verb from being done; see [`crate::error::exit_of`].
pub fn execute(cli: &Cli) -> Result<Exit> {
    // What needs no settings must work where they are wrong.
    let settings = || Settings::from_places(&cli.places);
    let _progress = work(&cli.verb).map(Progress::of);
    match &cli.verb {
        Verb::Detect => detect::detect(),
        Verb::Lint(args) => lint::lint(args),
        Verb::Port(args) => port::port(args),
        Verb::Completions(args) => completions::completions(args.shell),
        Verb::Man(args) => man::man(&args.directory),
        Verb::Render(args) => render::render(&settings()?, args),
        Verb::Review(args) => review::review(&settings()?, args),
        Verb::Compile(args) => compile::compile(&settings()?, args),
        Verb::Verify(args) => verify::verify(args),
        Verb::Register(args) => register::register(&settings()?, args),
        Verb::Unregister(args) => unregister::unregister(&settings()?, args),
        Verb::Reconcile(args) => reconcile::reconcile(&settings()?, args),
        Verb::Drain(args) => drain::drain(&settings()?, args),
        Verb::List(args) => list::list(&settings()?, args.format),
        Verb::Doctor(args) => doctor::doctor(&settings()?, args),
        Verb::Gateway(verb) => gateway::gateway(&settings()?, verb),
        Verb::Profile(verb) => profile::profile(&settings()?, verb),
        Verb::Backoff(args) => Ok(backoff::backoff(&settings()?, args)),
        Verb::PrepareHome(args) => prepare_home::prepare_home(&settings()?, args),
        Verb::Registrar(args) => registrar::registrar(&settings()?, args),
        Verb::Finish(args) => finish::finish(&settings()?, args),
    }
}

/// What changes something, and may take its time over it.
fn work(verb: &Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Register(_) => "register",
        Verb::Unregister(_) => "unregister",
        Verb::Reconcile(_) => "reconcile",
        Verb::Drain(_) => "drain",
        Verb::Doctor(_) => "doctor",
        Verb::Gateway(Gateway::Start(_)) => "start",
        Verb::Gateway(Gateway::Stop(_)) => "stop",
        Verb::Gateway(Gateway::Restart(_)) => "restart",
        Verb::Profile(_) => "profile",
        _ => return None,
    })
}

fn parse_names(names: &[OsString]) -> Result<Vec<ProfileName>> {
    names.iter().map(|name| Ok(ProfileName::parse(name)?)).collect()
}

/// What it takes to change gateways as `settings` say, with the usual time to settle.
fn lifecycle(settings: &Settings, grace: Duration, timeout: Duration, scripts: &Scripts) -> Result<Lifecycle> {
    let authority = settings.authority()?;
    Ok(Lifecycle {
        home: settings.home(&authority),
        multiplex: settings.multiplex.clone(),
        scandir: settings.scandir()?,
        broker: settings.broker(),
        authority,
        host: settings.host(scripts)?,
        grace,
        settle: Duration::from_secs(2),
        timeout,
    })
}
