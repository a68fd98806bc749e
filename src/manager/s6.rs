//! s6, through our own lifecycle.

use anyhow::Result;

use super::{Kind, ServiceManager};
use crate::deadline::Deadline;
use crate::environment::Environment;
use crate::lifecycle::Lifecycle;
use crate::profile::ProfileName;
use crate::s6::SvStat;

/// The gateways are the slots of the scan directory.
#[derive(Debug)]
pub struct S6Manager(pub Lifecycle);

impl ServiceManager for S6Manager {
    fn kind(&self) -> Kind {
        Kind::S6
    }

    fn start(&self, profile: &ProfileName) -> Result<()> {
        self.0.start(profile).map(drop)
    }

    fn stop(&self, profile: &ProfileName) -> Result<()> {
        self.0.stop(profile).map(drop)
    }

    fn restart(&self, profile: &ProfileName) -> Result<()> {
        self.0.restart(profile).map(drop)
    }

    fn is_running(&self, profile: &ProfileName) -> Result<bool> {
        let slot = self.0.scandir.slot(profile);
        let stat = SvStat::of(self.0.scandir.s6(), &slot, Deadline::after(self.0.timeout))?;
        Ok(stat.is_some_and(|stat| stat.up))
    }

    fn supports_runtime_registration(&self) -> bool {
        true
    }

    fn register(&self, profile: &ProfileName, up: bool, environment: Environment) -> Result<()> {
        self.0.register(profile, up, environment).map(drop)
    }

    fn unregister(&self, profile: &ProfileName) -> Result<()> {
        self.0.unregister(profile).map(drop)
    }

    fn list(&self) -> Result<Vec<ProfileName>> {
        self.0.scandir.slots()
    }
}
