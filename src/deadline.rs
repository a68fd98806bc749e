//! A moment after which waiting ends.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

/// Every wait and every child process has one; it is passed down, so that nested waits share it.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment `time` from now.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The time left, zero once it has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    #[must_use]
    pub fn passed(self) -> bool {
        self.left().is_zero()
    }

    /// This one and a moment more: for watching over a program that keeps the deadline itself.
    #[must_use]
    pub fn later(self) -> Self {
        Self(self.0 + Duration::from_secs(2))
    }

    /// The earlier of this one and `time` from now.
    #[must_use]
    pub fn within(self, time: Duration) -> Self {
        Self(self.0.min(Instant::now() + time))
    }

    /// Waits for one of `fds`; says whether one came before the deadline.
    ///
    /// # Errors
    /// When the kernel does not let this process wait.
    pub fn poll(self, fds: &mut [PollFd]) -> rustix::io::Result<bool> {
        loop {
            let left = Timespec::try_from(self.left()).map_err(|_| Errno::INVAL)?;
            match poll(fds, Some(&left)) {
                Err(Errno::INTR) => {}
                result => return result.map(|count| count > 0),
            }
        }
    }
}
