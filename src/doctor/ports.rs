//! Ports that two profiles have.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::boot::{clashes, port_of};

pub(super) const PORTS: Check = Check { code: "HD015", name: "ports", look };

fn look(scene: &Scene) -> Result<Verdict> {
    let clashes = clashes(scene.in_profiles(port_of)?);
    let advice = "set another API_SERVER_PORT in the .env of one, and restart it";
    Ok(Verdict::none_of(&clashes, "each profile has its own", "", advice))
}
