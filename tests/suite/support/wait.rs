//! Waiting for a condition.

use std::time::{Duration, Instant};

/// Looks every 10 ms whether `condition` holds; panics with `what` when it does not within a minute.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
