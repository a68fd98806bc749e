//! The scan directory itself.

use anyhow::Result;

use super::supervision::is_roots;
use super::{Check, Scene, Verdict};
use crate::user::Authority;

pub(super) const PRESENT: Check = Check { code: "HD003", name: "scan directory", look: present };
pub(super) const TRUSTED: Check = Check { code: "HD004", name: "scan owner", look: trusted };
pub(super) const LINKS: Check = Check { code: "HD005", name: "scan links", look: links };
pub(super) const EXECUTABLE: Check = Check { code: "HD006", name: "scan mount", look: executable };
pub(super) const SPACE: Check = Check { code: "HD007", name: "scan space", look: space };

fn present(scene: &Scene) -> Result<Verdict> {
    Verdict::of(scene.settings.scandir(), scene.settings.scandir.as_str(), "mount /run")
}

fn trusted(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    // Whose s6-svscan it is matters here, not who asks.
    let authority = match scene.authority()? {
        Authority::Own(user) if is_roots(scandir.path()) => Authority::Root(user),
        authority => authority,
    };
    Verdict::of(scandir.trusted_by(&authority), "nobody else may write there", "")
}

fn links(scene: &Scene) -> Result<Verdict> {
    let links: Vec<_> = scene.scandir()?.dangling_links()?.iter().map(ToString::to_string).collect();
    let what = "links that lead nowhere stop every scan of s6 2.12 and later: ";
    Ok(Verdict::none_of(&links, "none leads nowhere", what, format!("rm {}", links.join(" "))))
}

fn executable(scene: &Scene) -> Result<Verdict> {
    Verdict::of(scene.scandir()?.executable(), "what lies there can be executed", "")
}

fn space(scene: &Scene) -> Result<Verdict> {
    let advice = "give its file system more room, as in docker run --tmpfs /run:exec,size=64m";
    Verdict::of(scene.scandir()?.has_room_for(1), "room for more", advice)
}
