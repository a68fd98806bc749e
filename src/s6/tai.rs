//! TAI64N labels, in which s6 writes times.

use std::time::{Duration, SystemTime};

/// TAI64's name for 1970-01-01 00:00:00, plus TAI's 37 seconds before UTC. No leap second has come since 2017 and
/// none is to come.
pub(super) const EPOCH: u64 = (1 << 62) + 37;

/// Reads `@` and 24 hexadecimal digits; none when it is anything else.
pub(super) fn tai64n(label: &str) -> Option<SystemTime> {
    let digits = label.strip_prefix('@').filter(|digits| digits.len() == 24 && digits.is_ascii())?;
    let seconds = u64::from_str_radix(&digits[..16], 16).ok()?.checked_sub(EPOCH)?;
    let nanos = u32::from_str_radix(&digits[16..], 16).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
}
