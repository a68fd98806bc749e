//! What other programs say of a script.
//!
//! They read it as their standard input: no path of an untrusted tree is theirs to look up.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};
use serde::Deserialize;

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::script::Script;
use crate::deadline::Deadline;
use crate::error::{At, exit_of};
use crate::exit::Exit;
use crate::program::{self, Reply};

pub(super) static SYNTAX: Rule = Rule {
    code: "HS059",
    title: "a script that its shell does not understand",
    severity: Severity::Error,
    why: "The shell stops at the error, after it has run what comes before it.",
    page: "dash(1)",
    mend: "Mend what `sh -n` tells; where a value is the cause, quote it.",
};

pub(super) static SHELLCHECK: Rule = Rule {
    code: "HS060",
    title: "shellcheck has something to say",
    severity: Severity::Warning,
    why: "Rendered scripts pass shellcheck without a word; what it tells came in by hand.",
    page: "shellcheck(1)",
    mend: "Mend what it tells; `https://www.shellcheck.net/wiki/SC....` has more.",
};

/// A shell that only reads and a checker of a script of 1 MiB take less.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Comments {
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    line: u32,
    code: u32,
    message: String,
}

/// Whether the script's shell finds it wrong; what it says is in `findings` then.
pub(super) fn check_syntax(script: &Script, findings: &mut Findings) -> Result<bool> {
    let shell = script.interpreter.as_ref().and_then(|interpreter| interpreter.shell()).unwrap_or("sh");
    let shell = if shell == "bash" { "bash" } else { "sh" };
    let Some(reply) = ask(shell, &["-n"], &script.text)? else { return Ok(false) };
    if reply.code == Some(0) {
        return Ok(false);
    }
    // `sh: 12: Syntax error: ...`, or `bash: line 12: ...`.
    let first = reply.stderr.lines().next().unwrap_or_default();
    let numbered = |part: &str| part.trim().trim_start_matches("line ").parse().ok();
    let line = first.split(':').find_map(numbered).unwrap_or(1);
    let text = first.rsplit_once(&format!("{line}: ")).map_or(first, |(_, text)| text);
    findings.add_at(&SYNTAX, &script.path, line, format!("{shell} -n: {text}"));
    Ok(true)
}

/// What shellcheck says of lines that nothing else was found on.
pub(super) fn check_shellcheck(script: &Script, findings: &mut Findings) -> Result<()> {
    // SC2016: a value in single quotes may well have a dollar sign.
    let options = ["--norc", "--shell=sh", "--exclude=SC2016", "--format=json1", "-"];
    let Some(reply) = ask("shellcheck", &options, &script.text)? else { return Ok(()) };
    let Ok(said) = serde_json::from_str::<Comments>(&reply.stdout) else {
        findings.add(&SHELLCHECK, &script.path, format!("shellcheck cannot tell: {}", reply.stderr));
        return Ok(());
    };
    for comment in said.comments {
        if !findings.has(&script.path, comment.line) {
            let message = format!("SC{}: {}", comment.code, comment.message);
            findings.add_at(&SHELLCHECK, &script.path, comment.line, message);
        }
    }
    Ok(())
}

/// Gives `text` to `program`; none where it is not installed.
fn ask(name: &str, options: &[&str], text: &str) -> Result<Option<Reply>> {
    let is_there = ["/usr/bin", "/bin", "/usr/local/bin"].into_iter().map(|place| format!("{place}/{name}"));
    let Some(path) = is_there.into_iter().find(|path| std::path::Path::new(path).exists()) else {
        return Ok(None);
    };
    let memory = memfd_create("script", MemfdFlags::CLOEXEC).at("make", "a copy in memory")?;
    let mut file = std::fs::File::from(memory);
    file.write_all(text.as_bytes()).at("write", "a copy in memory")?;
    seek(&file, SeekFrom::Start(0)).at("read", "a copy in memory")?;
    let mut command = Command::new(path);
    command.args(options).env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
    match program::run_with(&mut command, Stdio::from(file), "install it", Deadline::after(LIMIT)) {
        // A script that takes its reader that long is no more sound than one that it refuses.
        Err(error) if exit_of(&error) == Exit::No => {
            let stderr = format!("did not end within {} seconds", LIMIT.as_secs());
            Ok(Some(Reply { code: None, stdout: String::new(), stderr }))
        }
        reply => reply.map(Some),
    }
}
