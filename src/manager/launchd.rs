//! launchd, through launchctl.

use std::time::Duration;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::{HostTool, Kind, ServiceManager};
use crate::error::Fault;
use crate::profile::ProfileName;
use crate::program::Reply;

/// Longer than the 25 seconds that the job's own `ExitTimeOut` grants.
const PATIENCE: Duration = Duration::from_secs(60);
/// launchctl: no such process, service or job, so it is not loaded.
const NOT_LOADED: [Option<i64>; 3] = [Some(3), Some(113), Some(125)];

/// The gateways are agents that Hermes installed: `ai.hermes.gateway`, or `ai.hermes.gateway-<profile>`.
#[derive(Clone, Debug)]
pub struct Launchd {
    /// launchctl.
    pub tool: HostTool,
    /// The user's domain: `gui/<uid>` in a session with a desktop, otherwise `user/<uid>`.
    pub domain: String,
    /// Where the property lists lie, `~/Library/LaunchAgents`.
    pub agents: Utf8PathBuf,
}

impl Launchd {
    fn target(&self, profile: &ProfileName) -> String {
        format!("{}/{}", self.domain, label(profile))
    }

    /// Runs launchctl; when the job is not loaded, loads it and tries once more.
    fn loaded(&self, profile: &ProfileName, args: &[&str]) -> Result<()> {
        let reply = self.tool.run(args, PATIENCE)?;
        if !NOT_LOADED.contains(&reply.code) {
            return success(reply);
        }
        let plist = self.agents.join(format!("{}.plist", label(profile)));
        success(self.tool.run(&["bootstrap", &self.domain, plist.as_str()], PATIENCE)?)?;
        success(self.tool.run(args, PATIENCE)?)
    }
}

fn label(profile: &ProfileName) -> String {
    if profile.is_default() { "ai.hermes.gateway".to_owned() } else { format!("ai.hermes.gateway-{profile}") }
}

fn success(reply: Reply) -> Result<()> {
    reply.success("launchctl").map(drop)
}

impl ServiceManager for Launchd {
    fn kind(&self) -> Kind {
        Kind::Launchd
    }

    fn start(&self, profile: &ProfileName) -> Result<()> {
        self.loaded(profile, &["kickstart", &self.target(profile)])
    }

    fn stop(&self, profile: &ProfileName) -> Result<()> {
        let reply = self.tool.run(&["bootout", &self.target(profile)], PATIENCE)?;
        if !NOT_LOADED.contains(&reply.code) {
            success(reply)?;
        }
        if self.is_running(profile)? {
            return Err(Fault::no(format!("stop gateway {profile}: launchd still runs it")).into());
        }
        Ok(())
    }

    fn restart(&self, profile: &ProfileName) -> Result<()> {
        self.loaded(profile, &["kickstart", "-k", &self.target(profile)])
    }

    /// launchctl lists a job that has no process, too: only one with a pid runs.
    fn is_running(&self, profile: &ProfileName) -> Result<bool> {
        let reply = self.tool.run(&["list", &label(profile)], PATIENCE)?;
        let pid = |line: &str| line.trim().strip_prefix("\"PID\" = ")?.strip_suffix(';')?.parse::<u32>().ok();
        Ok(reply.code == Some(0) && reply.stdout.lines().filter_map(pid).any(|pid| pid > 0))
    }
}
