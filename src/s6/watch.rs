//! Waiting for what s6's daemons do in the file system, without polling.

use std::mem::MaybeUninit;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

use super::supervisor::supervised;
use crate::deadline::Deadline;
use crate::error::At;

/// A set of inotify watches.
#[derive(Debug)]
struct Events(OwnedFd);

impl Events {
    fn new() -> Result<Self> {
        inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map(Self).at("start", "inotify")
    }

    fn add(&self, path: &Utf8Path, kinds: WatchFlags) -> Result<()> {
        inotify::add_watch(&self.0, path.as_str(), kinds).map(drop).at("watch", path)
    }

    /// Waits for something to happen and hands every event's flags to `each`; says whether it came in time.
    fn next(&self, deadline: Deadline, mut each: impl FnMut(ReadFlags)) -> Result<bool> {
        if !readable(self.0.as_fd(), deadline).at("wait for", "inotify")? {
            return Ok(false);
        }
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        while let Ok(event) = reader.next() {
            each(event.events());
        }
        Ok(true)
    }
}

/// Waits for s6-supervise to arrive in service directories that are about to be published.
#[derive(Debug)]
pub struct Arrival(Events);

impl Arrival {
    /// Starts to watch `services`; their `supervise/` must exist. The watch follows the directories through renames.
    ///
    /// # Errors
    /// When the kernel gives no more watches.
    pub fn watch(services: &[Utf8PathBuf]) -> Result<Self> {
        let events = Events::new()?;
        for service in services {
            // s6-supervise opens its control FIFO, then renames its first status into place.
            events.add(&service.join("supervise"), WatchFlags::OPEN | WatchFlags::CREATE | WatchFlags::MOVED_TO)?;
        }
        Ok(Self(events))
    }

    /// Waits until all of `services`, the watched ones under their present names, are supervised and have a status
    /// that s6-svstat can read. Says whether that came in time.
    ///
    /// # Errors
    /// When a service cannot be asked.
    pub fn wait(&self, services: &[Utf8PathBuf], deadline: Deadline) -> Result<bool> {
        let mut missing: Vec<_> = services.iter().collect();
        loop {
            let mut still = Vec::new();
            for service in missing {
                if !(supervised(service)? && service.join("supervise/status").exists()) {
                    still.push(service);
                }
            }
            if still.is_empty() {
                return Ok(true);
            }
            missing = still;
            // What happened does not matter, only that something did: the services are asked again.
            if !self.0.next(deadline, |_| ())? {
                return Ok(false);
            }
        }
    }
}

/// Notices when the death tally of a service changes.
#[derive(Debug)]
pub struct TallyChange(Events);

impl TallyChange {
    /// Starts to watch the tally of `service`. The file itself is watched: the run user may read it, and may not list
    /// the directory that it is replaced in.
    ///
    /// # Errors
    /// When there is none, or it may not be watched.
    pub fn watch(service: &Utf8Path) -> Result<Self> {
        let events = Events::new()?;
        let replaced = WatchFlags::ATTRIB | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF;
        events.add(&service.join("supervise/death_tally"), replaced | WatchFlags::MODIFY)?;
        Ok(Self(events))
    }

    /// Waits for it; says whether it came in time.
    ///
    /// # Errors
    /// When the kernel does not let this process wait.
    pub fn wait(&self, deadline: Deadline) -> Result<bool> {
        self.0.next(deadline, |_| ())
    }
}

/// Notices when s6-log writes or rotates.
#[derive(Debug)]
pub struct LogChange(Events);

impl LogChange {
    /// Starts to watch the log directory `path`.
    ///
    /// # Errors
    /// When it may not be watched.
    pub fn watch(path: &Utf8Path) -> Result<Self> {
        let events = Events::new()?;
        events.add(path, WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO)?;
        Ok(Self(events))
    }

    /// Waits for it; says whether it came in time.
    ///
    /// # Errors
    /// When the kernel does not let this process wait.
    pub fn wait(&self, deadline: Deadline) -> Result<bool> {
        self.0.next(deadline, |_| ())
    }
}

/// Notices when somebody has read a directory to its end, which is how s6-svscan ends a scan.
#[derive(Debug)]
pub(super) struct Readings(Events);

impl Readings {
    pub(super) fn of(directory: &Utf8Path) -> Result<Self> {
        let events = Events::new()?;
        events.add(directory, WatchFlags::CLOSE_NOWRITE)?;
        Ok(Self(events))
    }

    /// Waits for one; says whether it came in time.
    pub(super) fn wait(&self, deadline: Deadline) -> Result<bool> {
        let mut read = false;
        while !read {
            if !self.0.next(deadline, |flags| read |= flags.contains(ReadFlags::ISDIR))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Waits until `fd` is readable; says whether that came in time.
pub(super) fn readable(fd: BorrowedFd, deadline: Deadline) -> rustix::io::Result<bool> {
    loop {
        let mut fds = [PollFd::new(&fd, PollFlags::IN)];
        let left = Timespec::try_from(deadline.left()).map_err(|_| Errno::INVAL)?;
        match poll(&mut fds, Some(&left)) {
            Err(Errno::INTR) => {}
            result => return result.map(|count| count > 0),
        }
    }
}
