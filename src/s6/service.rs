//! Commands to the s6-supervise of one service.

use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;

use super::arrival::{RESPAWN, arrive, gets_status, has_status, status};
use super::program::S6;
use super::supervisor::supervised;
use super::svstat::SvStat;
use crate::deadline::Deadline;
use crate::error::Fault;
use crate::program::Reply;

/// How long a killed service and its finish script may take; s6 itself allows finish 5 seconds.
const AFTER_KILL: Duration = Duration::from_secs(10);
/// How much longer than its own limit an s6 program may take before it counts as hanging.
const MARGIN: Duration = Duration::from_secs(5);
/// s6-svc, nobody listens: 100 before s6 2.14, 102 since. No usage error can be meant: the usage is fixed.
const UNSUPERVISED: [Option<i64>; 2] = [Some(100), Some(102)];

/// For how long a service is brought down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// Until it is brought up again, also over a death of its supervisor (`s6-svc -D`).
    ForGood,
    /// On the way up again (`s6-svc -d`).
    ForNow,
}

impl Down {
    fn command(self) -> &'static str {
        match self {
            Self::ForGood => "-D",
            Self::ForNow => "-d",
        }
    }

    /// Whether s6-supervise has read that command.
    fn is_known_to(self, stat: &SvStat) -> bool {
        !stat.wanted_up && (self == Self::ForNow || !stat.normally_up)
    }
}

/// Brings `service` down and waits for the end of its finish script. After `grace` without success it is killed; says
/// whether that was needed.
///
/// # Errors
/// When it stays up even so, or s6-svc fails.
pub fn down(s6: &S6, service: &Utf8Path, how: Down, grace: Duration, deadline: Deadline) -> Result<bool> {
    if !supervised(service)? {
        return Ok(false);
    }
    await_status(service, deadline)?;
    tell(s6, service, how.command())?;
    if wait_down(s6, service, how, deadline.within(grace))? {
        return Ok(false);
    }
    tell(s6, service, "-k")?;
    if wait_down(s6, service, how, Deadline::after(AFTER_KILL))? {
        return Ok(true);
    }
    Err(Fault::no(format!("stop {service}: is still up after SIGKILL")).into())
}

/// Tells `service` to go down, and does not wait.
///
/// # Errors
/// When s6-svc fails or hangs.
pub fn tell_down(s6: &S6, service: &Utf8Path) -> Result<()> {
    tell(s6, service, Down::ForNow.command())
}

/// Sends SIGHUP to `service` (`s6-svc -h`), at which an s6-log ends as it should.
///
/// # Errors
/// When s6-svc fails or hangs.
pub fn hang_up(s6: &S6, service: &Utf8Path) -> Result<()> {
    tell(s6, service, "-h")
}

fn tell(s6: &S6, service: &Utf8Path, command: &str) -> Result<()> {
    if !supervised(service)? {
        return Ok(());
    }
    let reply = s6.run("s6-svc", &[command, service.as_str()], Deadline::after(MARGIN))?;
    match reply.code {
        Some(0) => Ok(()),
        code if UNSUPERVISED.contains(&code) => Ok(()),
        _ => Err(Fault::failed(format!("command {service}: {}", reply.stderr)).into()),
    }
}

/// Brings `service` up for good (`s6-svc -U`) and waits until it is up.
///
/// # Errors
/// When it does not come up in time, or s6-svc fails.
pub fn up(s6: &S6, service: &Utf8Path, deadline: Deadline) -> Result<()> {
    await_status(service, deadline)?;
    let limit = millis(deadline.left());
    // It subscribes before it sends, so no coming up is missed. Of what is up already it would not wait until it has sent.
    let wait: &[_] = match SvStat::of(s6, service, deadline)? {
        Some(stat) if stat.up => &[],
        _ => &["-wu", "-T", &limit],
    };
    let reply =
        s6.run("s6-svc", &[wait, &["-U", service.as_str()]].concat(), Deadline::after(deadline.left() + MARGIN))?;
    match reply.code {
        Some(0) => Ok(()),
        _ if timed_out(&reply) => Err(Fault::no(format!("start {service}: did not come up in time")).into()),
        _ => Err(Fault::failed(format!("start {service}: {}", reply.stderr)).into()),
    }
}

/// Whether `service`, which is up, stays so for `time`.
///
/// # Errors
/// When s6-svwait fails or hangs.
pub fn stays_up(s6: &S6, service: &Utf8Path, time: Duration) -> Result<bool> {
    Ok(time.is_zero() || !wait_for(s6, service, "-d", Deadline::after(time))?)
}

/// Waits for the end of the finish script of `service`, which is down.
///
/// # Errors
/// When s6-svwait fails or hangs.
pub fn await_finish(s6: &S6, service: &Utf8Path) -> Result<()> {
    wait_for(s6, service, "-D", Deadline::after(AFTER_KILL)).map(drop)
}

/// s6-svc fails when it is to wait for a service of which s6-supervise has not written anything yet.
fn await_status(service: &Utf8Path, deadline: Deadline) -> Result<()> {
    if has_status(service)? {
        return Ok(());
    }
    arrive(vec![service.to_owned()], deadline.within(RESPAWN)).map(drop)
}

/// Waits until `service` is down, as it was told, and its finish script done; says whether that came in time. It is told
/// before, on its own: `s6-svc -w` does not wait until it has sent, where the service happens to be down.
fn wait_down(s6: &S6, service: &Utf8Path, how: Down, deadline: Deadline) -> Result<bool> {
    loop {
        let before = status(service)?;
        if !wait_for(s6, service, "-D", deadline)? {
            return Ok(false);
        }
        let stat = SvStat::of(s6, service, Deadline::after(MARGIN))?;
        if stat.is_none_or(|stat| how.is_known_to(&stat)) {
            return Ok(true);
        }
        if !gets_status(service, before, deadline)? {
            return Ok(false);
        }
    }
}

/// Waits until what `service` is doing is `state` (an option of s6-svwait), or nobody supervises it any more; says whether
/// that came in time.
fn wait_for(s6: &S6, service: &Utf8Path, state: &str, deadline: Deadline) -> Result<bool> {
    let args = [state, "-t", &millis(deadline.left()), service.as_str()];
    let reply = s6.run("s6-svwait", &args, Deadline::after(deadline.left() + MARGIN))?;
    match reply.code {
        Some(0) => Ok(true),
        _ if timed_out(&reply) => Ok(false),
        // Somebody removed the service meanwhile.
        _ if !supervised(service)? => Ok(true),
        _ => Err(Fault::failed(format!("wait for {service}: {}", reply.stderr)).into()),
    }
}

/// A time limit for an s6 program. It takes 0 for no limit at all, and needs some time to subscribe to events.
fn millis(time: Duration) -> String {
    time.as_millis().max(250).to_string()
}

/// Whether an s6 program ran into its time limit: while it waited, or already while it subscribed.
fn timed_out(reply: &Reply) -> bool {
    reply.code == Some(99) || (reply.code == Some(111) && reply.stderr.ends_with("timed out"))
}
