//! The container's end: every gateway down within a time, whatever is wanted of it.

use std::time::Duration;

use anyhow::Result;

use super::{Lifecycle, Outcome};
use crate::deadline::Deadline;
use crate::parallel;
use crate::profile::ProfileName;
use crate::s6::{Down, down, tell_down};

/// How many gateways are told at a time: that is over in milliseconds.
const TOLD_AT_ONCE: usize = 16;
/// How many are waited for at a time.
const WAITED_FOR_AT_ONCE: usize = 64;

impl Lifecycle {
    /// Brings every gateway down at once. Who has not ended after `time` is killed. One that has outlived its supervisor is
    /// left to what ends every process of the container.
    ///
    /// # Errors
    /// When the scan directory cannot be read; otherwise the results tell.
    pub fn drain(&self, time: Duration) -> Result<Vec<(ProfileName, Result<Outcome>)>> {
        let s6 = self.scandir.s6();
        let deadline = Deadline::after(time);
        // All of them first, so that the last one has as much of the time as the first.
        let told = parallel::map(self.scandir.slots()?, TOLD_AT_ONCE, |profile| {
            let told = tell_down(s6, &self.scandir.slot(&profile));
            (profile, told)
        });
        Ok(parallel::map(told, WAITED_FOR_AT_ONCE, |(profile, told)| {
            let slot = self.scandir.slot(&profile);
            let killed = told.and_then(|()| down(s6, &slot, Down::ForNow, time, deadline));
            (profile, killed.map(|killed| if killed { Outcome::Killed } else { Outcome::Stopped }))
        }))
    }
}
