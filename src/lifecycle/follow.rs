//! What the boot does to gateways that live already. What is recorded of them stays as it is.

use anyhow::Result;

use super::Lifecycle;
use super::slot::Slot;
use crate::plan::Outdated;
use crate::profile::ProfileName;
use crate::s6::{Down, hang_up};

impl Lifecycle {
    /// Brings the gateway of `profile` in step with what is recorded of it.
    ///
    /// # Errors
    /// When it does not come up, or does not end.
    pub fn follow(&self, profile: &ProfileName, is_up: bool) -> Result<()> {
        let deadline = self.deadline();
        let slot = Slot::lock(self, profile, deadline)?;
        if is_up { slot.up(self, profile, deadline) } else { self.down(&slot.path, Down::ForGood, deadline).map(drop) }
    }

    /// Makes `what` of the slot of `profile` run what the slot holds now. What is down stays down.
    ///
    /// # Errors
    /// When it does not end, or does not come up again.
    pub fn renew(&self, profile: &ProfileName, what: Outdated) -> Result<()> {
        let deadline = self.deadline();
        let mut slot = Slot::lock(self, profile, deadline)?;
        let s6 = self.scandir.s6();
        match what {
            // It is told to end, reads on to the end of a line, and its supervisor starts the next; the pipe stays.
            Outdated::Logger => hang_up(s6, &slot.path.join("log")),
            Outdated::Gateway if !slot.svstat(s6, deadline)?.up => Ok(()),
            Outdated::Gateway => {
                self.down(&slot.path, Down::ForNow, deadline)?;
                slot.up(self, profile, deadline)?;
                slot.count()
            }
        }
    }
}
