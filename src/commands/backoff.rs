//! `backoff`: the last link but one of a run script's chain.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::cli;
use crate::deadline::Deadline;
use crate::error::{At, report};
use crate::exit::Exit;
use crate::output::span;
use crate::policy::Policy;
use crate::s6::{S6, TallyChange, deaths};
use crate::settings::Settings;

/// For reading a tally of a few hundred bytes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until the policy allows the next try, or until somebody forgets the deaths, then becomes the program.
pub(super) fn backoff(settings: &Settings, args: &cli::Backoff) -> Result<Exit> {
    // A gateway that starts too early is better than none, so trouble with the tally is told and no more.
    if let Err(error) = wait(&S6::new(&settings.s6_bin), args) {
        report(&error);
    }
    let (program, rest) =
        args.program.split_first().map_or_else(Default::default, |(first, rest)| (first.clone(), rest));
    Err(Command::new(&program).args(rest).exec()).at("run", program.display())
}

fn wait(s6: &S6, args: &cli::Backoff) -> Result<()> {
    let policy = Policy::of_slot(&args.slot);
    loop {
        // Watched before it is read, so that no change falls in between.
        let change = TallyChange::watch(&args.slot)?;
        let deaths = deaths(s6, &args.slot, Deadline::after(PATIENCE))?;
        let left = policy.next_try(&deaths).and_then(|next| next.duration_since(SystemTime::now()).ok());
        let Some(left) = left.map(|left| left.min(Duration::from_secs(policy.most.into()))) else {
            return Ok(());
        };
        if let Some(death) = deaths.last() {
            let whole = Duration::from_secs((left + Duration::from_millis(999)).as_secs());
            anstream::println!("hermes-s6gen: the gateway died: {}; next try in {}", death.ending, span(whole));
        }
        if !change.wait(Deadline::after(left))? {
            return Ok(());
        }
    }
}
