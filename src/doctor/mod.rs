//! What is wrong with this container or host, and how to mend it. Nothing is changed, and everything on the home is read
//! with the run user's rights.

mod broker;
mod capabilities;
mod capacity;
mod check;
mod clock;
mod home;
mod log_space;
mod path;
mod ports;
mod profiles;
mod programs;
mod rights;
mod scan_directory;
mod scene;
mod slots;
mod supervision;
mod tokens;
mod verdict;

pub use check::Check;
pub use scene::Scene;
pub use verdict::Verdict;

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// How much later than the deadline a check that kept it may answer.
const MARGIN: Duration = Duration::from_secs(1);

/// Every check, in the order of its code.
pub const CHECKS: [Check; 23] = [
    supervision::SCANNER,
    supervision::SLOTS,
    scan_directory::PRESENT,
    scan_directory::TRUSTED,
    scan_directory::LINKS,
    scan_directory::EXECUTABLE,
    scan_directory::SPACE,
    rights::RUN_USER,
    rights::CONTROL,
    capabilities::CAPABILITIES,
    path::PATH,
    home::REACHABLE,
    home::OWNED,
    profiles::PROFILES,
    ports::PORTS,
    tokens::TOKENS,
    slots::ORPHANS,
    slots::LEFTOVERS,
    broker::BROKER,
    programs::PROGRAMS,
    capacity::CAPACITY,
    log_space::LOG_SPACE,
    clock::CLOCK,
];

/// Makes every check on `scene`, all at once: a file system that hangs holds up what needs it and nothing else, and that
/// no longer than the scene's deadline.
#[must_use]
pub fn examine(scene: Scene) -> Vec<(Check, Verdict)> {
    let scene = Arc::new(scene);
    let begin = |check: Check| {
        let (tell, told) = mpsc::channel();
        let shared = Arc::clone(&scene);
        thread::spawn(move || tell.send(check.make(&shared)));
        (check, told)
    };
    let verdict = |told: mpsc::Receiver<Verdict>| {
        let late = |_| Verdict::Unknown("there was no answer in time".to_owned());
        told.recv_timeout(scene.deadline.left() + MARGIN).unwrap_or_else(late)
    };
    let looks = CHECKS.map(begin);
    looks.into_iter().map(|(check, told)| (check, verdict(told))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_names_are_unique() {
        for (index, check) in CHECKS.iter().enumerate() {
            assert_eq!(check.code, format!("HD{:03}", index + 1));
            assert!(CHECKS[..index].iter().all(|other| other.name != check.name), "{}", check.name);
        }
    }
}
