//! A profile's slot comes and goes.

use std::fmt;

use anyhow::Result;

use super::slot::{Slot, forget};
use super::{Lifecycle, warn};
use crate::broker::{Broker, Reply, Verb};
use crate::deadline::Deadline;
use crate::environment::Environment;
use crate::error::{Fault, exit_of};
use crate::exit::Exit;
use crate::profile::ProfileName;
use crate::publish::{self, Removal};
use crate::render::render;
use crate::s6::{Down, up};
use crate::spec::Spec;

/// How a gateway was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// It comes up.
    Up,
    /// It is down.
    Down,
    /// It is down, as the default gateway serves its profile.
    ServedByDefault,
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "",
            Self::Down => ", down",
            Self::ServedByDefault => ", down: the default gateway serves it",
        })
    }
}

impl Lifecycle {
    /// Publishes a slot for `profile` and waits until it is supervised.
    ///
    /// # Errors
    /// Exit code 4 when there is no such profile, 2 when it has a slot or cannot get one.
    pub fn register(&self, profile: &ProfileName, up: bool, environment: Environment) -> Result<Registration> {
        self.home.require(profile)?;
        if let Some(broker) = &self.broker {
            return self.have_registered(broker, profile, up, &environment);
        }
        let served_by_default = !profile.is_default() && warn(self.multiplexed()).unwrap_or_default();
        let registration = match (up, served_by_default) {
            (_, true) => Registration::ServedByDefault,
            (true, false) => Registration::Up,
            (false, false) => Registration::Down,
        };
        let up = registration == Registration::Up;
        let spec = Spec { profile: profile.clone(), up, environment, served_by_default, not_before: None };
        let tree = render(&spec, &self.host)?;
        let deadline = self.deadline();
        let writer = self.scandir.writer(&self.authority, deadline)?;
        publish::create(&writer, profile, &tree, deadline)?;
        Ok(registration)
    }

    /// Registers `profile`, down, unless it is registered already, be it by another operator meanwhile; none then.
    ///
    /// # Errors
    /// As [`Lifecycle::register`].
    pub fn provide(&self, profile: &ProfileName) -> Result<Option<Registration>> {
        if self.scandir.has_registered(profile)? {
            return Ok(None);
        }
        match self.register(profile, false, Environment::default()) {
            Err(error) => {
                if self.scandir.has_registered(profile)? {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
            registration => registration.map(Some),
        }
    }

    /// The broker registers down; to bring it up then is the run user's own right.
    fn have_registered(
        &self,
        broker: &Broker,
        profile: &ProfileName,
        up_at_once: bool,
        environment: &Environment,
    ) -> Result<Registration> {
        if environment.iter().next().is_some() {
            let cause = "set extra environment: only who may write the scan directory can";
            return Err(Fault::failed(cause).advise("register it as root").into());
        }
        let deadline = self.deadline();
        if broker.ask(Verb::Register, profile, deadline)? == Reply::ServedByDefault {
            return Ok(Registration::ServedByDefault);
        }
        if up_at_once {
            up(self.scandir.s6(), &self.scandir.slot(profile), deadline)?;
            return Ok(Registration::Up);
        }
        Ok(Registration::Down)
    }

    /// Takes from the slot of `profile` what would keep its gateway waiting: its deaths, and its turn at boot. Says
    /// whether there is a slot.
    ///
    /// # Errors
    /// When that stays.
    pub fn forget(&self, profile: &ProfileName) -> Result<bool> {
        if !self.scandir.has(profile)? {
            return Ok(false);
        }
        forget(self.scandir.s6(), &self.scandir.slot(profile), self.deadline()).map(|()| true)
    }

    /// Brings the gateway of `profile` down and removes its slot; what is wanted of it stays recorded.
    ///
    /// # Errors
    /// When it does not end, or cannot be removed.
    pub fn unregister(&self, profile: &ProfileName) -> Result<Removal> {
        let deadline = self.deadline();
        if !self.scandir.has(profile)? {
            // It may be gone only from sight, where that was interrupted.
            publish::sweep(&self.scandir, &self.authority, deadline)?;
            return Ok(Removal::Absent);
        }
        let slot = match Slot::lock_to_remove(self, profile, deadline) {
            // Another operator was faster.
            Err(error) if exit_of(&error) == Exit::NoSuch => return Ok(Removal::Absent),
            slot => slot?,
        };
        if let Some(broker) = &self.broker {
            return self.have_unregistered(broker, slot, profile, deadline);
        }
        publish::remove(&self.scandir, &self.authority, profile, self.grace, deadline)
    }

    /// The gateway is brought down first, within this caller's own grace; the broker has another.
    fn have_unregistered(
        &self,
        broker: &Broker,
        slot: Slot,
        profile: &ProfileName,
        deadline: Deadline,
    ) -> Result<Removal> {
        broker.reach()?;
        let killed = self.down(&slot.path, Down::ForGood, deadline)?.killed;
        // The broker locks the slot itself.
        drop(slot);
        Ok(match broker.ask(Verb::Unregister, profile, deadline)? {
            Reply::Absent => Removal::Absent,
            Reply::Killed => Removal::Killed,
            _ if killed => Removal::Killed,
            _ => Removal::Removed,
        })
    }
}
