//! Whether the run user gets at its home.

use anyhow::Result;
use camino::Utf8Path;
use rustix::fs::{Access, AtFlags, CWD, accessat};
use rustix::io::Errno;

use super::{Check, Scene, Verdict};
use crate::error::At;
use crate::profile::STATE_FILE;

pub(super) const REACHABLE: Check = Check { code: "HD012", name: "home", look: reachable };
pub(super) const OWNED: Check = Check { code: "HD013", name: "home files", look: owned };

/// What has to be readable wherever it is, and what has to be writable.
const READ: [&str; 3] = [".env", "SOUL.md", STATE_FILE];
const WRITTEN: [&str; 2] = [".", "logs"];

/// The path may have a link in it: it is the operator's setting, not the run user's.
fn reachable(scene: &Scene) -> Result<Verdict> {
    let home = scene.home()?;
    let path = home.path();
    let blocked = home.on_behalf(|| {
        let parents: Vec<_> = path.ancestors().collect();
        for part in parents.into_iter().rev() {
            let access = if part == path { Access::READ_OK | Access::EXEC_OK } else { Access::EXEC_OK };
            match accessat(CWD, part.as_str(), access, AtFlags::EACCESS) {
                Ok(()) => {}
                Err(error @ (Errno::ACCESS | Errno::NOENT | Errno::NOTDIR | Errno::LOOP)) => {
                    return Ok(Some((part, error)));
                }
                Err(error) => return Err(error).at("ask for", part),
            }
        }
        Ok(None)
    })?;
    Ok(match blocked {
        None => Verdict::Fine(path.to_string()),
        Some((part, error)) => barrier(part, error, scene.runner()?),
    })
}

fn barrier(part: &Utf8Path, error: Errno, runner: &str) -> Verdict {
    match error {
        Errno::ACCESS => Verdict::trouble(
            format!("{runner} may not pass {part}"),
            format!("chmod o+x {part}, or chown it where it is the home itself"),
        ),
        Errno::NOENT => Verdict::trouble(
            format!("there is no {part}"),
            "mount the volume, or name the home with --home or HERMES_HOME",
        ),
        error => Verdict::trouble(format!("{part}: {error}"), "name the home with --home or HERMES_HOME"),
    }
}

fn owned(scene: &Scene) -> Result<Verdict> {
    let found = scene.in_profiles(|_, directory| {
        let checks = READ.map(|name| (name, Access::READ_OK)).into_iter();
        let checks = checks.chain(WRITTEN.map(|name| (name, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK)));
        let mut closed = Vec::new();
        for (name, access) in checks {
            if !directory.allows(name, access)? {
                closed.push(
                    if name == "." { directory.path().to_owned() } else { directory.path().join(name) }.into_string(),
                );
            }
        }
        Ok(closed)
    })?;
    let closed: Vec<_> = found.into_iter().flat_map(|(_, closed)| closed).collect();
    let (user, home) = (&scene.settings.user, &scene.settings.home);
    let advice = format!("chown -R {user}: {home}, and write it as {user} only (docker exec -u {user})");
    Ok(Verdict::none_of(
        &closed,
        "what has to be read and written can be",
        &format!("{} may not read or write ", scene.runner()?),
        advice,
    ))
}
