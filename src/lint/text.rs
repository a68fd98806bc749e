//! Bytes that editors put in and programs do not expect.

use camino::{Utf8Path, Utf8PathBuf};

use super::finding::Findings;
use super::layout;
use super::rule::{Rule, Severity};
use super::service::{Role, Service};

pub(super) static CARRIAGE_RETURN: Rule = Rule {
    code: "HS030",
    title: "Windows line ends",
    severity: Severity::Error,
    why: "The kernel looks for an interpreter whose name ends in a carriage return, and s6 takes it for part of a number.",
    page: "servicedir",
    mend: "Save the file with Unix line ends.",
};

pub(super) static BYTE_ORDER_MARK: Rule = Rule {
    code: "HS031",
    title: "a byte order mark",
    severity: Severity::Error,
    why: "With it a script does not begin with `#!`, and a number is none.",
    page: "servicedir",
    mend: "Save the file as UTF-8 without a byte order mark.",
};

pub(super) static NO_NEWLINE: Rule = Rule {
    code: "HS032",
    title: "a last line without a newline",
    severity: Severity::Warning,
    why: "s6 wants the word of `type` and of a signal file ended by one, and what is appended to a script later joins its \
          last command.",
    page: "servicedir",
    mend: "End the file with a newline.",
};

pub(super) static NUL: Rule = Rule {
    code: "HS033",
    title: "a NUL byte in a text file",
    severity: Severity::Error,
    why: "Programs read up to it and no further; it is a damaged or a UTF-16 file.",
    page: "servicedir",
    mend: "Write the file anew.",
};

pub(super) static TYPE: Rule = Rule {
    code: "HS034",
    title: "a type that is none",
    severity: Severity::Error,
    why: "A service directory is a `longrun`; a definition for s6-rc is a `longrun`, a `oneshot` or a `bundle`.",
    page: "s6-rc-compile",
    mend: "Write the right word and a newline.",
};

/// Lists that s6-rc reads, and command lines.
const SOURCE: [&str; 7] =
    ["up", "contents", "producer-for", "consumer-for", "pipeline-name", "timeout-up", "timeout-down"];

pub(super) fn check(service: &Service, findings: &mut Findings) {
    let is_definition = service.role == Role::Definition;
    let parts: &[&str] = if is_definition { &[""] } else { &["", "log"] };
    for part in parts {
        let names = layout::FILES.into_iter().chain(SOURCE.into_iter().filter(|_| is_definition));
        for name in names {
            let path = Utf8PathBuf::from(part).join(name);
            if let Some(file) = service.tree.file(&path).filter(|file| !file.is_program()) {
                check_bytes(&path, &file.bytes, findings);
                check_end(service, name, &path, &file.bytes, findings);
            }
        }
        check_type(service, &Utf8PathBuf::from(part).join("type"), findings);
    }
}

/// Holds a text file to what every program expects of one.
pub(super) fn check_bytes(path: &Utf8Path, bytes: &[u8], findings: &mut Findings) {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        findings.add_at(&BYTE_ORDER_MARK, path, 1, "begins with a byte order mark");
    }
    let line = |at: usize| {
        let lines = bytes[..at].split(|byte| *byte == b'\n').count();
        u32::try_from(lines).unwrap_or(u32::MAX)
    };
    let last = bytes.ends_with(b"\r").then(|| bytes.len() - 1);
    if let Some(at) = bytes.windows(2).position(|pair| pair == b"\r\n").or(last) {
        findings.add_at(&CARRIAGE_RETURN, path, line(at), "ends in a carriage return");
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        findings.add_at(&NUL, path, line(at), "has a NUL byte");
    }
}

fn check_end(service: &Service, name: &str, path: &Utf8Path, bytes: &[u8], findings: &mut Findings) {
    let wants = match name {
        "down-signal" | "reload-signal" => true,
        "type" | "run" | "finish" => service.is_gateway(),
        _ => false,
    };
    if wants && !bytes.is_empty() && !bytes.ends_with(b"\n") {
        findings.add(&NO_NEWLINE, path, "does not end with a newline");
    }
}

fn check_type(service: &Service, path: &Utf8Path, findings: &mut Findings) {
    let Some(file) = service.tree.file(path) else { return };
    let text = String::from_utf8_lossy(&file.bytes);
    let word = text.trim_start_matches('\u{feff}');
    let word = word.strip_suffix('\n').unwrap_or(word);
    let word = word.strip_suffix('\r').unwrap_or(word);
    let known: &[&str] =
        if service.role == Role::Definition { &["longrun", "oneshot", "bundle"] } else { &["longrun"] };
    if !known.contains(&word) {
        let shown: String = word.chars().take(40).collect();
        findings.add_at(&TYPE, path, 1, format!("{shown:?} is not {}", known.join(", ")));
    }
}
