//! Replacing one file in one step.

use std::fs::{OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use anyhow::Result;
use camino::Utf8Path;

use crate::error::At;

/// Makes the file at `path` hold `bytes`, with `mode`, in one step. What an interrupted run left beside it is taken over.
///
/// # Errors
/// When it cannot be written; the file is then as it was.
pub fn replace_file(path: &Utf8Path, bytes: &[u8], mode: u32) -> Result<()> {
    // Cut, as the names of variables are files' names and may be as long as a name can be.
    let staged = path.with_file_name(format!(".{:.200}.new", path.file_name().unwrap_or_default()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&staged)?;
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        std::fs::rename(&staged, path)
    })();
    if written.is_err() {
        // Of no use any more; what went wrong before is what has to be told.
        let _ = std::fs::remove_file(&staged);
    }
    written.at("write", path)
}
