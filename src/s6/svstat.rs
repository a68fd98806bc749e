//! What s6-supervise says of its service.

use std::time::SystemTime;

use anyhow::Result;
use camino::Utf8Path;

use super::program::S6;
use super::supervisor::supervised;
use super::tai::tai64n;
use crate::deadline::Deadline;
use crate::error::Fault;

/// The fields that 2.11 and 2.15 share, in the order in which they are asked for.
const FIELDS: &str = "up,wantedup,normallyup,ready,paused,pid,updownsince";

/// The state of a supervised service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are s6-svstat's fields, each on its own")]
pub struct SvStat {
    /// The process runs.
    pub up: bool,
    /// s6-supervise keeps it up, or tries to.
    pub wanted_up: bool,
    /// There is no `down` file: it comes up by itself when its supervisor starts.
    pub normally_up: bool,
    /// It has said so itself, where it can.
    pub ready: bool,
    /// A SIGSTOP holds it.
    pub paused: bool,
    /// Its process.
    pub pid: Option<i32>,
    /// When it came up or went down.
    pub since: SystemTime,
}

impl SvStat {
    /// Asks s6-svstat; none when no s6-supervise watches `service`, or has not yet written its first status.
    ///
    /// # Errors
    /// When this user may not ask, s6-svstat hangs, or answers what it should not.
    pub fn of(s6: &S6, service: &Utf8Path, deadline: Deadline) -> Result<Option<Self>> {
        // A dead supervisor leaves a status behind that s6-svstat would not believe, but others would.
        if !supervised(service)? {
            return Ok(None);
        }
        let reply = s6.run("s6-svstat", &["-o", FIELDS, service.as_str()], deadline)?;
        match reply.code {
            Some(0) => Self::parse(&reply.stdout).map(Some).ok_or_else(|| {
                Fault::failed(format!("ask {service}: s6-svstat answers {:?}", reply.stdout.trim())).into()
            }),
            // Not supervised any more; or s6-supervise is just starting.
            Some(1) => Ok(None),
            Some(111) if reply.stderr.ends_with("No such file or directory") => Ok(None),
            _ => Err(Fault::failed(format!("ask {service}: {}", reply.stderr)).into()),
        }
    }

    /// Reads what s6-svstat prints of those fields; none when it is anything else.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut flag = || words.next()?.parse().ok();
        let (up, wanted_up, normally_up, ready, paused) = (flag()?, flag()?, flag()?, flag()?, flag()?);
        let pid: i32 = words.next()?.parse().ok()?;
        let since = tai64n(words.next()?)?;
        let pid = (pid > 0).then_some(pid);
        words.next().is_none().then_some(Self { up, wanted_up, normally_up, ready, paused, pid, since })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::s6::tai::EPOCH;

    #[test]
    fn the_line_is_read() {
        let up = SvStat::parse("true false true false true 42 @400000006b03f78026116e35\n").unwrap();
        assert!(up.up && !up.wanted_up && up.normally_up && !up.ready && up.paused);
        let since = SystemTime::UNIX_EPOCH + Duration::new(1_795_422_043, 0x2611_6e35);
        assert_eq!((up.pid, up.since), (Some(42), since));
        let down = SvStat::parse("false true true false false -1 @400000006b03f78026116e35").unwrap();
        assert_eq!(down.pid, None);
    }

    #[test]
    fn anything_else_is_not_believed() {
        let stamp = "@400000006b03f78026116e35";
        for line in ["", "true", "true true true true true 1", "true true true true true 1 17"] {
            assert_eq!(SvStat::parse(line), None, "{line}");
        }
        for line in [format!("yes true true true true 1 {stamp}"), format!("true true true true true 1 {stamp} 1")] {
            assert_eq!(SvStat::parse(&line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_s6_svstat_writes_is_read_back(
            flags in prop::array::uniform5(any::<bool>()),
            pid in prop::option::of(1..i32::MAX),
            seconds in 0..1_u64 << 40,
            nanos in 0..1_000_000_000_u32,
        ) {
            let [up, wanted_up, normally_up, ready, paused] = flags;
            let flags = format!("{up} {wanted_up} {normally_up} {ready} {paused}");
            let line = format!("{flags} {} @{:016x}{nanos:08x}\n", pid.unwrap_or(-1), seconds + EPOCH);
            let since = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            prop_assert_eq!(SvStat::parse(&line), Some(SvStat { up, wanted_up, normally_up, ready, paused, pid, since }));
        }

        #[test]
        fn any_line_is_read_or_refused(line in ".*|(true |false |-?[0-9]{0,30} |@[0-9a-f]{22,26} ){0,9}") {
            let _ = SvStat::parse(&line);
        }
    }
}
