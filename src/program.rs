//! Running another program with a deadline.

use std::ffi::OsStr;
use std::io::{ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::Result;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::deadline::Deadline;
use crate::error::{At, Fault};

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
    let shown = command.get_program().display().to_string();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let fault = Fault::failed(format!("run {shown}")).advise(missing);
            return Err(anyhow::Error::new(error).context(fault));
        }
        child => child.at("run", &shown)?,
    };
    let watched = Watched::of(&mut child).and_then(|mut watched| Ok((watched.wait(deadline)?, watched)));
    let (ended, watched) = match watched {
        Ok(done) => done,
        Err(error) => {
            // Nobody else would.
            drop(child.kill().and_then(|()| child.wait()));
            return Err(error).at("wait for", &shown);
        }
    };
    if !ended {
        child.kill().at("kill", &shown)?;
        child.wait().at("wait for", &shown)?;
        let cause = format!("run {shown}: did not end in time, killed");
        return Err(Fault::no(cause).advise("see what hangs, or give it longer with --timeout").into());
    }
    let status = child.wait().at("wait for", &shown)?;
    // A program that has ended may have left its output open to what it started, and reading that has no end.
    if watched.outputs.iter().any(|output| output.pipe.is_some()) {
        let cause = format!("run {shown}: what it started keeps its output open");
        return Err(Fault::no(cause).advise("see what it left running").into());
    }
    Ok(watched.reply(status))
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

/// A running program and what it has written so far.
struct Watched {
    /// None once it has ended.
    process: Option<OwnedFd>,
    outputs: [Output; 2],
}

struct Output {
    /// None once it has been read to its end.
    pipe: Option<std::fs::File>,
    bytes: Vec<u8>,
}

impl Watched {
    fn of(child: &mut Child) -> std::io::Result<Self> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or(ErrorKind::InvalidData)?;
        let process = Some(pidfd_open(pid, PidfdFlags::empty())?);
        let stdout = child.stdout.take().map(OwnedFd::from);
        let stderr = child.stderr.take().map(OwnedFd::from);
        Ok(Self { process, outputs: [Output::of(stdout)?, Output::of(stderr)?] })
    }

    /// Reads until it has ended and closed its output, or until `deadline`; says whether it has ended.
    fn wait(&mut self, deadline: Deadline) -> std::io::Result<bool> {
        while !deadline.passed() {
            let [stdout, stderr] = &self.outputs;
            let pipes = [stdout, stderr].into_iter().filter_map(|output| output.pipe.as_ref().map(AsFd::as_fd));
            let all = self.process.iter().map(AsFd::as_fd).chain(pipes);
            let mut fds: Vec<_> = all.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
            if fds.is_empty() {
                break;
            }
            let timeout = Timespec::try_from(deadline.left()).map_err(|_| ErrorKind::InvalidInput)?;
            match poll(&mut fds, Some(&timeout)) {
                Err(Errno::INTR) => continue,
                polled => polled?,
            };
            let has_ended = self.process.is_some() && !fds[0].revents().is_empty();
            drop(fds);
            self.outputs.iter_mut().try_for_each(Output::read)?;
            if has_ended {
                self.process = None;
            }
        }
        Ok(self.process.is_none())
    }

    fn reply(self, status: ExitStatus) -> Reply {
        let [stdout, stderr] = self.outputs.map(|output| String::from_utf8_lossy(&output.bytes).into_owned());
        Reply { code: status.code().map(i64::from), stdout, stderr: stderr.trim().to_owned() }
    }
}

impl Output {
    fn of(pipe: Option<OwnedFd>) -> std::io::Result<Self> {
        if let Some(pipe) = &pipe {
            ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe: pipe.map(std::fs::File::from), bytes: Vec::new() })
    }

    /// Reads what is there.
    fn read(&mut self) -> std::io::Result<()> {
        let Some(pipe) = &mut self.pipe else { return Ok(()) };
        match pipe.read_to_end(&mut self.bytes) {
            Ok(_) => self.pipe = None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
