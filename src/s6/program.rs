//! Starting an s6 program, by absolute path and with a deadline.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use process_control::{ChildExt, Control};

use crate::deadline::Deadline;
use crate::error::{At, Fault};

/// The directory of the s6 programs.
#[derive(Clone, Debug)]
pub struct S6 {
    bin: Utf8PathBuf,
}

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

impl S6 {
    /// The programs in `bin`.
    #[must_use]
    pub fn new(bin: &Utf8Path) -> Self {
        Self { bin: bin.to_owned() }
    }

    /// Where `program` lies.
    #[must_use]
    pub fn path(&self, program: &str) -> Utf8PathBuf {
        self.bin.join(program)
    }

    /// Runs `program` to its end, with no standard input and only `PATH` for environment: s6's own programs start
    /// each other through it.
    ///
    /// # Errors
    /// When it cannot be started, and when the deadline passes; it is killed then.
    pub fn run<A: AsRef<OsStr>>(&self, program: &str, args: &[A], deadline: Deadline) -> Result<Reply> {
        let path = self.path(program);
        let child = Command::new(&path)
            .args(args)
            .env_clear()
            .env("PATH", self.bin.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = match child {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let advice = "install s6, or say with --s6-bin or HERMES_S6_BIN_DIR where its programs are";
                return Err(anyhow::Error::new(error).context(Fault::failed(format!("run {path}")).advise(advice)));
            }
            child => child.at("run", &path)?,
        };
        let output = child.controlled_with_output().time_limit(deadline.left()).terminate_for_timeout().wait();
        match output.at("wait for", &path)? {
            None => {
                let cause = format!("run {path}: did not end in time, killed");
                Err(Fault::no(cause).advise("see what hangs, or give it longer with --timeout").into())
            }
            Some(output) => Ok(Reply {
                code: output.status.code(),
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            }),
        }
    }

    /// Like [`S6::run`], but anything other than exit code 0 is an error.
    ///
    /// # Errors
    /// As above, and what the program said when it failed.
    pub fn must<A: AsRef<OsStr>>(&self, program: &str, args: &[A], deadline: Deadline) -> Result<Reply> {
        let reply = self.run(program, args, deadline)?;
        if reply.code == Some(0) {
            return Ok(reply);
        }
        let code = reply.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        Err(Fault::failed(format!("run {}: {code}: {}", self.path(program), reply.stderr)).into())
    }
}
