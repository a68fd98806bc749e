//! systemd, through systemctl.

use std::time::Duration;

use anyhow::Result;

use super::{HostTool, Kind, ServiceManager};
use crate::profile::ProfileName;

const ASK: Duration = Duration::from_secs(10);
const START: Duration = Duration::from_secs(30);
/// The unit's own limit for a stop is 60 seconds.
const STOP: Duration = Duration::from_secs(90);
/// systemctl is-active: not active, and (newer systemctl) no such unit. Other codes are no answer.
const INACTIVE: [Option<i64>; 2] = [Some(3), Some(4)];

/// Whose systemd it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The user's (`systemctl --user`).
    User,
    /// The machine's.
    System,
}

/// The gateways are units that Hermes installed: `hermes-gateway.service`, or `hermes-gateway-<profile>.service`.
#[derive(Clone, Debug)]
pub struct Systemd {
    /// systemctl.
    pub tool: HostTool,
    /// Whose systemd it talks to.
    pub scope: Scope,
}

impl Systemd {
    fn with_scope<'a>(&self, args: &[&'a str]) -> Vec<&'a str> {
        let scope: &[&str] = if self.scope == Scope::User { &["--user"] } else { &[] };
        [scope, args].concat()
    }

    fn must(&self, verb: &str, profile: &ProfileName, time: Duration) -> Result<()> {
        self.tool.must(&self.with_scope(&[verb, &unit(profile)]), time)
    }
}

fn unit(profile: &ProfileName) -> String {
    if profile.is_default() { "hermes-gateway.service".to_owned() } else { format!("hermes-gateway-{profile}.service") }
}

impl ServiceManager for Systemd {
    fn kind(&self) -> Kind {
        Kind::Systemd
    }

    fn start(&self, profile: &ProfileName) -> Result<()> {
        self.must("start", profile, START)
    }

    fn stop(&self, profile: &ProfileName) -> Result<()> {
        self.must("stop", profile, STOP)
    }

    fn restart(&self, profile: &ProfileName) -> Result<()> {
        self.must("restart", profile, STOP)
    }

    fn is_running(&self, profile: &ProfileName) -> Result<bool> {
        let reply = self.tool.run(&self.with_scope(&["is-active", "--quiet", &unit(profile)]), ASK)?;
        if INACTIVE.contains(&reply.code) {
            return Ok(false);
        }
        self.tool.success(reply).map(|()| true)
    }
}
