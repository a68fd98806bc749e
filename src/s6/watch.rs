//! Waiting for what s6's daemons do in the file system, without polling.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
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

    fn add(&self, path: &Utf8Path, kinds: WatchFlags) -> Result<i32> {
        inotify::add_watch(&self.0, path.as_str(), kinds).at("watch", path)
    }

    /// Waits for something to happen and hands every event's watch descriptor and flags to `each`; says whether it came
    /// in time.
    fn next(&self, deadline: Deadline, mut each: impl FnMut(i32, ReadFlags)) -> Result<bool> {
        if !readable(self.0.as_fd(), deadline).at("wait for", "inotify")? {
            return Ok(false);
        }
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.0, &mut buffer);
        while let Ok(event) = reader.next() {
            each(event.wd(), event.events());
        }
        Ok(true)
    }
}

/// Waits for s6-supervise to arrive in service directories.
#[derive(Debug)]
pub struct Arrival {
    events: Events,
    /// The services by watch descriptor.
    services: BTreeMap<i32, Utf8PathBuf>,
}

impl Arrival {
    /// Watches nothing yet.
    ///
    /// # Errors
    /// When the kernel gives no more watches.
    pub fn new() -> Result<Self> {
        Ok(Self { events: Events::new()?, services: BTreeMap::new() })
    }

    /// Watches the service directory `service`; its `supervise/` must exist. The watch follows it through renames.
    ///
    /// # Errors
    /// As [`Arrival::new`].
    pub fn watch(&mut self, service: &Utf8Path) -> Result<()> {
        // s6-supervise opens its control FIFO, then renames its first status into place. That it opens the FIFO is not
        // watched: asking whether it has would look the same, and wake this process again and again.
        let kinds = WatchFlags::CREATE | WatchFlags::MOVED_TO;
        let descriptor = self.events.add(&service.join("supervise"), kinds)?;
        self.services.insert(descriptor, service.to_owned());
        Ok(())
    }

    /// Waits until all that is watched is supervised and has a status that s6-svstat can read. Gives the services of
    /// which that did not come true in time.
    ///
    /// # Errors
    /// When a service cannot be asked.
    pub fn wait(&self, deadline: Deadline) -> Result<Vec<&Utf8Path>> {
        let mut missing = self.services.clone();
        let mut look: Vec<i32> = missing.keys().copied().collect();
        loop {
            for descriptor in look.drain(..) {
                if let Entry::Occupied(service) = missing.entry(descriptor)
                    && supervised(service.get())?
                    && has_status(service.get())?
                {
                    service.remove();
                }
            }
            if missing.is_empty() || !self.events.next(deadline, |descriptor, _| look.push(descriptor))? {
                return Ok(missing.keys().filter_map(|key| self.services.get(key)).map(Utf8PathBuf::as_path).collect());
            }
        }
    }
}

fn has_status(service: &Utf8Path) -> Result<bool> {
    let status = service.join("supervise/status");
    status.try_exists().at("stat", status)
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
        self.0.next(deadline, |_, _| ())
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
        self.0.next(deadline, |_, _| ())
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
            if !self.0.next(deadline, |_, flags| read |= flags.contains(ReadFlags::ISDIR))? {
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
