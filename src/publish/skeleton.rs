//! The control files of a service directory, made before s6-supervise would make them.
//!
//! s6-supervise takes what is there as it is, so the rights are the wanted ones from the first moment on, with no
//! window in which they are wider or narrower. The end state is that of `s6-svperms -O <group>`: status for all,
//! control and events for the run user's group.

use anyhow::Result;
use camino::Utf8PathBuf;
use rustix::fs::RawMode;

use super::stage::Stage;
use crate::layout;
use crate::tree::Group::{Owner, RunUser};

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
/// When something cannot be made or given to the run user's group.
pub(super) fn make(slot: &Stage) -> Result<()> {
    for service in layout::services(Utf8PathBuf::new()) {
        slot.directory(&service.join("supervise"), SUPERVISE, Owner)?;
        slot.directory(&service.join("supervise/event"), EVENT, RunUser)?;
        slot.directory(&service.join("event"), EVENT, RunUser)?;
        slot.fifo(&service.join("supervise/control"), CONTROL, RunUser)?;
    }
    slot.file(layout::LOCK.as_ref(), LOCK, RunUser, b"")?;
    slot.file(layout::GATEWAY.as_ref(), GATEWAY, RunUser, b"")
}
