//! Room for the logs that gateways may still write.

use anyhow::Result;
use rustix::fs::statvfs;

use super::{Check, Scene, Verdict};
use crate::error::At;
use crate::logs::LogDirectory;
use crate::profile::{Home, ProfileName};

pub(super) const LOG_SPACE: Check = Check { code: "HD022", name: "log space", look };

const MIB: u64 = 1024 * 1024;

fn look(scene: &Scene) -> Result<Verdict> {
    let profiles = &scene.survey()?.profiles;
    let home = scene.home()?;
    // The file that is written to comes on top of the rotated ones.
    let each = u64::from(scene.log.files + 1) * u64::from(scene.log.bytes);
    let wanted: u64 = profiles.iter().map(|profile| each.saturating_sub(written(&home, profile))).sum();
    let found = home.on_behalf(|| statvfs(home.path().as_str()).at("stat", home.path()))?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let text = format!("{} MiB free, and logs may still take {} MiB", free / MIB, wanted / MIB);
    // Zero in all: a file system that does not count.
    if found.f_blocks == 0 || free >= wanted {
        return Ok(Verdict::Fine(text));
    }
    Ok(Verdict::trouble(text, "make room, or keep less with HERMES_GATEWAY_LOG_FILES and HERMES_GATEWAY_LOG_SIZE"))
}

/// What a log that cannot be read holds is not counted.
fn written(home: &Home, profile: &ProfileName) -> u64 {
    let files = LogDirectory::open(home, profile).and_then(|log| log.files()).unwrap_or_default();
    files.iter().filter_map(|log| log.file.metadata().ok()).map(|found| found.len()).sum()
}
