//! `gateway start`, `stop` and `restart`

use anyhow::Result;

use super::named;
use crate::cli::Change;
use crate::commands::lifecycle;
use crate::error::{At, exit_of, report};
use crate::exit::Exit;
use crate::output::print;
use crate::parallel;
use crate::profile::ProfileName;
use crate::settings::Settings;

/// How many gateways are changed at a time: mostly they are waited for.
const AT_A_TIME: usize = 16;

#[derive(Clone, Copy, Debug)]
pub(super) enum Verb {
    Start,
    Stop,
    Restart,
}

impl Verb {
    fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}

/// Changes several gateways at once; one failure is told and stops no other.
pub(super) fn change(settings: &Settings, verb: Verb, args: &Change) -> Result<Exit> {
    let mut lifecycle = lifecycle(settings, args.grace, args.wait.timeout, &args.scripts)?;
    lifecycle.settle = args.settle;
    let profiles = if args.which.all { all(&lifecycle, verb)? } else { named(settings, &args.which)? };
    let outcomes = parallel::map(profiles, AT_A_TIME, |profile| {
        let outcome = match verb {
            Verb::Start => lifecycle.start(&profile),
            Verb::Stop => lifecycle.stop(&profile),
            Verb::Restart => lifecycle.restart(&profile),
        };
        let outcome = outcome.at(verb.as_str(), &profile);
        (profile, outcome)
    });
    let mut exit = Exit::Done;
    for (profile, outcome) in outcomes {
        match outcome {
            Ok(outcome) => print(&format!("{profile} {outcome}\n"))?,
            Err(error) => {
                report(&error);
                exit = exit.max(exit_of(&error));
            }
        }
    }
    Ok(exit)
}

/// Every gateway that the verb can mean: to start, every profile; to stop or restart, every slot.
fn all(lifecycle: &crate::lifecycle::Lifecycle, verb: Verb) -> Result<Vec<ProfileName>> {
    match verb {
        Verb::Start => {
            let survey = lifecycle.home.survey()?;
            survey.troubles.iter().for_each(report);
            Ok(survey.profiles)
        }
        Verb::Stop | Verb::Restart => lifecycle.scandir.slots(),
    }
}
