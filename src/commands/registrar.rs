//! `registrar`: root's end of the broker.

use std::time::Duration;

use anyhow::Result;

use super::lifecycle;
use crate::broker::{Reply, Request, Verb};
use crate::cli;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::lifecycle::Registration;
use crate::output::print;
use crate::publish::Removal;
use crate::settings::Settings;

/// How long a gateway may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);
/// How long everything else may take. Who asks may wait longer; others want to be served as well.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers one request. The answer is written when nothing is held any more: who asked may never read it.
pub(super) fn registrar(settings: &Settings, args: &cli::Registrar) -> Result<Exit> {
    let reply = Reply::of(answer(settings, args));
    let exit = if matches!(reply, Reply::Failed { .. }) { Exit::No } else { Exit::Done };
    print(&format!("{}\n", serde_json::to_string(&reply)?))?;
    Ok(exit)
}

fn answer(settings: &Settings, args: &cli::Registrar) -> Result<Reply> {
    let Request { verb, profile } = Request::parse(&args.request)?;
    let lifecycle = lifecycle(settings, GRACE, PATIENCE, &args.scripts)?;
    match verb {
        Verb::Register => Ok(match lifecycle.register(&profile, false, Environment::default())? {
            Registration::ServedByDefault => Reply::ServedByDefault,
            Registration::Up | Registration::Down => Reply::Done,
        }),
        // Of a profile that has gone, the slot is what is left.
        Verb::Unregister => Ok(match lifecycle.unregister(&profile)? {
            Removal::Removed => Reply::Done,
            Removal::Killed => Reply::Killed,
            Removal::Absent => Reply::Absent,
        }),
        Verb::Forget => Ok(if lifecycle.forget(&profile)? { Reply::Done } else { Reply::Absent }),
    }
}
