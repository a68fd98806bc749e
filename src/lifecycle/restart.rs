//! `restart`

use anyhow::Result;

use super::ancestry::hand_over;
use super::slot::Slot;
use super::{Lifecycle, Outcome};
use crate::profile::ProfileName;
use crate::s6::Down;

impl Lifecycle {
    /// Brings the gateway of `profile` down and up again; it ends up running whatever state it was in.
    ///
    /// # Errors
    /// Exit code 1 when it does not end, come up or stay up, 4 when there is no such gateway.
    pub fn restart(&self, profile: &ProfileName) -> Result<Outcome> {
        let deadline = self.deadline();
        let mut slot = Slot::lock(self, profile, deadline)?;
        slot.has_a_gateway(profile)?;
        let s6 = self.scandir.s6();
        let stat = slot.svstat(s6, deadline)?;
        if slot.overtaken && stat.up && stat.wanted_up {
            return Ok(Outcome::Joined);
        }
        if self.is_inside(&slot.path, stat.pid)? {
            hand_over(s6)?;
            return Ok(Outcome::HandedOver);
        }
        // Interrupted here, it is still wanted up: no `down` file, and the next supervisor starts it.
        self.down(&slot.path, Down::ForNow, deadline)?;
        self.bring_up(&mut slot, profile, deadline)?;
        Ok(Outcome::Restarted)
    }
}
