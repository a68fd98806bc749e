//! Where things are: flags over environment over defaults.

use std::ffi::OsString;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::broker::Broker;
use crate::cli::{Places, Scripts};
use crate::error::Fault;
use crate::policy::Policy;
use crate::profile::{Home, ProfileName};
use crate::publish::ScanDir;
use crate::s6::S6;
use crate::spec::{Host, LogLimits};
use crate::user::Authority;

/// Where the image's broker listens.
pub const BROKER: &str = "/run/hermes-s6gen/registrar";

/// The roots that everything works on. The root directory of the file system is not among them: a scratch tree has
/// all of these and needs no other.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The root home, whose own profile is `default`.
    pub home: Utf8PathBuf,
    /// The scan directory.
    pub scandir: Utf8PathBuf,
    /// The directory of the s6 programs.
    pub s6_bin: Utf8PathBuf,
    /// The run user's name.
    pub user: String,
    /// The socket of the broker.
    pub broker: Utf8PathBuf,
    /// The profile that a command means which names none.
    pub active: ProfileName,
    /// What the environment says on whether the default gateway serves the other profiles too; Hermes reads it as well.
    pub multiplex: Option<OsString>,
}

impl Settings {
    /// Fills in what neither flag nor environment say. Set but empty counts as not set.
    ///
    /// # Errors
    /// When a path is not absolute: scripts and daemons that run elsewhere would take it for another.
    pub fn from_places(places: &Places) -> Result<Self> {
        let home = absolute("--home", places.home.as_deref(), "/opt/data")?;
        let (root, active) = split_home(&home)?;
        Ok(Self {
            home: root.to_owned(),
            active,
            scandir: absolute("--scandir", places.scandir.as_deref(), "/run/service")?,
            s6_bin: absolute("--s6-bin", places.s6_bin.as_deref(), "/command")?,
            user: run_user(places.user.as_deref())?,
            broker: absolute("--broker", places.broker.as_deref(), BROKER)?,
            multiplex: std::env::var_os("GATEWAY_MULTIPLEX_PROFILES"),
        })
    }

    /// The authority that this process has.
    ///
    /// # Errors
    /// When root's run user does not exist.
    pub fn authority(&self) -> Result<Authority> {
        Authority::of_process(&self.user)
    }

    /// The home, read on `authority`.
    #[must_use]
    pub fn home(&self, authority: &Authority) -> Home {
        Home::new(&self.home, authority.clone())
    }

    /// The scan directory.
    ///
    /// # Errors
    /// When there is none.
    pub fn scandir(&self) -> Result<ScanDir> {
        ScanDir::open(&self.scandir, S6::new(&self.s6_bin))
    }

    /// The broker, if this process cannot change the scan directory itself.
    #[must_use]
    pub fn broker(&self) -> Option<Broker> {
        Broker::needed(&self.broker, &self.scandir, S6::new(&self.s6_bin))
    }

    /// What rendered scripts name of the machine that runs them.
    ///
    /// # Errors
    /// When the program's path is not absolute.
    pub fn host(&self, scripts: &Scripts) -> Result<Host> {
        Ok(Host {
            s6_bin: self.s6_bin.clone(),
            program: absolute("--program", Some(&scripts.program), "")?,
            user: self.user.clone(),
            policy: Policy {
                first: scripts.backoff_first,
                most: scripts.backoff_most.max(scripts.backoff_first),
                healthy: scripts.backoff_healthy,
                cap_deaths: scripts.cap_deaths,
                cap_seconds: scripts.cap_seconds,
            },
            log: LogLimits { files: scripts.log_files, bytes: scripts.log_size },
        })
    }
}

/// A path that has to be absolute, or `default` where none is given; given but empty counts as not given.
///
/// # Errors
/// When it is not absolute.
pub fn absolute(flag: &str, given: Option<&Utf8Path>, default: &str) -> Result<Utf8PathBuf> {
    let path = given.filter(|path| !path.as_str().is_empty()).unwrap_or(Utf8Path::new(default));
    if path.is_absolute() {
        Ok(path.to_owned())
    } else {
        Err(Fault::failed(format!("use {flag} {path}: is not an absolute path")).into())
    }
}

/// A named gateway's own `HERMES_HOME` is `<root>/profiles/<name>`: what runs inside it means that profile and the
/// whole home.
fn split_home(home: &Utf8Path) -> Result<(&Utf8Path, ProfileName)> {
    let root = home.parent().filter(|parent| parent.file_name() == Some("profiles")).and_then(Utf8Path::parent);
    match (root, home.file_name()) {
        (Some(root), Some(name)) => Ok((root, ProfileName::parse(name.as_ref())?)),
        _ => Ok((home, ProfileName::default_profile())),
    }
}

/// s6-setuidgid takes `:` for the start of numeric ids and a leading dash for an option.
fn run_user(given: Option<&str>) -> Result<String> {
    let name = given.filter(|name| !name.is_empty()).unwrap_or("hermes");
    if name.starts_with('-') || name.contains(|c: char| c == ':' || c.is_control()) {
        return Err(Fault::failed(format!("run user {name:?}: is not a user name")).into());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_counts_as_unset() {
        let places =
            Places { home: Some("".into()), scandir: None, s6_bin: None, user: Some(String::new()), broker: None };
        let settings = Settings::from_places(&places).unwrap();
        assert_eq!(settings.home, "/opt/data");
        assert_eq!(settings.user, "hermes");
    }

    #[test]
    fn a_profile_home_means_its_root_home() {
        let expected = [
            ("/opt/data/profiles/coder", "/opt/data", "coder"),
            ("/srv/h", "/srv/h", "default"),
            ("/", "/", "default"),
            ("/opt/data/profiles", "/opt/data/profiles", "default"),
        ];
        for (given, root, profile) in expected {
            let (found, active) = split_home(Utf8Path::new(given)).unwrap();
            assert_eq!((found.as_str(), active.as_str()), (root, profile));
        }
    }

    #[test]
    fn relative_paths_and_odd_users_are_refused() {
        let places = |home: &str, user: &str| Places {
            home: Some(home.into()),
            scandir: None,
            s6_bin: None,
            user: Some(user.into()),
            broker: None,
        };
        assert!(Settings::from_places(&places("data", "hermes")).is_err());
        for user in ["-x", ":0:0", "a\nb"] {
            assert!(Settings::from_places(&places("/h", user)).is_err(), "{user:?}");
        }
    }
}
