//! `stop`

use anyhow::Result;

use super::ancestry::hand_over;
use super::slot::Slot;
use super::{Lifecycle, Outcome, warn};
use crate::error::At;
use crate::profile::{Intent, ProfileName, announce_stop, forget_stop, record_end};
use crate::s6::Down;

impl Lifecycle {
    /// Brings the gateway of `profile` down, and keeps it down over container restarts. The gateway learns in its own
    /// home that this is an operator's stop, before the signal comes.
    ///
    /// # Errors
    /// Exit code 1 when it does not end or the intent cannot be recorded, 4 when there is no such gateway.
    pub fn stop(&self, profile: &ProfileName) -> Result<Outcome> {
        let deadline = self.deadline();
        let slot = Slot::lock(self, profile, deadline)?;
        let s6 = self.scandir.s6();
        let stat = slot.svstat(s6, deadline)?;
        if self.is_inside(&slot.path, stat.pid)? {
            hand_over(s6)?;
            return Ok(Outcome::HandedOver);
        }
        if let Some(pid) = stat.pid {
            warn(
                self.home
                    .in_profile(profile, |directory| announce_stop(directory, pid))
                    .at("announce stop of", profile),
            );
        }
        let recorded = self.record(profile, Intent::Stopped);
        let ending = self.down(&slot.path, Down::ForGood, deadline)?;
        warn(self.home.in_profile(profile, forget_stop));
        // The gateway rewrites the same file while it ends, maybe from what it read before.
        recorded.and_then(|()| self.home.in_profile(profile, record_end)).at("record stop of", profile)?;
        // Between two tries it is down as well, but not stopped.
        Ok(match (stat.up || stat.wanted_up || ending.outlived, ending.killed) {
            (_, true) => Outcome::Killed,
            (true, false) => Outcome::Stopped,
            (false, false) => Outcome::AlreadyDown,
        })
    }
}
