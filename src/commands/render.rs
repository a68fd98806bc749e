//! `render`

use anyhow::Result;
use camino::Utf8Path;

use super::parse_names;
use crate::cli;
use crate::environment::Environment;
use crate::error::report;
use crate::exit::Exit;
use crate::output::{differences, listing, print};
use crate::profile::ProfileName;
use crate::publish::replace_rendering;
use crate::render;
use crate::settings::Settings;
use crate::spec::Spec;
use crate::tree::Tree;
use crate::user::Authority;

pub(super) fn render(settings: &Settings, args: &cli::Render) -> Result<Exit> {
    let environment = Environment::collect(args.extra.env_file.as_deref(), &args.extra.env)?;
    let (profiles, exit) = profiles(settings, args)?;
    let host = settings.host(&args.scripts)?;
    let mut rendering = Tree::default();
    for profile in &profiles {
        let spec = Spec {
            profile: profile.clone(),
            up: !args.down,
            environment: environment.clone(),
            served_by_default: false,
            not_before: None,
        };
        rendering.graft(Utf8Path::new(&profile.slot()), render::render(&spec, &host)?);
    }
    match (&args.out, &args.check) {
        (Some(out), _) => replace_rendering(out, &rendering)?,
        (None, Some(dir)) => {
            let named: Option<&[ProfileName]> = (!args.names.is_empty()).then_some(&profiles);
            return Ok(exit.max(check(dir, &rendering, named)?));
        }
        (None, None) => rendering.iter().try_for_each(|(path, node)| print(&listing(path, node)))?,
    }
    Ok(exit)
}

/// The profiles to render, and what to exit with when some cannot be.
fn profiles(settings: &Settings, args: &cli::Render) -> Result<(Vec<ProfileName>, Exit)> {
    let home = settings.home(&Authority::of_reader(&settings.home)?);
    if !args.names.is_empty() {
        let names = parse_names(&args.names)?;
        names.iter().try_for_each(|name| home.require(name))?;
        return Ok((names, Exit::Done));
    }
    let survey = home.survey()?;
    survey.troubles.iter().for_each(report);
    Ok((survey.profiles, if survey.troubles.is_empty() { Exit::Done } else { Exit::No }))
}

fn check(dir: &Utf8Path, rendering: &Tree, named: Option<&[ProfileName]>) -> Result<Exit> {
    let mut committed = Tree::read(dir, |_| false)?;
    if let Some(names) = named {
        committed.retain(|path| names.iter().any(|name| path.starts_with(name.slot())));
    }
    let differences = differences(&committed, rendering);
    print(&differences)?;
    Ok(if differences.is_empty() { Exit::Done } else { Exit::No })
}
