//! The first line.

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};

use super::Script;
use crate::lint::finding::Findings;
use crate::lint::rule::{Rule, Severity};

pub(in crate::lint) static NONE: Rule = Rule {
    code: "HS035",
    title: "a script without an interpreter",
    severity: Severity::Error,
    why: "s6-supervise runs it by execve, which refuses a text that does not begin with `#!`: Exec format error.",
    page: "servicedir",
    mend: "Begin it with `#!/bin/sh` and a newline.",
};

pub(in crate::lint) static RELATIVE: Rule = Rule {
    code: "HS036",
    title: "an interpreter without an absolute path",
    severity: Severity::Error,
    why: "The kernel does not search PATH for it; it looks in the service directory.",
    page: "execve(2)",
    mend: "Write the whole path, `#!/bin/sh`.",
};

pub(in crate::lint) static MISSING: Rule = Rule {
    code: "HS037",
    title: "an interpreter that is not there",
    severity: Severity::Error,
    why: "The script cannot be run: No such file or directory, and the path in the message is the script's.",
    page: "execve(2)",
    mend: "Name one that is installed, or install it.",
};

pub(in crate::lint) static NOT_SH: Rule = Rule {
    code: "HS038",
    title: "a gateway's script that is not for /bin/sh",
    severity: Severity::Error,
    why: "Only with `#!/bin/sh` nothing is loaded before the privilege drop: with-contenv would give the container's PATH \
          and LD_PRELOAD to root.",
    page: "execlineb",
    mend: "Write `#!/bin/sh`, or render the slot again.",
};

pub(in crate::lint) static ARGUMENTS: Rule = Rule {
    code: "HS039",
    title: "an interpreter line with more than one argument",
    severity: Severity::Error,
    why: "The kernel hands all that follows the interpreter over as one argument, blanks included.",
    page: "execve(2)",
    mend: "Keep one argument, or use `env -S`.",
};

/// Interpreters that another machine may well have where this one has none.
const USUAL: [&str; 17] = [
    "execlineb",
    "with-contenv",
    "sh",
    "ash",
    "bash",
    "dash",
    "ksh",
    "zsh",
    "fish",
    "busybox",
    "env",
    "python",
    "perl",
    "ruby",
    "node",
    "php",
    "lua",
];

/// What runs a script, as its first line says.
#[derive(Debug)]
pub(in crate::lint) struct Interpreter {
    path: String,
    argument: String,
}

const SHELLS: [&str; 4] = ["sh", "dash", "ash", "bash"];
/// Programs that take one script and options, and do not cut their first argument themselves.
const PLAIN: [&str; 7] = ["sh", "dash", "ash", "bash", "env", "execlineb", "with-contenv"];

impl Interpreter {
    pub(in crate::lint) fn of(text: &str) -> Option<Self> {
        let line = text.lines().next()?.strip_prefix("#!")?.trim();
        let (path, argument) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        Some(Self { path: path.to_owned(), argument: argument.trim().to_owned() })
    }

    fn base(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The shell that reads the script in the end, if one does.
    pub(in crate::lint) fn shell(&self) -> Option<&str> {
        let through = matches!(self.base(), "env" | "with-contenv");
        let mut words = self.argument.split_whitespace().filter(|word| !word.starts_with('-'));
        let base = if through { words.next()?.rsplit('/').next()? } else { self.base() };
        SHELLS.contains(&base).then_some(base)
    }

    pub(in crate::lint) fn is_sh(&self) -> bool {
        self.shell().is_some()
    }
}

pub(in crate::lint) fn check(script: &Script, findings: &mut Findings) {
    let path = &script.path;
    let Some(interpreter) = script.interpreter.as_ref().filter(|interpreter| !interpreter.path.is_empty()) else {
        return findings.add_at(&NONE, path, 1, "does not begin with #! and an interpreter");
    };
    if !interpreter.path.starts_with('/') {
        return findings.add_at(&RELATIVE, path, 1, format!("{} is not an absolute path", interpreter.path));
    }
    let is_split = interpreter.base() == "env" && interpreter.argument.starts_with("-S");
    if PLAIN.contains(&interpreter.base()) && interpreter.argument.contains([' ', '\t']) && !is_split {
        let message = format!("{:?} is one argument", interpreter.argument);
        return findings.add_at(&ARGUMENTS, path, 1, message);
    }
    if is_missing(script, &interpreter.path) {
        return findings.add_at(&MISSING, path, 1, format!("{} is not there", interpreter.path));
    }
    if script.is_gateways() && interpreter.path != "/bin/sh" {
        findings.add_at(&NOT_SH, path, 1, format!("{} is not /bin/sh", interpreter.path));
    }
}

/// Whether the machine that runs the script lacks `path`. Where that machine's root is not at hand, this one's stands
/// in; what images bring along themselves is then taken for granted.
fn is_missing(script: &Script, path: &str) -> bool {
    if let Some(root) = &script.service.root {
        let has = |path: &str| {
            let flags = OFlags::PATH | OFlags::CLOEXEC;
            openat2(root, path.trim_start_matches('/'), flags, Mode::empty(), ResolveFlags::IN_ROOT).is_ok()
        };
        // What is laid over another image does not have all of it.
        return has("/bin/sh") && !has(path);
    }
    let base = path.rsplit('/').next().unwrap_or_default();
    let is_brought = ["/command/", "/package/", "/nix/", "/opt/"].iter().any(|place| path.starts_with(place));
    let name = base.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    let is_usual = USUAL.contains(&name);
    let has_usual_place =
        ["/bin/", "/usr/bin/", "/usr/local/bin/"].iter().any(|place| path == format!("{place}{base}"));
    !(is_brought || is_usual && has_usual_place || std::path::Path::new(path).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_found_behind_what_starts_it() {
        for (line, shell) in [
            ("#!/bin/sh -e", Some("sh")),
            ("#! /usr/bin/env bash", Some("bash")),
            ("#!/command/with-contenv sh", Some("sh")),
            ("#!/usr/bin/env -S dash -e", Some("dash")),
            ("#!/usr/bin/env /lib/runit/invoke-run", None),
            ("#!/command/execlineb -P", None),
        ] {
            assert_eq!(Interpreter::of(line).unwrap().shell(), shell, "{line}");
        }
        assert!(Interpreter::of("echo").is_none());
    }
}
