//! Running another program with a deadline.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use process_control::{ChildExt, Control};

use crate::deadline::Deadline;
use crate::error::{At, Fault};

/// How much later than its deadline a program that had to be killed is known to be dead.
const MARGIN: Duration = Duration::from_secs(1);

/// What a program answered.
#[derive(Debug)]
pub struct Reply {
    /// Its exit code; none when a signal killed it.
    pub code: Option<i64>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error, trimmed.
    pub stderr: String,
}

/// Runs `command` to its end, with no standard input.
///
/// # Errors
/// When it cannot be started, with `missing` as advice when it is not there; and exit code 1 when the deadline
/// passes. It is killed then; what it started is not.
pub fn run(command: &mut Command, missing: &str, deadline: Deadline) -> Result<Reply> {
    run_with(command, Stdio::null(), missing, deadline)
}

/// The same, with `input` as standard input.
///
/// # Errors
/// As [`run`].
pub fn run_with(command: &mut Command, input: Stdio, missing: &str, deadline: Deadline) -> Result<Reply> {
    let shown = command.get_program().display().to_string();
    let child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = match child {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let fault = Fault::failed(format!("run {shown}")).advise(missing);
            return Err(anyhow::Error::new(error).context(fault));
        }
        child => child.at("run", &shown)?,
    };
    // A program that has ended may have left its output open to what it started, and reading that has no end.
    let (tell, told) = mpsc::channel();
    let wait = move || {
        let left = deadline.left();
        drop(tell.send(child.controlled_with_output().time_limit(left).terminate_for_timeout().wait()));
    };
    thread::Builder::new().spawn(wait).at("wait for", &shown)?;
    let Ok(output) = told.recv_timeout(deadline.left() + MARGIN) else {
        let cause = format!("run {shown}: what it started keeps its output open");
        return Err(Fault::no(cause).advise("see what it left running").into());
    };
    let Some(output) = output.at("wait for", &shown)? else {
        let cause = format!("run {shown}: did not end in time, killed");
        return Err(Fault::no(cause).advise("see what hangs, or give it longer with --timeout").into());
    };
    Ok(Reply {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

impl Reply {
    /// Fails unless it was exit code 0; `program` is what gave the reply.
    ///
    /// # Errors
    /// What the program said.
    pub fn success(self, program: impl AsRef<OsStr>) -> Result<Self> {
        if self.code == Some(0) {
            return Ok(self);
        }
        let code = self.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        Err(Fault::failed(format!("run {}: {code}: {}", program.as_ref().display(), self.stderr)).into())
    }
}
