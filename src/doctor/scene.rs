//! What is looked at.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::Result;
use camino::Utf8PathBuf;

use crate::deadline::Deadline;
use crate::error::Fault;
use crate::profile::{Directory, Home, ProfileName, Survey};
use crate::publish::ScanDir;
use crate::settings::Settings;
use crate::spec::LogLimits;
use crate::user::Authority;

/// Everything that the checks look at. What several need is looked up once.
#[derive(Debug)]
pub struct Scene {
    /// Where things are.
    pub settings: Settings,
    /// How much of its log a gateway keeps.
    pub log: LogLimits,
    /// Where programs are looked for.
    pub path: OsString,
    /// The process file system.
    pub proc: Utf8PathBuf,
    /// Where the broker's socket is.
    pub run: Utf8PathBuf,
    /// The present.
    pub now: SystemTime,
    /// When looking ends.
    pub deadline: Deadline,
    /// The home's profiles.
    pub survey: OnceLock<Result<Survey, String>>,
}

impl Scene {
    pub(super) fn authority(&self) -> Result<Authority> {
        self.settings.authority()
    }

    pub(super) fn home(&self) -> Result<Home> {
        Ok(self.settings.home(&self.authority()?))
    }

    /// Who has to get at the home.
    pub(super) fn runner(&self) -> Result<&str> {
        Ok(if matches!(self.authority()?, Authority::Root(_)) { &self.settings.user } else { "this user" })
    }

    pub(super) fn scandir(&self) -> Result<ScanDir> {
        self.settings.scandir()
    }

    pub(super) fn survey(&self) -> Result<&Survey> {
        let look = || self.home().and_then(|home| home.survey()).map_err(|error| format!("{error:#}"));
        Ok(self.survey.get_or_init(look).as_ref().map_err(|cause| Fault::failed(cause.clone()))?)
    }

    /// What `look` finds in every profile whose directory can be read.
    pub(super) fn in_profiles<T>(
        &self,
        look: impl Fn(&ProfileName, &Directory) -> Result<T>,
    ) -> Result<Vec<(ProfileName, T)>> {
        let profiles = &self.survey()?.profiles;
        let found = self.home()?.in_each(profiles, look)?;
        Ok(profiles.iter().cloned().zip(found).filter_map(|(profile, found)| Some((profile, found.ok()?))).collect())
    }
}
