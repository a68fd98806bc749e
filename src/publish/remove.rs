//! A slot's end: down, out of sight, its supervisors gone, then deleted.

use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;

use super::scandir::ScanDir;
use super::survey::lives;
use super::writer::{Writer, rename_new};
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::gateway;
use crate::layout;
use crate::profile::ProfileName;
use crate::s6::{Down, RESPAWN, Supervisor, arrive};
use crate::user::Authority;

/// How long supervisors may take to end once their service is down.
const END: Duration = Duration::from_secs(5);
/// How long s6-svscan usually takes at most to look, and to tell a supervisor whose service is down.
const LOOK: Duration = Duration::from_secs(1);

/// What removing a slot came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It is gone, and its gateway had to be killed.
    Killed,
    /// There was none.
    Absent,
}

/// Removes the slot of `profile`: its gateway gets `grace` to end by itself, then SIGKILL. Afterwards no supervisor of the
/// slot is left, and no gateway that is known of.
///
/// # Errors
/// When something does not end, or cannot be removed.
pub fn remove(
    scandir: &ScanDir,
    authority: &Authority,
    profile: &ProfileName,
    grace: Duration,
    deadline: Deadline,
) -> Result<Removal> {
    let slot = scandir.slot(profile);
    if !scandir.has(profile)? {
        return Ok(Removal::Absent);
    }
    if scandir.has_registered(profile)? && !lives(&slot) {
        // The next s6-supervise is about to come. To a slot without one the end is told badly: its logger waits on.
        drop(arrive(layout::services(slot.clone()).into(), deadline.within(RESPAWN))?);
    }
    // Other writers need not wait while a gateway takes its time to end.
    let killed = gateway::down(scandir.s6(), authority, &slot, Down::ForGood, grace, deadline)?.killed;
    let writer = scandir.writer(authority, deadline)?;
    if !scandir.has(profile)? {
        return Ok(Removal::Absent);
    }
    retire(&writer, &slot, deadline)?;
    Ok(if killed { Removal::Killed } else { Removal::Removed })
}

/// Takes `slot` out of s6-svscan's sight and dissolves it.
///
/// # Errors
/// When something of it does not end, or cannot be removed.
pub fn retire(writer: &Writer, slot: &Utf8Path, deadline: Deadline) -> Result<()> {
    let trash = writer.back_room("old");
    let s6 = writer.scandir.s6();
    let supervisor = Supervisor::of(slot)?;
    rename_new(slot, &trash).at("move away", slot)?;
    writer.scanner.rescan(s6, true, deadline)?;
    // Its end shows that s6-svscan has looked. Otherwise it may be about to start another.
    if !supervisor.map_or(Ok(false), |supervisor| supervisor.gone(deadline.within(LOOK)))? {
        writer.scanner.scan(s6, true, deadline)?;
    }
    delete(writer, &trash, true, deadline)
}

/// Deletes a service directory that s6-svscan no longer sees, once nothing supervises it any more.
pub(super) fn dissolve(writer: &Writer, trash: &Utf8Path, deadline: Deadline) -> Result<()> {
    delete(writer, trash, false, deadline)
}

/// The same; `reaped` says whether s6-svscan knows already that its supervisors have to end.
fn delete(writer: &Writer, trash: &Utf8Path, mut reaped: bool, deadline: Deadline) -> Result<()> {
    let mut end_supervised = |service: &Utf8Path| {
        let supervisor = Supervisor::of(service)?;
        if supervisor.is_some() && !reaped {
            // Whoever was interrupted may have been so before this.
            writer.scanner.rescan(writer.scandir.s6(), true, deadline)?;
            reaped = true;
        }
        supervisor.map_or(Ok(()), |supervisor| end(writer, service, &supervisor, deadline))
    };
    // The logger ends by itself when the last writer of its pipe has ended, so it goes last.
    let [gateway, logger] = layout::services(trash.to_owned());
    end_supervised(&gateway)?;
    gateway::end_outlived(&writer.authority, trash, deadline.within(END))?;
    end_supervised(&logger)?;
    std::fs::remove_dir_all(trash).at("remove", trash)
}

fn end(writer: &Writer, service: &Utf8Path, supervisor: &Supervisor, deadline: Deadline) -> Result<()> {
    if supervisor.gone(deadline.within(END))? {
        return Ok(());
    }
    // A gateway that came up once more, or a logger whose pipe a stray child of the gateway holds open.
    let s6 = writer.scandir.s6();
    s6.run("s6-svc", &["-dxk", service.as_str()], deadline)?;
    if supervisor.gone(deadline.within(END))? {
        return Ok(());
    }
    Err(Fault::no(format!("stop {service}: its s6-supervise does not end"))
        .advise(format!("fuser -v {service}"))
        .into())
}
