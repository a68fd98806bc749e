//! Waiting for a condition.

use std::time::{Duration, Instant};

/// Looks every 10 ms whether `condition` holds; panics with `what` when it does not within a minute.
pub(crate) fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    wait_within(Duration::from_secs(60), what, condition);
}

/// The same for what may take up to `limit`.
pub(crate) fn wait_within(limit: Duration, what: &str, condition: impl FnMut() -> bool) {
    assert!(comes_true(limit, condition), "waited in vain: {what}");
}

/// What `look` still finds wrong after `limit`; nothing as soon as it finds nothing.
pub(crate) fn what_stays(limit: Duration, mut look: impl FnMut() -> Vec<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    comes_true(limit, || {
        wrong = look();
        wrong.is_empty()
    });
    wrong
}

fn comes_true(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !condition() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}
