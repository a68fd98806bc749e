//! A profile's slot comes and goes.

use anyhow::Result;

use super::Lifecycle;
use super::slot::Slot;
use crate::environment::Environment;
use crate::profile::ProfileName;
use crate::publish::{self, Removal};
use crate::render::render;
use crate::spec::Spec;

impl Lifecycle {
    /// Publishes a slot for `profile` and waits until it is supervised.
    ///
    /// # Errors
    /// Exit code 4 when there is no such profile, 2 when it has a slot or cannot get one.
    pub fn register(&self, profile: &ProfileName, up: bool, environment: Environment) -> Result<()> {
        self.home.require(profile)?;
        let spec = Spec { profile: profile.clone(), up, environment };
        let tree = render(&spec, &self.host)?;
        let deadline = self.deadline();
        let writer = self.scandir.writer(&self.authority, deadline)?;
        publish::create(&writer, profile, &tree, deadline)
    }

    /// Brings the gateway of `profile` down and removes its slot; what is wanted of it stays recorded.
    ///
    /// # Errors
    /// When it does not end, or cannot be removed.
    pub fn unregister(&self, profile: &ProfileName) -> Result<Removal> {
        let deadline = self.deadline();
        if !self.scandir.slot(profile).is_dir() {
            return Ok(Removal::Absent);
        }
        let _slot = Slot::lock(self, profile, deadline)?;
        publish::remove(&self.scandir, &self.authority, profile, self.grace, deadline)
    }
}
