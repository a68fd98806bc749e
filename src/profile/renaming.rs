//! A note in a profile that is being renamed: its gateway was to run under the old name. That stands nowhere else while the
//! one is down already and the other is not up yet.

use anyhow::Result;

use super::directory::Directory;
use super::name::ProfileName;

const FILE: &str = ".gateway-renaming";

/// Leaves the note: the profile was called `old`.
///
/// # Errors
/// When it cannot be written.
pub fn note_renaming(directory: &Directory, old: &ProfileName) -> Result<()> {
    directory.replace(FILE, old.as_str().as_bytes(), 0o600)
}

/// Whether there is one of a renaming from `old`, which then did not come to its end.
///
/// # Errors
/// When this cannot be known.
pub fn has_renaming(directory: &Directory, old: &ProfileName) -> Result<bool> {
    Ok(directory.read(FILE)?.is_some_and(|note| note.bytes == old.as_str().as_bytes()))
}

/// Takes it away.
///
/// # Errors
/// When it is there and stays.
pub fn forget_renaming(directory: &Directory) -> Result<()> {
    directory.remove_with_temporary(FILE)
}
