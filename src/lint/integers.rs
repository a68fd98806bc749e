//! Settings that s6-supervise reads as numbers, signals or flags.

use camino::Utf8PathBuf;

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};

pub(super) static NOT_A_NUMBER: Rule = Rule {
    code: "HS022",
    title: "a number that is none",
    severity: Severity::Error,
    why: "s6-supervise takes digits and nothing else; it warns, and goes on as if the file were not there.",
    page: "servicedir",
    mend: "Write an unsigned number and a newline.",
};

pub(super) static DEATH_TALLY: Rule = Rule {
    code: "HS023",
    title: "more deaths than s6-supervise remembers",
    severity: Severity::Error,
    why: "`max-death-tally` cannot be greater than 4096.",
    page: "servicedir",
    mend: "Write 4096 or less; without the file it is 100.",
};

pub(super) static NOTIFICATION_FD: Rule = Rule {
    code: "HS024",
    title: "readiness on a standard descriptor",
    severity: Severity::Error,
    why: "0 is refused. A gateway that tells its readiness on 1 or 2 counts as ready with the first line that it logs, \
          and that line is lost.",
    page: "servicedir",
    mend: "Use 3 or more, and tell the program to write there.",
};

pub(super) static SAME_FD: Rule = Rule {
    code: "HS025",
    title: "one descriptor for readiness and lock",
    severity: Severity::Error,
    why: "s6-supervise does not start a service whose notification-fd and lock-fd are the same.",
    page: "servicedir",
    mend: "Use different numbers.",
};

pub(super) static SECONDS: Rule = Rule {
    code: "HS026",
    title: "a time that looks like seconds",
    severity: Severity::Warning,
    why: "Times are milliseconds: with 10 in `timeout-kill` a service has a hundredth of a second to end.",
    page: "servicedir",
    mend: "Write milliseconds, 10000 for ten seconds.",
};

pub(super) static ENDLESS_FINISH: Rule = Rule {
    code: "HS027",
    title: "a gateway's finish script without a time limit",
    severity: Severity::Warning,
    why: "With 0 in `timeout-finish` a finish script that hangs keeps the gateway down for ever.",
    page: "servicedir",
    mend: "Remove the file; the limit is 5 seconds then.",
};

pub(super) static NO_SIGNAL: Rule = Rule {
    code: "HS028",
    title: "a signal that is none",
    severity: Severity::Error,
    why: "s6-supervise warns, and sends SIGTERM (or SIGHUP for a reload) instead.",
    page: "servicedir",
    mend: "Write a name such as SIGINT or a number, and a newline.",
};

pub(super) static FLAG_CONTENT: Rule = Rule {
    code: "HS029",
    title: "a flag file with content",
    severity: Severity::Warning,
    why: "That it is there is what counts: with `no` in `down` the service is down all the same.",
    page: "servicedir",
    mend: "Remove it to unset the flag, empty it to set the flag.",
};

const NUMBERS: [&str; 7] =
    ["notification-fd", "lock-fd", "timeout-kill", "timeout-finish", "max-death-tally", "timeout-up", "timeout-down"];

const SIGNALS: [&str; 31] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT", "SEGV", "STOP", "TERM",
    "TSTP", "TTIN", "TTOU", "USR1", "USR2", "POLL", "PROF", "SYS", "TRAP", "URG", "VTALRM", "XCPU", "XFSZ", "WINCH",
    "IO", "PWR",
];

/// Times below this many milliseconds are surely meant to be seconds.
const SECONDS_MAX: u32 = 100;

pub(super) fn check(service: &Service, findings: &mut Findings) {
    let parts: &[&str] = if service.role == Role::Definition { &[""] } else { &["", "log"] };
    for part in parts {
        for name in NUMBERS {
            check_number(service, part, name, findings);
        }
        for name in ["down-signal", "reload-signal"] {
            let path = Utf8PathBuf::from(part).join(name);
            if let Some(text) = first_line(service, &path)
                && !is_signal(&text)
            {
                findings.add_at(&NO_SIGNAL, &path, 1, format!("{text:?} is not a signal"));
            }
        }
        for name in ["down", "flag-timeout-killpg", "flag-newpidns"] {
            let path = Utf8PathBuf::from(part).join(name);
            // In a oneshot's definition `down` is what undoes `up`.
            let is_flag = service.role != Role::Definition || name != "down";
            if is_flag && service.tree.file(&path).is_some_and(|file| file.size > 0) {
                findings.add(&FLAG_CONTENT, path, "is not empty, and counts all the same");
            }
        }
        let number = |name: &str| first_line(service, &Utf8PathBuf::from(part).join(name))?.parse::<u32>().ok();
        if let Some(fd) = number("notification-fd").filter(|fd| number("lock-fd") == Some(*fd)) {
            findings.add(&SAME_FD, Utf8PathBuf::from(part).join("lock-fd"), format!("{fd} is the notification-fd too"));
        }
    }
}

fn check_number(service: &Service, part: &str, name: &str, findings: &mut Findings) {
    let path = Utf8PathBuf::from(part).join(name);
    let Some(text) = first_line(service, &path) else { return };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(number) = text.parse::<u32>().ok().filter(|_| digits) else {
        return findings.add_at(&NOT_A_NUMBER, &path, 1, format!("{text:?} is not a number"));
    };
    let is_gateway = service.is_gateway();
    match name {
        "max-death-tally" if number > 4096 => {
            findings.add_at(&DEATH_TALLY, &path, 1, format!("{number} is more than 4096"));
        }
        // s6-log and others tell it on 1 by design, and then log nothing there.
        "notification-fd" if number == 0 || is_gateway && part.is_empty() && number <= 2 => {
            findings.add_at(&NOTIFICATION_FD, &path, 1, format!("{number} is taken"));
        }
        "lock-fd" if number == 0 => findings.add_at(&NOTIFICATION_FD, &path, 1, "0 is taken"),
        "timeout-finish" if number == 0 && is_gateway => {
            findings.add_at(&ENDLESS_FINISH, &path, 1, "0 is no limit");
        }
        "timeout-kill" | "timeout-finish" | "timeout-up" | "timeout-down" if (1..SECONDS_MAX).contains(&number) => {
            findings.add_at(&SECONDS, &path, 1, format!("{number} is {number} milliseconds"));
        }
        _ => {}
    }
}

/// What s6-supervise reads of it; the carriage return is another rule's.
fn first_line(service: &Service, path: &camino::Utf8Path) -> Option<String> {
    let bytes = &service.tree.file(path)?.bytes;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(&line[..line.len().min(64)]).into_owned();
    Some(text.strip_suffix('\r').map(str::to_owned).unwrap_or(text))
}

fn is_signal(text: &str) -> bool {
    let is_number = text.parse::<u32>().is_ok_and(|number| (1..=64).contains(&number));
    let upper = text.to_ascii_uppercase();
    is_number || SIGNALS.contains(&upper.strip_prefix("SIG").unwrap_or(&upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_names_and_numbers() {
        assert!(["SIGINT", "TERM", "sigusr1", "15"].into_iter().all(is_signal));
        assert!(!["", "SIGNOPE", "0", "65", "TERM ", "-9"].into_iter().any(is_signal));
    }
}
