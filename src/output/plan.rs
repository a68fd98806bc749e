//! What a reconciliation did, or would do.

use camino::Utf8PathBuf;
use serde::Serialize;

use crate::boot::{Entry, Fate};
use crate::plan::{Action, Outdated, Step};
use crate::profile::{PriorExit, ProfileName};

/// Everything that `reconcile` tells; its JSON form has a version.
#[derive(Debug, Serialize)]
pub struct PlanReport {
    version: u32,
    dry_run: bool,
    profiles: Vec<PlanRow>,
    troubles: Vec<String>,
}

/// What is done for one profile.
#[derive(Debug, Serialize)]
pub struct PlanRow {
    profile: ProfileName,
    prior_state: Option<String>,
    prior_exit: PriorExit,
    action: &'static str,
    reason: Option<&'static str>,
    changed: Vec<Utf8PathBuf>,
    /// What runs what it was started with, and would change with a restart.
    outdated: Vec<Outdated>,
    error: Option<String>,
}

impl PlanReport {
    /// The report of `profiles`.
    #[must_use]
    pub fn new(dry_run: bool, profiles: Vec<PlanRow>, troubles: &[anyhow::Error]) -> Self {
        let troubles = troubles.iter().map(|trouble| format!("{trouble:#}")).collect();
        Self { version: 1, dry_run, profiles, troubles }
    }
}

impl PlanRow {
    /// The row of `step`, which `fate` explains. With `renewed`, what was outdated is not any more.
    #[must_use]
    pub fn new(step: &Step, fate: Option<&Fate>, error: Option<&anyhow::Error>, renewed: bool) -> Self {
        let (changed, outdated) = match &step.action {
            Action::Update(changes) => {
                (changes.write.iter().chain(&changes.remove).cloned().collect(), changes.outdates())
            }
            _ => (Vec::new(), Vec::new()),
        };
        Self {
            profile: step.profile.clone(),
            prior_state: fate.and_then(|fate| fate.prior.state.clone()),
            prior_exit: fate.map(|fate| fate.prior.exit).unwrap_or_default(),
            action: if error.is_some() { "failed" } else { word(step, fate) },
            reason: fate.and_then(|fate| fate.decision.reason).map(crate::boot::Reason::as_str),
            changed,
            outdated: if renewed { Vec::new() } else { outdated },
            error: error.map(|error| format!("{error:#}")),
        }
    }

    /// Whether it could not be done.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.error.is_some()
    }

    /// The row as the boot log has it.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry {
            profile: self.profile.clone(),
            prior_state: self.prior_state.clone(),
            prior_exit: self.prior_exit,
            action: self.action,
            reason: self.reason,
        }
    }

    /// The row as a line.
    #[must_use]
    pub fn line(&self) -> String {
        let outdated: Vec<_> = self.outdated.iter().copied().map(Outdated::as_str).collect();
        let restart =
            if outdated.is_empty() { String::new() } else { format!(" wants_restart={}", outdated.join(",")) };
        format!("reconcile: {}{restart}\n", self.entry())
    }
}

fn word(step: &Step, fate: Option<&Fate>) -> &'static str {
    match (&step.action, step.turn) {
        (_, Some(true)) => "started",
        (_, Some(false)) => "stopped",
        (Action::Create(..), None) if fate.is_some_and(|fate| fate.decision.up) => "started",
        (Action::Create(..), None) => "registered",
        (Action::Update(_), None) => "updated",
        (Action::Keep, None) => "kept",
        (Action::Remove, None) => "removed",
    }
}
