//! `backoff`: the last link but one of a run script's chain.

use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::cli;
use crate::deadline::Deadline;
use crate::error::report;
use crate::exit::Exit;
use crate::gateway;
use crate::output::span;
use crate::pacing::Pacing;
use crate::s6::{S6, TallyChange, deaths};
use crate::settings::Settings;

/// For reading a tally of a few hundred bytes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until the gateway may start, or until an operator wants it to, then becomes the program.
pub(super) fn backoff(settings: &Settings, args: &cli::Backoff) -> Exit {
    // A gateway that starts too early, or that nobody can find later, is better than none: trouble is told and no more.
    for result in [gateway::claim(&args.slot), wait(&S6::new(&settings.s6_bin), args)] {
        let _ = result.inspect_err(report);
    }
    let (program, rest) =
        args.program.split_first().map_or_else(Default::default, |(first, rest)| (first.clone(), rest));
    let error = Command::new(&program).args(rest).exec();
    let exit = if error.kind() == ErrorKind::NotFound { Exit::NotThere } else { Exit::CannotRun };
    report(&anyhow::Error::new(error).context(format!("run {}", program.display())));
    exit
}

fn wait(s6: &S6, args: &cli::Backoff) -> Result<()> {
    loop {
        // Watched before it is read, so that no change falls in between. An operator who starts a gateway by hand
        // changes both.
        let change = TallyChange::watch(&args.slot)?;
        let pacing = Pacing::of_slot(&args.slot);
        let deaths = deaths(s6, &args.slot, Deadline::after(PATIENCE))?;
        let now = SystemTime::now();
        let left = pacing.next_try(&deaths, now).and_then(|next| next.duration_since(now).ok());
        let Some(left) = left.map(|left| left.min(pacing.most())) else {
            return Ok(());
        };
        let whole = span(Duration::from_secs((left + Duration::from_millis(999)).as_secs()));
        match deaths.last() {
            Some(death) => {
                anstream::println!("hermes-s6gen: the gateway died: {}; next try in {whole}", death.ending);
            }
            None => anstream::println!("hermes-s6gen: gateways start one after the other; this one in {whole}"),
        }
        if !change.wait(Deadline::after(left))? {
            return Ok(());
        }
    }
}
