//! What is looked at.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::Check;
use super::home::REACHABLE;
use super::rights::RUN_USER;
use super::scan_directory::PRESENT;
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
    /// The present.
    pub now: SystemTime,
    /// When looking ends.
    pub deadline: Deadline,
    /// The home's profiles.
    pub survey: OnceLock<Option<Survey>>,
}

impl Scene {
    /// Like all that checks need, it fails by naming the check whose trouble that is.
    pub(super) fn authority(&self) -> Result<Authority> {
        self.settings.authority().map_err(|_| needs(&RUN_USER))
    }

    pub(super) fn home(&self) -> Result<Home> {
        Ok(self.settings.home(&self.authority()?))
    }

    /// Who has to get at the home.
    pub(super) fn runner(&self) -> Result<&str> {
        Ok(if matches!(self.authority()?, Authority::Root(_)) { &self.settings.user } else { "this user" })
    }

    pub(super) fn scandir(&self) -> Result<ScanDir> {
        self.settings.scandir().map_err(|_| needs(&PRESENT))
    }

    pub(super) fn survey(&self) -> Result<&Survey> {
        let home = self.home()?;
        self.survey.get_or_init(|| home.survey().ok()).as_ref().ok_or_else(|| needs(&REACHABLE))
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

pub(super) fn needs(check: &Check) -> anyhow::Error {
    Fault::failed(format!("needs what {} looks at", check.code)).into()
}
