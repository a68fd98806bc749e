//! launchd, through launchctl.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use camino::Utf8PathBuf;

use super::{HostTool, Kind, ServiceManager};
use crate::error::Fault;
use crate::profile::ProfileName;

const ASK: Duration = Duration::from_secs(5);
const START: Duration = Duration::from_secs(30);
/// Longer than the 25 seconds that the job's own `ExitTimeOut` grants.
const STOP: Duration = Duration::from_secs(90);
/// launchd tells nobody when a process has ended.
const POLL: Duration = Duration::from_millis(100);
/// launchctl: no such process, service or job, so it is not loaded.
const NOT_LOADED: [Option<i64>; 3] = [Some(3), Some(113), Some(125)];
/// launchctl: bootout has begun and goes on (`EINPROGRESS`).
const IN_PROGRESS: Option<i64> = Some(36);

/// The gateways are agents that Hermes installed: `ai.hermes.gateway`, or `ai.hermes.gateway-<profile>`.
#[derive(Clone, Debug)]
pub struct Launchd {
    /// launchctl.
    pub tool: HostTool,
    /// Whose agents they are.
    pub uid: u32,
    /// Where the property lists lie, `~/Library/LaunchAgents`.
    pub agents: Utf8PathBuf,
}

impl Launchd {
    /// The domain that has the job; when none has, the one of this session: only one with a desktop has `gui`.
    fn domain(&self, profile: &ProfileName) -> Result<String> {
        let [gui, user] = ["gui", "user"].map(|domain| format!("{domain}/{}", self.uid));
        for domain in [&gui, &user] {
            let job = format!("{domain}/{}", label(profile));
            if self.tool.run(&["print", &job], ASK)?.code == Some(0) {
                return Ok(domain.clone());
            }
        }
        let session = self.tool.run(&["managername"], ASK)?;
        Ok(if session.stdout.trim() == "Aqua" { gui } else { user })
    }

    /// Has launchctl start the job; one that is not loaded is loaded first.
    fn kickstart(&self, profile: &ProfileName, options: &[&str], time: Duration) -> Result<()> {
        let domain = self.domain(profile)?;
        let job = format!("{domain}/{}", label(profile));
        let args = [&["kickstart"], options, &[job.as_str()]].concat();
        let reply = self.tool.run(&args, time)?;
        if !NOT_LOADED.contains(&reply.code) {
            return self.tool.success(reply);
        }
        let plist = self.agents.join(format!("{}.plist", label(profile)));
        self.tool.must(&["bootstrap", &domain, plist.as_str()], START)?;
        self.tool.must(&args, time)
    }
}

fn label(profile: &ProfileName) -> String {
    if profile.is_default() { "ai.hermes.gateway".to_owned() } else { format!("ai.hermes.gateway-{profile}") }
}

impl ServiceManager for Launchd {
    fn kind(&self) -> Kind {
        Kind::Launchd
    }

    fn start(&self, profile: &ProfileName) -> Result<()> {
        self.kickstart(profile, &[], START)
    }

    /// Unloads the job: one that is only killed is started again.
    fn stop(&self, profile: &ProfileName) -> Result<()> {
        let deadline = self.tool.deadline(STOP);
        let job = format!("{}/{}", self.domain(profile)?, label(profile));
        let reply = self.tool.run(&["bootout", &job], deadline.left())?;
        if reply.code != IN_PROGRESS && !NOT_LOADED.contains(&reply.code) {
            self.tool.success(reply)?;
        }
        while self.is_running(profile)? {
            if deadline.passed() {
                return Err(Fault::no(format!("stop gateway {profile}: launchd still runs it")).into());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    fn restart(&self, profile: &ProfileName) -> Result<()> {
        self.kickstart(profile, &["-k"], STOP)
    }

    /// launchctl lists a job that has no process, too: only one with a pid runs.
    fn is_running(&self, profile: &ProfileName) -> Result<bool> {
        let reply = self.tool.run(&["list", &label(profile)], ASK)?;
        if NOT_LOADED.contains(&reply.code) {
            return Ok(false);
        }
        let pid = |line: &str| line.trim().strip_prefix("\"PID\" = ")?.strip_suffix(';')?.parse::<u32>().ok();
        let runs = reply.stdout.lines().filter_map(pid).any(|pid| pid > 0);
        self.tool.success(reply).map(|()| runs)
    }
}
