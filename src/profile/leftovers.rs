//! What a gateway of an earlier boot left behind in its profile.

use anyhow::Result;

use super::directory::Directory;

/// Files about processes. Their ids mean other processes, or none, once the container has restarted.
const FILES: [&str; 2] = ["gateway.pid", "processes.json"];

/// Removes them. To be called only where the profile's gateway is known not to run.
///
/// # Errors
/// When one is there and stays; the others are gone.
pub fn remove_leftovers(directory: &Directory) -> Result<()> {
    let removed: Vec<_> = FILES.iter().map(|file| directory.remove(file)).collect();
    removed.into_iter().collect()
}
