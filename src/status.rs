//! What a gateway does, from what its supervisor says. Nothing else is asked: no argv, no pid file, no state file.

use std::time::SystemTime;

use anyhow::Result;
use camino::Utf8Path;

use crate::deadline::Deadline;
use crate::pacing::Pacing;
use crate::policy::{CONFIGURATION, Death, Ending, Policy};
use crate::s6::{S6, SvStat, deaths};

/// The state of a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its process runs.
    Running,
    /// A signal holds it (SIGSTOP).
    Paused,
    /// Wanted up, and about to be: s6-supervise is between two tries, or the boot spreads its gateways.
    Starting,
    /// Wanted up; the next try is put off.
    BackingOff,
    /// Told to end, and not yet done.
    Stopping,
    /// Down, as wanted.
    Stopped,
    /// Down, as the default gateway serves the profile.
    ServedByDefault,
    /// Down for good, and nobody wanted that.
    Failed(Failure),
    /// There is a slot, but no s6-supervise watches it.
    Unsupervised,
    /// There is no slot.
    Unregistered,
}

/// Why a gateway stays down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It exited 78.
    Configuration,
    /// It died as often as the cap allows.
    Cap,
}

/// Everything that is known of one gateway.
#[derive(Clone, Debug)]
pub struct Status {
    /// What it does.
    pub state: State,
    /// The supervisor's own words.
    pub svstat: Option<SvStat>,
    /// How its runs ended, oldest first.
    pub deaths: Vec<Death>,
    /// When it is tried again, while backing off.
    pub next_try: Option<SystemTime>,
}

impl Status {
    /// There is no slot.
    #[must_use]
    pub fn unregistered() -> Self {
        Self { state: State::Unregistered, svstat: None, deaths: Vec::new(), next_try: None }
    }

    /// What the supervisor of the service directory `slot` says, and what that amounts to now under its `pacing`.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn ask(s6: &S6, slot: &Utf8Path, pacing: &Pacing, deadline: Deadline) -> Result<Self> {
        let svstat = SvStat::of(s6, slot, deadline)?;
        let deaths = deaths(s6, slot, deadline)?;
        // One that died between the two questions neither runs any more nor waits for its next try.
        let has_died = |stat: &SvStat| stat.up && deaths.last().is_some_and(|death| death.at > stat.since);
        let svstat = if svstat.as_ref().is_some_and(has_died) { SvStat::of(s6, slot, deadline)? } else { svstat };
        Ok(Self::of(svstat, deaths, pacing, SystemTime::now()))
    }

    /// What `svstat` and `deaths` amount to at `now` under `pacing`.
    #[must_use]
    pub fn of(svstat: Option<SvStat>, deaths: Vec<Death>, pacing: &Pacing, now: SystemTime) -> Self {
        let Some(stat) = svstat else {
            return Self { state: State::Unsupervised, svstat, deaths, next_try: None };
        };
        // While it waits, `backoff` is the service's process, so s6-svstat says up.
        let next_try = pacing.next_try(&deaths, now).filter(|_| stat.up && stat.wanted_up);
        let state = match stat {
            SvStat { paused: true, .. } => State::Paused,
            SvStat { up: true, wanted_up: false, .. } => State::Stopping,
            SvStat { up: true, .. } if next_try.is_some() && deaths.is_empty() => State::Starting,
            SvStat { up: true, .. } if next_try.is_some() => State::BackingOff,
            SvStat { up: true, .. } => State::Running,
            SvStat { wanted_up: true, .. } => State::Starting,
            // Whoever stops a gateway leaves a `down` file; without one it was the finish script that gave up.
            SvStat { normally_up: true, .. } => failure(&deaths, &pacing.policy).map_or(State::Stopped, State::Failed),
            SvStat { normally_up: false, .. } => State::Stopped,
        };
        Self { state, svstat, deaths, next_try }
    }

    /// The same for a profile that the default gateway serves.
    #[must_use]
    pub fn served_by_default(mut self) -> Self {
        if self.state == State::Stopped {
            self.state = State::ServedByDefault;
        }
        self
    }

    /// Whether all is as wanted: it runs, is not to run, or waits for its turn to start.
    #[must_use]
    pub fn healthy(&self) -> bool {
        let in_turn = self.state == State::Starting && self.next_try.is_some();
        !self.wanted() || self.state == State::Running || in_turn
    }

    /// How the last run ended.
    #[must_use]
    pub fn last(&self) -> Option<Ending> {
        self.deaths.last().map(|death| death.ending)
    }

    /// Deaths in the hour before `now`.
    #[must_use]
    pub fn deaths_last_hour(&self, now: SystemTime) -> usize {
        let recent = |death: &&Death| now.duration_since(death.at).is_ok_and(|ago| ago.as_secs() < 3600);
        self.deaths.iter().filter(recent).count()
    }

    /// Whether it is wanted up: by its supervisor, or, where that gave up on it, by whoever registered it.
    #[must_use]
    pub fn wanted(&self) -> bool {
        matches!(self.state, State::Failed(_)) || self.svstat.is_some_and(|stat| stat.wanted_up)
    }
}

fn failure(deaths: &[Death], policy: &Policy) -> Option<Failure> {
    let last = deaths.last()?;
    if last.ending == Ending::Exit(CONFIGURATION) {
        return Some(Failure::Configuration);
    }
    policy.capped(deaths, last.at).then_some(Failure::Cap)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const POLICY: Policy = Policy { first: 1, most: 300, healthy: 300, cap_deaths: 3, cap_seconds: 60 };
    const PACING: Pacing = Pacing { policy: POLICY, not_before: None };

    fn stat(up: bool, wanted_up: bool, normally_up: bool) -> SvStat {
        let since = SystemTime::now() - Duration::from_secs(1);
        SvStat { up, wanted_up, normally_up, ready: false, paused: false, pid: up.then_some(7), since }
    }

    fn state(stat: SvStat, codes: &[u8]) -> State {
        let now = SystemTime::now();
        let death = |code: &u8| Death { at: now - Duration::from_millis(100), ending: Ending::Exit(*code) };
        Status::of(Some(stat), codes.iter().map(death).collect(), &PACING, now).state
    }

    #[test]
    fn each_state_is_told_from_the_others() {
        let (yes, no) = (true, false);
        assert_eq!(state(stat(yes, yes, yes), &[]), State::Running);
        assert_eq!(state(stat(yes, yes, yes), &[1]), State::BackingOff);
        assert_eq!(state(stat(yes, yes, yes), &[75]), State::Running);
        assert_eq!(state(stat(yes, no, no), &[1]), State::Stopping);
        assert_eq!(state(stat(no, yes, yes), &[1]), State::Starting);
        assert_eq!(state(stat(no, no, yes), &[1, 78]), State::Failed(Failure::Configuration));
        assert_eq!(state(stat(no, no, yes), &[1, 1, 1]), State::Failed(Failure::Cap));
        assert_eq!(state(stat(no, no, yes), &[1, 1]), State::Stopped);
        assert_eq!(state(stat(no, no, no), &[78]), State::Stopped);
        assert_eq!(state(SvStat { paused: true, ..stat(yes, yes, yes) }, &[]), State::Paused);
        let unsupervised = Status::of(None, Vec::new(), &PACING, SystemTime::now());
        assert_eq!(unsupervised.state, State::Unsupervised);
    }
}
