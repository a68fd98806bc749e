//! Ports that two profiles have.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::boot::clashes;
use crate::profile::port_of;

pub(super) const PORTS: Check = Check { code: "HD015", name: "ports", look };

fn look(scene: &Scene) -> Result<Verdict> {
    // Where there is no scan directory, no slot says otherwise.
    let ports = scene.in_profiles(|profile, directory| port_of(profile, directory, &scene.settings.scandir))?;
    let clashes = clashes(ports);
    let advice = "set another API_SERVER_PORT in the .env of one, and restart it";
    Ok(Verdict::none_of(&clashes, "each profile has its own", "", advice))
}
