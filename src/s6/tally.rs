//! s6-supervise's own record of deaths.

use std::io::ErrorKind;

use anyhow::Result;
use camino::Utf8Path;

use super::program::S6;
use super::tai::tai64n;
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::policy::{Death, Ending};

/// The deaths of `service`, oldest first (s6-svdt). None when it has never been supervised.
///
/// # Errors
/// When s6-svdt fails or hangs.
pub fn deaths(s6: &S6, service: &Utf8Path, deadline: Deadline) -> Result<Vec<Death>> {
    let tally = service.join("supervise/death_tally");
    match tally.metadata() {
        // Nobody has died: s6-svdt would say nothing.
        Ok(found) if found.len() == 0 => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.at("stat", &tally)?,
    };
    let reply = s6.run("s6-svdt", &["-s", service.as_str()], deadline)?;
    // Somebody removed the service meanwhile.
    if reply.code != Some(0) && !tally.try_exists().at("stat", &tally)? {
        return Ok(Vec::new());
    }
    let reply = reply.success(s6.path("s6-svdt"))?;
    let parse = |line: &str| {
        let fault = || Fault::failed(format!("ask {service}: s6-svdt answers {line:?}"));
        parse_death(line).ok_or_else(fault)
    };
    Ok(reply.stdout.lines().map(parse).collect::<Result<_, _>>()?)
}

/// Forgets them (s6-svdt-clear), which also ends a wait in `backoff`.
///
/// # Errors
/// When s6-svdt-clear fails or hangs.
pub fn forget_deaths(s6: &S6, service: &Utf8Path, deadline: Deadline) -> Result<()> {
    s6.must("s6-svdt-clear", &[service.as_str()], deadline).map(drop)
}

/// Reads a line of s6-svdt, `@<tai64n> exitcode <n>` or `@<tai64n> signal <n>`; none when it is anything else.
#[must_use]
pub fn parse_death(line: &str) -> Option<Death> {
    let mut words = line.split(' ');
    let at = tai64n(words.next()?)?;
    let ending = match (words.next()?, words.next()?.parse().ok()?) {
        ("exitcode", code) => Ending::Exit(code),
        ("signal", number) => Ending::Signal(number),
        _ => return None,
    };
    words.next().is_none().then_some(Death { at, ending })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use proptest::prelude::*;

    use super::*;
    use crate::s6::tai::EPOCH;

    #[test]
    fn both_kinds_of_lines_are_read() {
        let exit = parse_death("@400000006b03f78026116e35 exitcode 3").unwrap();
        assert_eq!(exit.ending, Ending::Exit(3));
        let since = exit.at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!((since.as_secs(), since.subsec_nanos()), (1_795_422_043, 0x2611_6e35));
        assert_eq!(parse_death("@400000006b03f78026116e35 signal 9").unwrap().ending, Ending::Signal(9));
    }

    #[test]
    fn anything_else_is_not_believed() {
        let broken = ["", "@4", "@400000006b03f78026116e35 exitcode 300", "@400000006b03f78026116e35 exitcode 3 4"];
        let odd = ["@400000006b03f780ffffffff exitcode 3", "@00000000000000000000000 exitcode 3", "@é exitcode 3"];
        for line in broken.iter().chain(&odd) {
            assert_eq!(parse_death(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_s6_svdt_writes_is_read_back(
            seconds in 0..1_u64 << 40,
            nanos in 0..1_000_000_000_u32,
            code in any::<u8>(),
            killed in any::<bool>(),
        ) {
            let (word, ending) = if killed { ("signal", Ending::Signal(code)) } else { ("exitcode", Ending::Exit(code)) };
            let line = format!("@{:016x}{nanos:08x} {word} {code}", seconds + EPOCH);
            let at = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            prop_assert_eq!(parse_death(&line), Some(Death { at, ending }));
        }

        #[test]
        fn any_line_is_read_or_refused(line in ".*|@[0-9a-f]{22,26} (exitcode|signal) -?[0-9]{0,5}") {
            let _ = parse_death(&line);
        }
    }
}
