//! Where programs are looked for.

use std::env::split_paths;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Result;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::{Check, Scene, Verdict};
use crate::user::{Authority, User};

pub(super) const PATH: Check = Check { code: "HD011", name: "PATH", look };

const SYSTEM: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Whoever can write a directory that comes before the system's can give root another `ls`.
fn look(scene: &Scene) -> Result<Verdict> {
    let authority = scene.authority()?;
    let Authority::Root(user) = &authority else {
        return Ok(Verdict::Unknown("not root, so nobody is above the run user".to_owned()));
    };
    let is_system = |directory: &Path| SYSTEM.iter().any(|system| directory == Path::new(system));
    let directories: Vec<_> = split_paths(&scene.path).take_while(|directory| !is_system(directory)).collect();
    let open = authority.in_home(|| {
        let open = directories.iter().filter(|directory| is_open(directory, user));
        Ok(open.map(|directory| format!("{:?}", directory.display().to_string())).collect::<Vec<_>>())
    })?;
    let what = "the run user can put programs before the system's: ";
    Ok(Verdict::none_of(
        &open,
        "the system's programs come first",
        what,
        "put them at the end of PATH, or give them to root",
    ))
}

/// Whether `user`, whose rights this thread has, decides what is in `directory`: by writing it, or by making it or
/// putting another in its place.
fn is_open(directory: &Path, user: &User) -> bool {
    if directory.is_relative() {
        return true;
    }
    let may_write = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
    let mut below_exists = false;
    for path in directory.ancestors() {
        let Ok(found) = std::fs::metadata(path) else {
            below_exists = false;
            continue;
        };
        let is_sticky = found.mode() & 0o1000 != 0;
        if found.uid() == user.uid.as_raw() || (may_write(path) && !(below_exists && is_sticky)) {
            return true;
        }
        below_exists = true;
    }
    false
}
