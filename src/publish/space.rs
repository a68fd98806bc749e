//! Room on the file system of the scan directory. A slot that fits is of no use when its supervisors' state does not.

use anyhow::Result;
use camino::Utf8Path;
use rustix::fs::statvfs;
use rustix::io::Errno;

use crate::error::At;

/// What the two s6-supervise of a slot write in it, status, death tally and lock, in bytes: a page for each file.
const BYTES: u64 = 32 * 1024;
/// The same in inodes.
const INODES: u64 = 8;

/// Fails unless the supervisors of `slots` more slots find room on the file system of `scandir`.
pub(super) fn room_for_supervisors(scandir: &Utf8Path, slots: usize) -> Result<()> {
    let found = statvfs(scandir.as_str()).at("stat", scandir)?;
    let slots = u64::try_from(slots).unwrap_or(u64::MAX);
    // Zero in all: a file system that does not count them.
    let bytes = found.f_blocks == 0 || found.f_bavail.saturating_mul(found.f_frsize) >= slots.saturating_mul(BYTES);
    let inodes = found.f_files == 0 || found.f_favail >= slots.saturating_mul(INODES);
    if bytes && inodes { Ok(()) } else { Err(Errno::NOSPC).at("make room in", scandir) }
}
