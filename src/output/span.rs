//! Spans of time for people.

use std::time::Duration;

/// The two largest units: `3m 12s`, `2h 5m`, `4d 1h`.
#[must_use]
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, ..) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_units_are_shown() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m 0s"), (7500, "2h 5m"), (90_000, "1d 1h")] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
