//! What the container leaves root of its powers.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::error::{At, Fault};
use crate::user::Authority;

pub(super) const CAPABILITIES: Check = Check { code: "HD010", name: "capabilities", look };

/// What root needs, by its number in `capabilities(7)`.
const NEEDED: [(u32, &str); 5] = [(0, "CHOWN"), (1, "DAC_OVERRIDE"), (5, "KILL"), (6, "SETGID"), (7, "SETUID")];

fn look(scene: &Scene) -> Result<Verdict> {
    if let Authority::Own(_) = scene.authority()? {
        return Ok(Verdict::Unknown("not root, so none is needed".to_owned()));
    }
    let path = scene.proc.join("self/status");
    let status = std::fs::read_to_string(&path).at("read", &path)?;
    let effective = effective(&status).ok_or_else(|| Fault::failed(format!("read {path}: has no CapEff")))?;
    let lacks = |(bit, name): &(u32, &str)| (effective >> bit & 1 == 0).then(|| (*name).to_owned());
    let missing: Vec<_> = NEEDED.iter().filter_map(lacks).collect();
    let options = missing.join(" --cap-add=");
    let advice = format!("docker run --cap-add={options}, or run the whole container as the run user");
    Ok(Verdict::none_of(&missing, "root has what it needs", "root lacks ", advice))
}

fn effective(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_is_read() {
        assert_eq!(effective("Name:\tx\nCapEff:\t00000000a80425fb\nCapBnd:\t0\n"), Some(0xa804_25fb));
        assert_eq!(effective("CapInh:\t0\n"), None);
    }
}
