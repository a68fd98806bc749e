//! A profile's slot comes and goes.

use std::fmt;

use anyhow::Result;

use super::slot::Slot;
use super::{Lifecycle, warn};
use crate::environment::Environment;
use crate::error::exit_of;
use crate::exit::Exit;
use crate::profile::ProfileName;
use crate::publish::{self, Removal};
use crate::render::render;
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
        let _slot = match Slot::lock(self, profile, deadline) {
            // Another operator was faster.
            Err(error) if exit_of(&error) == Exit::NoSuch => return Ok(Removal::Absent),
            slot => slot?,
        };
        publish::remove(&self.scandir, &self.authority, profile, self.grace, deadline)
    }
}
