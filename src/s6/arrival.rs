//! Waiting for s6-supervise to arrive in service directories.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::inotify::WatchFlags;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, retry_on_intr};

use super::supervisor::{control, supervised};
use super::watch::Events;
use crate::deadline::Deadline;
use crate::error::{At, is_denied};

/// How long a service whose s6-supervise was killed may be without one: s6-svscan starts the next after one second.
pub const RESPAWN: Duration = Duration::from_secs(5);
/// An s6-supervise listens a fraction of a millisecond before it has written its first status.
const MOMENT: Duration = Duration::from_millis(2);

/// Waits until each of `services` is supervised and has a status that s6-svstat can read. Gives those of which that did
/// not come true in time.
///
/// # Errors
/// When a service cannot be asked.
pub fn arrive(services: Vec<Utf8PathBuf>, deadline: Deadline) -> Result<Vec<Utf8PathBuf>> {
    if services.is_empty() {
        return Ok(services);
    }
    // What a killed s6-supervise has left. One that listens by now may just have written its own.
    let stale = |service: &Utf8PathBuf| match status(service)? {
        before @ Some(_) if !supervised(service)? => Ok(before),
        _ => Ok(None),
    };
    let before = services.iter().map(stale).collect::<Result<Vec<_>>>()?;
    let (tell, told) = mpsc::channel();
    let knocked_at = services.clone();
    // A thread that still knocks when time is up does so until this process ends; nobody else notices.
    let knock = move || tell.send(knocked_at.iter().map(|service| opens(service)).collect::<Result<Vec<_>>>());
    thread::Builder::new().spawn(knock).at("wait for", "s6-supervise")?;
    let listens = match told.recv_timeout(deadline.left()) {
        Ok(listens) => listens?,
        Err(_) => services.iter().map(|service| supervised(service)).collect::<Result<_>>()?,
    };
    let mut missing = Vec::new();
    for ((service, before), listens) in services.into_iter().zip(before).zip(listens) {
        if !listens || !gets_status(&service, before, deadline)? {
            missing.push(service);
        }
    }
    Ok(missing)
}

/// Waits until somebody reads the control FIFO of `service`: to open it for writing takes that long. False where there
/// is none.
fn opens(service: &Utf8Path) -> Result<bool> {
    let door = control(service);
    match retry_on_intr(|| open(door.as_str(), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
        Err(error) => Err(error).at("open", door),
    }
}

/// Waits until `service`, which is supervised, has another status than `before`. Whoever closes an inotify descriptor waits
/// for a grace period of the kernel, some ten milliseconds, so that comes last.
pub(super) fn gets_status(service: &Utf8Path, before: Option<Written>, deadline: Deadline) -> Result<bool> {
    let is_new = || Ok::<_, anyhow::Error>(status(service)?.is_some_and(|now| Some(now) != before));
    let moment = deadline.within(MOMENT);
    while !moment.passed() {
        if is_new()? {
            return Ok(true);
        }
        thread::yield_now();
    }
    let events = Events::new()?;
    let watched = events.add(&service.join("supervise"), WatchFlags::CREATE | WatchFlags::MOVED_TO);
    // The run user may not list the directory, and nothing else tells.
    let is_blind = watched.as_ref().is_err_and(is_denied);
    if !is_blind {
        watched?;
    }
    while !is_new()? {
        if deadline.passed() {
            return Ok(false);
        }
        if is_blind {
            thread::sleep(MOMENT);
        } else {
            events.next(deadline, |_| ())?;
        }
    }
    Ok(true)
}

/// Whether an s6-supervise has ever written what s6-svstat reads of `service`.
pub(super) fn has_status(service: &Utf8Path) -> Result<bool> {
    Ok(status(service)?.is_some())
}

/// Which status a service has: the inode of its file, which is renamed into place, and when that was made, as a file system
/// may give a number again.
pub(super) type Written = (u64, i64, i64);

pub(super) fn status(service: &Utf8Path) -> Result<Option<Written>> {
    let path = service.join("supervise/status");
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => {
            let found = found.at("stat", path)?;
            Ok(Some((found.ino(), found.ctime(), found.ctime_nsec())))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::Instant;

    use rustix::fs::{CWD, mkfifoat};
    use tempfile::TempDir;

    use super::*;

    /// Service directories without supervisors.
    fn services(names: &[&str]) -> (TempDir, Vec<Utf8PathBuf>) {
        let scratch = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(scratch.path()).unwrap();
        let service = |name: &&str| {
            let service = root.join(name);
            fs::create_dir_all(service.join("supervise")).unwrap();
            mkfifoat(CWD, control(&service).as_str(), Mode::from_raw_mode(0o600)).unwrap();
            service
        };
        let services = names.iter().map(service).collect();
        (scratch, services)
    }

    /// What s6-supervise does, with a pause between.
    fn supervise(service: &Utf8Path, pause: Duration) -> File {
        let listens = open(control(service).as_str(), OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        thread::sleep(pause);
        let status = service.join("supervise/status");
        // As it comes, and as it starts its service.
        for _ in 0..2 {
            fs::write(status.with_extension("new"), "x").unwrap();
            fs::rename(status.with_extension("new"), &status).unwrap();
        }
        listens.into()
    }

    /// Whether the status of a supervisor that has gone is told from that of the next, which comes after `pause`.
    fn tells_the_next_from_the_last(pause: Duration) -> bool {
        let (_scratch, services) = services(&["a"]);
        drop(supervise(&services[0], Duration::ZERO));
        let old = status(&services[0]).unwrap();
        let next = services[0].clone();
        let supervisor = thread::spawn(move || {
            thread::sleep(pause);
            supervise(&next, Duration::from_millis(20))
        });
        assert_eq!(arrive(services.clone(), Deadline::after(Duration::from_secs(60))).unwrap(), [""; 0]);
        let tells = status(&services[0]).unwrap() != old;
        let _supervisor = supervisor.join().unwrap();
        // Of one that is there already, nothing new is expected.
        assert_eq!(arrive(services, Deadline::after(Duration::from_secs(60))).unwrap(), [""; 0]);
        tells
    }

    #[test]
    fn the_status_of_one_that_is_no_more_does_not_count() {
        // On a slow machine the next may listen before anybody has looked at what the last has left.
        let mut pauses = [20, 1000, 10_000].map(Duration::from_millis).into_iter();
        assert!(pauses.any(tells_the_next_from_the_last));
    }

    #[test]
    fn all_are_waited_for_in_any_order() {
        for pause in [Duration::ZERO, 20 * MOMENT] {
            let (_scratch, services) = services(&["a", "b", "c"]);
            let later = services.clone();
            let supervisors = thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                later.iter().rev().map(|service| supervise(service, pause)).collect::<Vec<_>>()
            });
            assert_eq!(arrive(services, Deadline::after(Duration::from_secs(60))).unwrap(), [""; 0]);
            drop(supervisors.join().unwrap());
        }
    }

    #[test]
    fn those_that_do_not_come_are_named() {
        let (_scratch, mut services) = services(&["a", "b", "c"]);
        let _supervisor = supervise(&services[1], Duration::ZERO);
        // One listens and says nothing; one has gone.
        let _mute = open(control(&services[2]).as_str(), OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap();
        services.push(services[0].with_file_name("gone"));
        let began = Instant::now();
        let missing = arrive(services, Deadline::after(Duration::from_millis(100))).unwrap();
        let names: Vec<_> = missing.iter().filter_map(|service| service.file_name()).collect();
        assert_eq!(names, ["a", "c", "gone"]);
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
