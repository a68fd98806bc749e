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
    let (rendering, exit) = rendering(settings, &args.rendering)?;
    match (&args.out, &args.check) {
        (Some(out), _) => replace_rendering(out, &rendering)?,
        (None, Some(dir)) => {
            let differences = differences(&committed(dir, &args.rendering)?, &rendering);
            print(&differences)?;
            return Ok(if differences.is_empty() { exit } else { Exit::No });
        }
        (None, None) => rendering.iter().try_for_each(|(path, node)| print(&listing(path, node)))?,
    }
    Ok(exit)
}

/// What `args` ask for, and what to exit with when some profiles cannot be rendered.
pub(super) fn rendering(settings: &Settings, args: &cli::Rendering) -> Result<(Tree, Exit)> {
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
    Ok((rendering, exit))
}

/// What of the tree in `dir` `args` speak of: where profiles are named, theirs alone.
pub(super) fn committed(dir: &Utf8Path, args: &cli::Rendering) -> Result<Tree> {
    let mut committed = Tree::read(dir, |_| false)?;
    let slots: Vec<_> = parse_names(&args.names)?.iter().map(ProfileName::slot).collect();
    committed.retain(|path| slots.is_empty() || slots.iter().any(|slot| path.starts_with(slot)));
    Ok(committed)
}

fn profiles(settings: &Settings, args: &cli::Rendering) -> Result<(Vec<ProfileName>, Exit)> {
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
