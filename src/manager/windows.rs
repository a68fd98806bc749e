//! The Windows task scheduler, through schtasks.

use std::time::Duration;

use anyhow::Result;

use super::{HostTool, Kind, ServiceManager};
use crate::profile::ProfileName;

const PATIENCE: Duration = Duration::from_secs(30);
/// The installer may ask for elevation, and a person answers that.
const INSTALL: Duration = Duration::from_secs(300);

/// The gateways are tasks that Hermes installed: `Hermes_Gateway`, or `Hermes_Gateway_<profile>`.
#[derive(Clone, Debug)]
pub struct Windows {
    /// schtasks.
    pub schtasks: HostTool,
    /// hermes, whose own installer makes the task.
    pub hermes: HostTool,
}

/// What Hermes' installer can be told; what is not set is its to decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Install {
    /// Replace a task that is there.
    pub force: bool,
    /// Start the gateway when it is installed.
    pub start_now: Option<bool>,
    /// Start it at every login.
    pub start_on_login: Option<bool>,
    /// This is the elevated half of an install that began without elevation.
    pub elevated_handoff: bool,
}

impl Windows {
    /// Installs the task of `profile`.
    ///
    /// # Errors
    /// When the installer fails or does not end.
    pub fn install(&self, profile: &ProfileName, install: Install) -> Result<()> {
        let choice = |chosen: Option<bool>, yes, no| chosen.map(|chosen| if chosen { yes } else { no });
        let flags = [
            install.force.then_some("--force"),
            choice(install.start_now, "--start-now", "--no-start-now"),
            choice(install.start_on_login, "--start-on-login", "--no-start-on-login"),
            install.elevated_handoff.then_some("--elevated-handoff"),
        ];
        let named: &[&str] = if profile.is_default() { &[] } else { &["-p", profile.as_str()] };
        let flags: Vec<_> = flags.into_iter().flatten().collect();
        self.hermes.must(&[named, &["gateway", "install"], &flags].concat(), INSTALL)
    }

    /// What the task scheduler tells of the task; nothing when it gives no answer, as for a task that is not there.
    fn query(&self, profile: &ProfileName) -> Result<Option<String>> {
        let reply = self.schtasks.run(&["/Query", "/TN", &task(profile), "/FO", "LIST", "/V"], PATIENCE)?;
        Ok((reply.code == Some(0)).then_some(reply.stdout))
    }
}

/// The field names are in the user's language; the numeric state is not, but only as a whole value: paths have any
/// word in them. 267009 is `SCHED_S_TASK_RUNNING`.
fn runs(answer: &str) -> bool {
    let fields = answer.lines().filter_map(|line| line.split_once(':'));
    fields
        .map(|(name, value)| (name.trim(), value.trim()))
        .any(|field| field == ("Status", "Running") || field.1 == "267009")
}

fn task(profile: &ProfileName) -> String {
    if profile.is_default() { "Hermes_Gateway".to_owned() } else { format!("Hermes_Gateway_{profile}") }
}

impl ServiceManager for Windows {
    fn kind(&self) -> Kind {
        Kind::Windows
    }

    fn start(&self, profile: &ProfileName) -> Result<()> {
        self.schtasks.must(&["/Run", "/TN", &task(profile)], PATIENCE)
    }

    /// A task that is there and does not run is stopped, whatever schtasks calls it.
    fn stop(&self, profile: &ProfileName) -> Result<()> {
        let reply = self.schtasks.run(&["/End", "/TN", &task(profile)], PATIENCE)?;
        if reply.code != Some(0) && self.query(profile)?.is_some_and(|answer| !runs(&answer)) {
            return Ok(());
        }
        self.schtasks.success(reply)
    }

    fn restart(&self, profile: &ProfileName) -> Result<()> {
        if self.is_running(profile)? {
            self.stop(profile)?;
        }
        self.start(profile)
    }

    fn is_running(&self, profile: &ProfileName) -> Result<bool> {
        Ok(self.query(profile)?.is_some_and(|answer| runs(&answer)))
    }
}
