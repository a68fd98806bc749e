//! A note in a profile that is being renamed: its gateway was to run under the old name. That stands nowhere else while the
//! one is down already and the other is not up yet.

use anyhow::Result;

use super::directory::Directory;

const FILE: &str = ".gateway-renaming";

/// Leaves the note.
///
/// # Errors
/// When it cannot be written.
pub fn note_renaming(directory: &Directory) -> Result<()> {
    directory.replace(FILE, b"", 0o600)
}

/// Whether there is one: the last renaming did not come to its end.
///
/// # Errors
/// When this cannot be known.
pub fn has_renaming(directory: &Directory) -> Result<bool> {
    directory.has(FILE)
}

/// Takes it away.
///
/// # Errors
/// When it is there and stays.
pub fn forget_renaming(directory: &Directory) -> Result<()> {
    directory.remove_with_temporary(FILE)
}
