//! What a death means, and how long until the next try. One rule for `backoff`, which obeys it, and for `status`,
//! which tells it.

use std::fmt;
use std::time::{Duration, SystemTime};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

/// `EX_TEMPFAIL`: the gateway wants to be restarted.
const RESTART: u8 = 75;
/// `EX_CONFIG`: no restart mends a configuration.
pub const CONFIGURATION: u8 = 78;

/// How deaths are answered. It lies in the slot as `data/policy.json`, so that all who ask find the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Seconds to wait after the first death; doubled with each further one.
    pub first: u32,
    /// The most seconds to wait.
    pub most: u32,
    /// A run of this many seconds is healthy: earlier deaths are forgotten.
    pub healthy: u32,
    /// With `cap_deaths` deaths within `cap_seconds` it stays down (s6-permafailon); 0 is no cap.
    pub cap_deaths: u32,
    /// The time that the cap looks back on, in seconds.
    pub cap_seconds: u32,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited with this code.
    Exit(u8),
    /// This signal killed it.
    Signal(u8),
}

/// One entry of s6's death tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// When.
    pub at: SystemTime,
    /// How.
    pub ending: Ending,
}

impl Default for Policy {
    fn default() -> Self {
        Self { first: 1, most: 300, healthy: 300, cap_deaths: 0, cap_seconds: 3600 }
    }
}

impl Policy {
    /// Where it lies in a slot.
    pub const FILE: &str = "data/policy.json";

    /// The policy of the service directory `slot`; the usual one where it has none that can be read.
    #[must_use]
    pub fn of_slot(slot: &Utf8Path) -> Self {
        let bytes = std::fs::read(slot.join(Self::FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// When the gateway may be started again after `deaths`, oldest first; none when at once.
    #[must_use]
    pub fn next_try(&self, deaths: &[Death]) -> Option<SystemTime> {
        let mut row = 0;
        let mut may_start: Option<SystemTime> = None;
        let mut delay = Duration::ZERO;
        for death in deaths {
            let ran = may_start.and_then(|start| death.at.duration_since(start).ok());
            if ran.is_some_and(|ran| ran.as_secs() >= self.healthy.into()) {
                row = 0;
            }
            if death.ending == Ending::Exit(RESTART) {
                delay = Duration::ZERO;
            } else {
                delay = self.delay(row);
                row += 1;
            }
            may_start = Some(death.at + delay);
        }
        may_start.filter(|_| !delay.is_zero())
    }

    /// The wait after `row` earlier deaths in a row.
    fn delay(&self, row: u32) -> Duration {
        let seconds = u64::from(self.first).saturating_mul(1 << row.min(32));
        Duration::from_secs(seconds.min(self.most.into()))
    }

    /// Whether `deaths` are as many as the cap allows, as of `now`.
    #[must_use]
    pub fn capped(&self, deaths: &[Death], now: SystemTime) -> bool {
        let counts = |death: &&Death| {
            let ago = now.duration_since(death.at);
            death.ending != Ending::Exit(RESTART) && ago.is_ok_and(|ago| ago.as_secs() <= self.cap_seconds.into())
        };
        self.cap_deaths > 0 && self.cap_deaths as usize <= deaths.iter().filter(counts).count()
    }
}

impl Ending {
    /// What it means to people; none where the code says it all.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        match self {
            Self::Exit(0) => Some("clean"),
            Self::Exit(RESTART) => Some("wants a restart"),
            Self::Exit(CONFIGURATION) => Some("configuration error"),
            Self::Exit(111) => Some("a system call failed"),
            Self::Exit(126) => Some("not executable"),
            Self::Exit(127) => Some("not found"),
            _ => None,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "exit {code}")?,
            Self::Signal(number) => write!(f, "signal {number}")?,
        }
        self.meaning().map_or(Ok(()), |meaning| write!(f, " ({meaning})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { first: 1, most: 300, healthy: 300, cap_deaths: 0, cap_seconds: 0 };

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn deaths(endings: &[(u64, u8)]) -> Vec<Death> {
        endings.iter().map(|&(second, code)| Death { at: at(second), ending: Ending::Exit(code) }).collect()
    }

    /// The wait after the last of `endings`.
    fn wait(endings: &[(u64, u8)]) -> u64 {
        let last = endings.last().map_or(0, |(second, _)| *second);
        POLICY.next_try(&deaths(endings)).map_or(0, |next| next.duration_since(at(last)).unwrap().as_secs())
    }

    #[test]
    fn waits_double_up_to_the_most() {
        let mut endings = Vec::new();
        let mut now = 0;
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            endings.push((now, 1));
            assert_eq!(wait(&endings), expected);
            now += expected;
        }
        assert_eq!(wait(&[]), 0);
    }

    #[test]
    fn a_healthy_run_forgets() {
        assert_eq!(wait(&[(0, 1), (1, 1), (302, 1)]), 4);
        assert_eq!(wait(&[(0, 1), (1, 1), (303, 1)]), 1);
    }

    #[test]
    fn a_wanted_restart_is_at_once_and_does_not_count() {
        assert_eq!(wait(&[(0, 1), (1, 75)]), 0);
        assert_eq!(wait(&[(0, 1), (1, 75), (2, 1)]), 2);
        assert_eq!(wait(&[(0, 75), (1, 75), (2, 75)]), 0);
    }

    #[test]
    fn a_clock_set_back_does_not_confuse() {
        assert_eq!(wait(&[(1000, 1), (5, 1)]), 2);
    }

    #[test]
    fn the_cap_counts_recent_deaths_only() {
        let policy = Policy { cap_deaths: 2, cap_seconds: 60, ..POLICY };
        assert!(policy.capped(&deaths(&[(0, 1), (10, 1)]), at(20)));
        assert!(!policy.capped(&deaths(&[(0, 1), (100, 1)]), at(101)));
        assert!(!POLICY.capped(&deaths(&[(0, 1), (10, 1)]), at(20)));
    }
}
