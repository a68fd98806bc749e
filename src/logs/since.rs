//! `--since`: a span before now, or a local time.

use anyhow::Result;
use jiff::civil::DateTime;
use jiff::{Span, Timestamp};

use crate::error::Fault;

/// `text` as s6-log would stamp that moment: local time, nanoseconds.
///
/// # Errors
/// When it is neither a span (`90s`, `10m`, `2h`, `1d`) nor a time (`2026-11-23`, `2026-11-23 08:00`).
pub fn parse_since(text: &str) -> Result<String> {
    let fault = || {
        Fault::failed(format!("read time {text:?}: is neither a span nor a time"))
            .advise("--since 10m, or --since '2026-11-23 08:00'")
    };
    let local = match span(text) {
        Some(span) => jiff::Zoned::now().checked_sub(span).map_err(|_| fault())?.datetime(),
        None => text.parse::<DateTime>().map_err(|_| fault())?,
    };
    Ok(local.strftime("%Y-%m-%d %H:%M:%S%.9f").to_string())
}

fn span(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|number| *number >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    // Bounded by what a timestamp can hold, so that no sum overflows.
    let total = number.checked_mul(seconds).filter(|total| *total < Timestamp::MAX.as_second())?;
    Span::new().try_seconds(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_as_they_are() {
        assert_eq!(parse_since("2026-11-23").unwrap(), "2026-11-23 00:00:00.000000000");
        assert_eq!(parse_since("2026-11-23 08:00").unwrap(), "2026-11-23 08:00:00.000000000");
        assert_eq!(parse_since("2026-11-23T08:00:01.5").unwrap(), "2026-11-23 08:00:01.500000000");
    }

    #[test]
    fn spans_count_back_from_now() {
        let (hour, day) = (parse_since("1h").unwrap(), parse_since("1d").unwrap());
        assert!(day < hour && hour < parse_since("0s").unwrap());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "m", "10", "10x", "-5m", "yesterday", "2026-13-01", "99999999999999999d", "5é"] {
            assert!(parse_since(text).is_err(), "{text}");
        }
    }
}
