//! What every service manager can do for a gateway.

use std::fmt;

use anyhow::Result;

use super::Kind;
use crate::environment::Environment;
use crate::profile::ProfileName;

/// A service manager. Every one starts and stops; only s6 takes gateways in at run time.
pub trait ServiceManager {
    /// Which one it is.
    fn kind(&self) -> Kind;

    /// Brings the gateway of `profile` up.
    ///
    /// # Errors
    /// When the manager refuses, fails or hangs.
    fn start(&self, profile: &ProfileName) -> Result<()>;

    /// Brings it down.
    ///
    /// # Errors
    /// As [`ServiceManager::start`].
    fn stop(&self, profile: &ProfileName) -> Result<()>;

    /// Brings it down and up.
    ///
    /// # Errors
    /// As [`ServiceManager::start`].
    fn restart(&self, profile: &ProfileName) -> Result<()>;

    /// Whether it runs.
    ///
    /// # Errors
    /// When the manager cannot be asked.
    fn is_running(&self, profile: &ProfileName) -> Result<bool>;

    /// Whether gateways can be registered while the manager runs.
    fn supports_runtime_registration(&self) -> bool {
        false
    }

    /// Takes a gateway in.
    ///
    /// # Errors
    /// [`NotSupported`] on a host; otherwise when it cannot be done.
    fn register(&self, profile: &ProfileName, up: bool, environment: Environment) -> Result<()> {
        let _ = (profile, up, environment);
        Err(NotSupported { kind: self.kind(), what: "registration" }.into())
    }

    /// Lets it go.
    ///
    /// # Errors
    /// As [`ServiceManager::register`].
    fn unregister(&self, profile: &ProfileName) -> Result<()> {
        let _ = profile;
        Err(NotSupported { kind: self.kind(), what: "unregistration" }.into())
    }

    /// The profiles that are registered, in name order; on a host none.
    ///
    /// # Errors
    /// When the manager cannot be asked.
    fn list(&self) -> Result<Vec<ProfileName>> {
        Ok(Vec::new())
    }
}

/// The manager cannot do this at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotSupported {
    /// Which manager.
    pub kind: Kind,
    /// What was asked of it.
    pub what: &'static str,
}

impl fmt::Display for NotSupported {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} does not support runtime gateway {} (containers only)", self.kind, self.what)
    }
}

impl std::error::Error for NotSupported {}
