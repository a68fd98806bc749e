//! Volumes from before there were state files.

use anyhow::Result;
use jiff::Timestamp;

use crate::error::At;
use crate::profile::{Directory, Prior};

/// A container whose command is the gateway of this profile wants it to run, also on a volume where nobody recorded that
/// yet. What it records, as far as anything is changed. With `write` it is put on the volume.
///
/// # Errors
/// When it cannot be written.
pub(super) fn migrate(directory: &Directory, write: bool) -> Result<Option<Prior>> {
    if directory.has(crate::profile::STATE_FILE)? {
        return Ok(None);
    }
    if write {
        // Byte for byte what Hermes writes, with the spaces of Python's default.
        let line = format!(
            "{{\"gateway_state\": \"running\", \"desired_state\": \"running\", \"timestamp\": {}, \
             \"migrated_from\": \"legacy-container-cmd\"}}\n",
            Timestamp::now().as_second()
        );
        directory.replace(crate::profile::STATE_FILE, line.as_bytes(), 0o644).at("migrate", directory.path())?;
    }
    Ok(Some(Prior { state: Some("running".to_owned()), explicit: true, ..Prior::default() }))
}
