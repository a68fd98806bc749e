//! The control files of a service directory, made before s6-supervise would make them.
//!
//! s6-supervise takes what is there as it is, so the rights are the wanted ones from the first moment on, with no
//! window in which they are wider or narrower. The end state is that of `s6-svperms -O <group>`: status for all,
//! control and events for the run user's group.

use anyhow::Result;
use camino::Utf8Path;
use rustix::fs::{CWD, Mode, RawMode, chmod, mkdir, mkfifoat};
use rustix::process::Gid;

use crate::error::At;
use crate::layout;

/// Search for everybody, so that s6-svstat and s6-svdt reach the status; list and write for the owner alone.
const SUPERVISE: RawMode = 0o711;
/// The group writes commands to s6-supervise, which alone reads them.
const CONTROL: RawMode = 0o620;
/// A fifodir that the group may subscribe to (s6-mkfifodir -g).
const EVENT: RawMode = 0o3730;

/// What keeps operators of one slot apart. Whoever may command the supervisor is one of them, so who holds it back
/// can do no more than what the control FIFO allows anyway.
const LOCK: RawMode = 0o660;
/// Gateways read it to lock it, and nobody else has to.
const GATEWAY: RawMode = 0o640;

/// Makes the control files of the service directory `slot` and of its logger.
///
/// # Errors
/// When something cannot be made or given to `group`.
pub(super) fn make(slot: &Utf8Path, group: Option<Gid>) -> Result<()> {
    for service in layout::services(slot.to_owned()) {
        directory(&service.join("supervise"), SUPERVISE, None)?;
        directory(&service.join("supervise/event"), EVENT, group)?;
        directory(&service.join("event"), EVENT, group)?;
        let control = service.join("supervise/control");
        mkfifoat(CWD, control.as_str(), Mode::from_raw_mode(0o600)).at("make", &control)?;
        settle(&control, CONTROL, group)?;
    }
    for (name, mode) in [(layout::LOCK, LOCK), (layout::GATEWAY, GATEWAY)] {
        let path = slot.join(name);
        std::fs::write(&path, "").at("make", &path)?;
        settle(&path, mode, group)?;
    }
    Ok(())
}

fn directory(path: &Utf8Path, mode: RawMode, group: Option<Gid>) -> Result<()> {
    mkdir(path.as_str(), Mode::from_raw_mode(0o700)).at("make", path)?;
    settle(path, mode, group)
}

/// Group first: a chown takes the set-group-id bit away.
fn settle(path: &Utf8Path, mode: RawMode, group: Option<Gid>) -> Result<()> {
    if let Some(group) = group {
        std::os::unix::fs::chown(path, None, Some(group.as_raw())).at("chown", path)?;
    }
    chmod(path.as_str(), Mode::from_raw_mode(mode)).at("chmod", path)
}
