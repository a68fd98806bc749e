//! When a gateway may be started.

use std::time::{Duration, SystemTime};

use camino::Utf8Path;

use crate::layout;
use crate::policy::{Death, Policy};

/// No boot spreads its gateways further than this. A clock that was set back must not hold one up for years.
const SPREAD_MAX: Duration = Duration::from_secs(3600);

/// What decides when the gateway of one slot may be started.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// How deaths are answered.
    pub policy: Policy,
    /// When it may start the first time, where the boot spreads its gateways.
    pub not_before: Option<SystemTime>,
}

impl Pacing {
    /// The pacing of the service directory `slot`; the usual one where it has none that can be read.
    #[must_use]
    pub fn of_slot(slot: &Utf8Path) -> Self {
        let text = std::fs::read_to_string(slot.join(layout::NOT_BEFORE)).ok();
        let seconds = text.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let not_before = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds));
        Self { policy: Policy::of_slot(slot), not_before }
    }

    /// When the gateway may be started again after `deaths`, oldest first, or the first time, as of `now`; none when at
    /// once.
    #[must_use]
    pub fn next_try(&self, deaths: &[Death], now: SystemTime) -> Option<SystemTime> {
        if deaths.is_empty() {
            return self.not_before.filter(|start| start.duration_since(now).is_ok_and(|left| left <= SPREAD_MAX));
        }
        let next = self.policy.next_try(deaths);
        next.filter(|next| next.duration_since(now).is_ok())
    }

    /// The longest time that anything is put off.
    #[must_use]
    pub fn most(&self) -> Duration {
        SPREAD_MAX.max(Duration::from_secs(self.policy.most.into()))
    }
}
