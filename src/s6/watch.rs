//! Waiting for what s6's daemons do in the file system, without polling.

use std::mem::MaybeUninit;

use anyhow::Result;
use camino::Utf8Path;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use crate::deadline::Deadline;
use crate::error::At;

/// A set of inotify watches.
#[derive(Debug)]
pub(super) struct Events(OwnedFd);

impl Events {
    pub(super) fn new() -> Result<Self> {
        inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map(Self).at("start", "inotify")
    }

    pub(super) fn add(&self, path: &Utf8Path, kinds: WatchFlags) -> Result<()> {
        inotify::add_watch(&self.0, path.as_str(), kinds).map(drop).at("watch", path)
    }

    /// Waits for something to happen and hands every event's flags to `each`; says whether it came in time.
    pub(super) fn next(&self, deadline: Deadline, mut each: impl FnMut(ReadFlags)) -> Result<bool> {
        if !deadline.poll(&mut [PollFd::new(&self.0, PollFlags::IN)]).at("wait for", "inotify")? {
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
