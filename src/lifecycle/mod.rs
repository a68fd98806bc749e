//! Start, stop and restart: verified, with the intent recorded in the right home at the right moment.

mod ancestry;
mod drain;
mod follow;
mod registration;
mod restart;
mod slot;
mod start;
mod stop;

pub use registration::Registration;

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;

use ancestry::runs_inside;

use crate::broker::Broker;
use crate::deadline::Deadline;
use crate::error::report;
use crate::gateway::{self, Ending, Gateway};
use crate::profile::{Home, Intent, ProfileName, multiplexes, record};
use crate::publish::ScanDir;
use crate::s6::Down;
use crate::spec::Host;
use crate::user::Authority;

/// Everything that it takes to change what gateways do.
#[derive(Debug)]
pub struct Lifecycle {
    /// Where the profiles are.
    pub home: Home,
    /// What the environment says on whether the default gateway serves the other profiles too.
    pub multiplex: Option<OsString>,
    /// Where the slots are.
    pub scandir: ScanDir,
    /// On whose authority.
    pub authority: Authority,
    /// Whom to ask for what this process may not do itself.
    pub broker: Option<Broker>,
    /// What a slot that is registered on the way is rendered for.
    pub host: Host,
    /// How long a gateway may take to end by itself.
    pub grace: Duration,
    /// How long a started gateway has to stay up to count as started.
    pub settle: Duration,
    /// How long everything else may take.
    pub timeout: Duration,
}

/// What a change came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was started and stayed up.
    Started,
    /// It was up already.
    AlreadyUp,
    /// It ended.
    Stopped,
    /// It had to be killed.
    Killed,
    /// It was down already.
    AlreadyDown,
    /// It was brought down and up.
    Restarted,
    /// Another operator's restart, under way when this one was asked for, did it.
    Joined,
    /// The caller runs inside the gateway; another process does it after the caller is gone.
    HandedOver,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Self::Started => "started",
            Self::AlreadyUp => "is already running",
            Self::Stopped => "stopped",
            Self::Killed => "did not end by itself: killed",
            Self::AlreadyDown => "is already stopped",
            Self::Restarted => "restarted",
            Self::Joined => "restarted, by a restart that was under way",
            Self::HandedOver => "is left to a process outside of it, as this one would end with it",
        })
    }
}

impl Lifecycle {
    fn deadline(&self) -> Deadline {
        Deadline::after(self.timeout + self.grace)
    }

    /// Brings the gateway of `slot` down, and whatever of it has outlived its supervisor.
    fn down(&self, slot: &Utf8Path, how: Down, deadline: Deadline) -> Result<Ending> {
        gateway::down(self.scandir.s6(), &self.authority, slot, how, self.grace, deadline)
    }

    /// Whether this process runs inside a gateway of `slot`: the one that is `supervised`, or one that has outlived its
    /// supervisor.
    fn is_inside(&self, slot: &Utf8Path, supervised: Option<i32>) -> Result<bool> {
        let outlived = Gateway::of(&self.authority, slot)?.map(|gateway| gateway.pid());
        Ok(supervised.into_iter().chain(outlived).any(runs_inside))
    }

    /// Whether the default gateway serves the other profiles too.
    ///
    /// # Errors
    /// When what says so cannot be read.
    pub fn multiplexed(&self) -> Result<bool> {
        let default = ProfileName::default_profile();
        self.home.in_profile(&default, |directory| multiplexes(directory, self.multiplex.as_deref()))
    }

    /// Records `intent`. What the gateway does is as wanted already when this fails; says whether it did not.
    fn record(&self, profile: &ProfileName, intent: Intent) -> Result<()> {
        self.home.in_profile(profile, |directory| record(directory, intent))
    }
}

/// Reports an error that does not keep the work from being done.
fn warn<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(report).ok()
}
