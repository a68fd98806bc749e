//! What this user may do.

use anyhow::Result;
use camino::Utf8Path;
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use super::{Check, Scene, Verdict};
use crate::error::{At, is_denied};
use crate::s6::supervised;
use crate::user::Authority;

pub(super) const RUN_USER: Check = Check { code: "HD008", name: "run user", look: run_user };
pub(super) const CONTROL: Check = Check { code: "HD009", name: "rights", look: control };

fn run_user(scene: &Scene) -> Result<Verdict> {
    let authority = scene.settings.authority();
    let fine = match &authority {
        Ok(Authority::Root(user)) => format!("root, for {} ({})", scene.settings.user, user.uid.as_raw()),
        Ok(Authority::Own(user)) => format!("uid {}, for itself", user.uid.as_raw()),
        Err(_) => String::new(),
    };
    Verdict::of(authority, &fine, "give the container a readable /etc/passwd")
}

fn control(scene: &Scene) -> Result<Verdict> {
    let scandir = scene.scandir()?;
    let path = scandir.path();
    match accessat(CWD, path.as_str(), Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
        Ok(()) => return Ok(Verdict::Fine("may register, start and stop gateways".to_owned())),
        Err(Errno::ROFS) => {
            return Ok(Verdict::trouble(format!("{path} is mounted read-only"), "mount a tmpfs on /run"));
        }
        Err(Errno::ACCESS) => {}
        Err(error) => return Err(error).at("ask for", path),
    }
    let is_closed = |slot: &Utf8Path| supervised(slot).is_err_and(|error| is_denied(&error));
    if scandir.slots()?.iter().any(|profile| is_closed(&scandir.slot(profile))) {
        let what = "this user may neither register nor start and stop gateways";
        return Ok(Verdict::trouble(what, format!("run it as root or as {}", scene.settings.user)));
    }
    Ok(Verdict::Fine("may start and stop gateways; to register them takes root or the broker".to_owned()))
}
