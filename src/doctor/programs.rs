//! The s6 programs.

use anyhow::Result;
use rustix::fs::{Access, access};

use super::{Check, Scene, Verdict};
use crate::s6::{S6, modern};

pub(super) const PROGRAMS: Check = Check { code: "HD020", name: "s6", look };

/// What this program and the scripts that it renders start.
const NEEDED: [&str; 14] = [
    "s6-envdir",
    "s6-log",
    "s6-permafailon",
    "s6-setlock",
    "s6-setuidgid",
    "s6-supervise",
    "s6-svc",
    "s6-svdt",
    "s6-svdt-clear",
    "s6-svscan",
    "s6-svscanctl",
    "s6-svstat",
    "s6-svwait",
    "with-contenv",
];

fn look(scene: &Scene) -> Result<Verdict> {
    let s6 = S6::new(&scene.settings.s6_bin);
    let is_missing = |name: &&&str| access(s6.path(name).as_str(), Access::EXEC_OK).is_err();
    let missing: Vec<_> = NEEDED.iter().filter(is_missing).map(|name| (*name).to_owned()).collect();
    let advice = "install s6 and s6-overlay, or say with --s6-bin or HERMES_S6_BIN_DIR where their programs are";
    if !missing.is_empty() {
        let what = format!("{} lacks ", scene.settings.s6_bin);
        return Ok(Verdict::none_of(&missing, "", &what, advice));
    }
    let modern = modern(&s6, scene.deadline);
    let version = if matches!(modern, Ok(true)) { "2.12 or later" } else { "older than 2.12" };
    Verdict::of(modern, &format!("{version}, in {}", scene.settings.s6_bin), advice)
}
