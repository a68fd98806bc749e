//! Whether time can be trusted: how long a gateway waits comes from when it died.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use camino::Utf8Path;

use super::{Check, Scene, Verdict};
use crate::parallel::{self, processors};
use crate::s6::deaths;

pub(super) const CLOCK: Check = Check { code: "HD023", name: "clock", look };

/// 2024-01-01, in seconds since 1970: before this program was written.
const PAST: u64 = 1_704_067_200;
/// A death may come between the moment that counts as now and the look at it.
const SLACK: Duration = Duration::from_secs(60);

fn look(scene: &Scene) -> Result<Verdict> {
    if is_past(scene.now) {
        return Ok(Verdict::trouble(
            "it says a year before 2024",
            "set the clock of the machine, as with an NTP client",
        ));
    }
    let scandir = scene.scandir()?;
    let died_later = |slot: &Utf8Path| {
        let deaths = deaths(scandir.s6(), slot, scene.deadline).unwrap_or_default();
        deaths.iter().any(|death| death.at > scene.now + SLACK)
    };
    let early = parallel::map(scandir.slots()?, processors(), |profile| {
        died_later(&scandir.slot(&profile)).then(|| profile.to_string())
    });
    let early: Vec<_> = early.into_iter().flatten().collect();
    let advice = format!("hermes-s6gen gateway restart -p {}, which forgets the deaths", early.join(" -p "));
    Ok(Verdict::none_of(&early, "no death lies in the future", "it was set back: deaths in the future of ", advice))
}

fn is_past(now: SystemTime) -> bool {
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() < PAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_start_of_2024() {
        let bound: jiff::Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        assert!(!is_past(bound.into()) && !is_past(SystemTime::now()));
        assert!(is_past(SystemTime::from(bound) - Duration::from_nanos(1)) && is_past(SystemTime::UNIX_EPOCH));
    }
}
