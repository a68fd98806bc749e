//! `start`

use std::time::SystemTime;

use anyhow::Result;

use super::slot::Slot;
use super::{Lifecycle, Outcome};
use crate::deadline::Deadline;
use crate::error::{Fault, exit_of};
use crate::exit::Exit;
use crate::pacing::Pacing;
use crate::policy::Ending;
use crate::profile::{Intent, ProfileName};
use crate::s6::{deaths, stays_up};

impl Lifecycle {
    /// Brings the gateway of `profile` up, and keeps it up over container restarts. A profile that has no slot yet
    /// gets one.
    ///
    /// # Errors
    /// Exit code 1 when it does not come up or does not stay up, 4 when there is no such profile.
    pub fn start(&self, profile: &ProfileName) -> Result<Outcome> {
        let deadline = self.deadline();
        let mut slot = self.lock_or_provide(profile, deadline)?;
        slot.has_a_gateway(profile)?;
        let s6 = self.scandir.s6();
        let stat = slot.svstat(s6, deadline)?;
        let pacing = Pacing::of_slot(&slot.path);
        let waits = pacing.next_try(&deaths(s6, &slot.path, deadline)?, SystemTime::now()).is_some();
        if stat.up && stat.wanted_up && stat.normally_up && !waits {
            self.record(profile, Intent::Running)?;
            return Ok(Outcome::AlreadyUp);
        }
        self.bring_up(&mut slot, profile, deadline)?;
        Ok(Outcome::Started)
    }

    /// The slot of `profile`, registered where it is missing.
    fn lock_or_provide(&self, profile: &ProfileName, deadline: Deadline) -> Result<Slot> {
        loop {
            match Slot::lock(self, profile, deadline) {
                Err(error) if exit_of(&error) == Exit::NoSuch && !deadline.passed() => drop(self.provide(profile)?),
                slot => return slot,
            }
        }
    }

    /// Up, verified, and then recorded as wanted.
    pub(super) fn bring_up(&self, slot: &mut Slot, profile: &ProfileName, deadline: Deadline) -> Result<()> {
        let s6 = self.scandir.s6();
        slot.up(self, profile, deadline)?;
        // A gateway that died and is up again, or waits for its next try, has left its death in the tally.
        let stayed = stays_up(s6, &slot.path, self.settle)?;
        let endings: Vec<Ending> = deaths(s6, &slot.path, deadline)?.iter().map(|death| death.ending).collect();
        if stayed && endings.is_empty() {
            slot.count()?;
            return self.record(profile, Intent::Running);
        }
        let last = endings.last().map_or("died".to_owned(), ToString::to_string);
        let next = if slot.svstat_after_finish(s6, deadline)?.wanted_up {
            slot.count()?;
            self.record(profile, Intent::Running)?;
            "it is tried again"
        } else {
            // It gave up for good. What was wanted before is what is wanted still.
            "it stays down"
        };
        let fault = Fault::no(format!("gateway does not stay up: {last}; {next}"));
        Err(fault.advise(format!("hermes gateway logs -p {profile}")).into())
    }
}
