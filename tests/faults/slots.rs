//! What lies in a scan directory and a home, compared with what has to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use super::support::{Scratch, processes_in, what_stays};

/// Path relative to the slot, to mode, owner, group and content.
type Slot = BTreeMap<String, (u32, u32, u32, Option<Vec<u8>>)>;

/// The slots by name.
pub(crate) struct Slots(BTreeMap<String, Slot>);

impl Slots {
    pub(crate) fn of(scratch: &Scratch) -> Self {
        let slots = entries(&scratch.path("scan")).into_iter().filter(|name| name.starts_with("gateway-"));
        let slot = |name: String| {
            let mut slot = Slot::new();
            read(&scratch.path("scan").join(&name), "", &mut slot);
            (name, slot)
        };
        Self(slots.map(slot).collect())
    }

    /// What of `now` is not as it is here, and what else of the scan directory should not be.
    pub(crate) fn wrong(&self, now: &Self, scratch: &Scratch) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, slot) in &now.0 {
            let Some(pristine) = self.0.get(name) else {
                wrong.push(format!("there is {name}"));
                continue;
            };
            let paths: BTreeSet<_> = slot.keys().chain(pristine.keys()).collect();
            let differs = paths.into_iter().filter(|path| slot.get(*path) != pristine.get(*path));
            wrong.extend(differs.map(|path| format!("{name}/{path} is {:?}", slot.get(path).map(|found| found.0))));
        }
        let back_room = entries(&scratch.path("scan/.hermes-s6gen"));
        if back_room != ["lock"] {
            wrong.push(format!("staging is left: {back_room:?}"));
        }
        let ours = |name: &String| name == ".hermes-s6gen" || name == ".s6-svscan" || now.0.contains_key(name);
        wrong.extend(
            entries(&scratch.path("scan")).iter().filter(|name| !ours(name)).map(|name| format!("left: {name}")),
        );
        wrong.extend(supervisors(now, scratch));
        wrong
    }
}

/// Every service and logger comes to have exactly one s6-supervise, and there is no other. One that is about to start
/// its service looks like two.
fn supervisors(slots: &Slots, scratch: &Scratch) -> Vec<String> {
    what_stays(Duration::from_secs(20), || supervisors_now(slots, scratch))
}

fn supervisors_now(slots: &Slots, scratch: &Scratch) -> Vec<String> {
    let scan = scratch.path("scan");
    let mut wanted: Vec<_> = slots.0.keys().flat_map(|name| [scan.join(name), scan.join(name).join("log")]).collect();
    let mut wrong = Vec::new();
    for (pid, line) in processes_in(&scan) {
        if !line.starts_with("s6-supervise") {
            continue;
        }
        let Ok(place) = fs::read_link(format!("/proc/{pid}/cwd")) else { continue };
        match wanted.iter().position(|wanted| *wanted == place) {
            Some(index) => drop(wanted.swap_remove(index)),
            None => wrong.push(format!("{line} is left in {}", place.display())),
        }
    }
    wrong.extend(wanted.iter().map(|service| format!("nobody supervises {}", service.display())));
    wrong
}

/// Temporary files that nobody would remove.
pub(crate) fn left_in_home(scratch: &Scratch) -> Vec<String> {
    let mut wrong = Vec::new();
    for profile in ["default", "coder"] {
        let names = entries(&scratch.profile_path(profile));
        wrong
            .extend(names.into_iter().filter(|name| name.starts_with('.')).map(|name| format!("{profile} has {name}")));
    }
    wrong
}

fn read(directory: &Path, relative: &str, slot: &mut Slot) {
    for name in entries(directory) {
        let path = directory.join(&name);
        let relative = format!("{relative}{name}");
        let at = relative.strip_prefix("log/").unwrap_or(&relative);
        let is_supervisors = at.starts_with("supervise/") && !matches!(at, "supervise/control" | "supervise/event");
        let is_subscription = at.starts_with("event/") || at.starts_with("supervise/event/");
        if is_supervisors || is_subscription || matches!(at, "down" | "data/lock") {
            continue;
        }
        // What s6 replaces meanwhile is not asked for.
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        if found.is_dir() {
            read(&path, &format!("{relative}/"), slot);
        }
        let content = found.is_file().then(|| fs::read(&path).unwrap());
        slot.insert(relative, (found.mode(), found.uid(), found.gid(), content));
    }
}

/// The names in `directory`, sorted; none where there is no such directory.
fn entries(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<_> = names.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
