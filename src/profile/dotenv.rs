//! A profile's `.env`, which Hermes puts over its environment when it starts.

use anyhow::Result;

use super::directory::Directory;

const FILE: &str = ".env";

/// What `.env` sets `name` to; the last line wins. A line that cannot be read counts as none, as it does for Hermes.
///
/// # Errors
/// When there is a file that cannot be read.
pub fn dotenv(directory: &Directory, name: &str) -> Result<Option<String>> {
    let Some(found) = directory.read(FILE)? else { return Ok(None) };
    let lines = dotenvy::from_read_iter(&*found.bytes).filter_map(Result::ok);
    Ok(lines.filter(|(key, _)| key == name).last().map(|(_, value)| value))
}
