//! What s6-svstat and s6-svdt print, and what s6-svscan was started with.

#![no_main]

use std::time::SystemTime;

use hermes_s6gen::pacing::Pacing;
use hermes_s6gen::policy::Policy;
use hermes_s6gen::s6::{Capacity, Load, SvStat, parse_death};
use hermes_s6gen::status::Status;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let arguments = bytes.split(|byte| *byte == 0);
    let load = Load { directories: bytes.len(), loggers: 0 };
    let room = Capacity::from_args(arguments).room(load, 1000, || Ok::<_, ()>(bytes.len().is_multiple_of(2)));
    assert!(room.unwrap() <= 1000);
    let text = String::from_utf8_lossy(bytes);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let deaths: Vec<_> = rest.lines().map_while(parse_death).collect();
    let pacing = Pacing { policy: Policy::default(), not_before: None };
    let now = SystemTime::now();
    let status = Status::of(SvStat::parse(first), deaths, &pacing, now);
    assert!(status.deaths_last_hour(now) <= status.deaths.len());
});
