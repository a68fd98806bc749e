//! Running another program with a deadline.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Result;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::OwnedFd;
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::deadline::Deadline;
use crate::error::{At, Fault};

/// How much later than its deadline a program that had to be killed is known to be dead.
const MARGIN: Duration = Duration::from_secs(1);
/// How often a program is asked whether it has ended, where nothing tells.
const BLIND: Duration = Duration::from_millis(5);

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

/// Runs `command` to its end, with no standard input. What it has started may live on, and write where nobody reads.
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
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let fault = Fault::failed(format!("run {shown}")).advise(missing);
            return Err(anyhow::Error::new(error).context(fault));
        }
        child => child.at("run", &shown)?,
    };
    let mut running = Running::new(child).at("watch", &shown)?;
    let Some(status) = running.end(deadline).at("wait for", &shown)? else {
        let cause = format!("run {shown}: did not end in time, killed");
        return Err(Fault::no(cause).advise("see what hangs, or give it longer with --timeout").into());
    };
    Ok(Reply {
        code: status.code().map(i64::from),
        stdout: running.stdout.text(),
        stderr: running.stderr.text().trim().to_owned(),
    })
}

/// A program that runs, or has ended and is not reaped yet.
struct Running {
    child: Child,
    /// Readable when it has ended. Where the kernel has no such thing, as in gVisor, it is asked again and again.
    pidfd: Option<OwnedFd>,
    stdout: Output,
    stderr: Output,
}

/// One of its outputs, as far as it has been read.
struct Output {
    pipe: Option<OwnedFd>,
    bytes: Vec<u8>,
}

impl Running {
    fn new(mut child: Child) -> std::io::Result<Self> {
        let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).ok();
        let stdout = Output::new(child.stdout.take().map(OwnedFd::from))?;
        let stderr = Output::new(child.stderr.take().map(OwnedFd::from))?;
        Ok(Self { child, pidfd, stdout, stderr })
    }

    /// Waits for its end, and kills it when that does not come; none then.
    fn end(&mut self, deadline: Deadline) -> std::io::Result<Option<ExitStatus>> {
        let ended = self.ends_before(deadline);
        if !matches!(ended, Ok(Some(_))) {
            self.child.kill()?;
            // One that does not even end then, as a file system holds it, is left to PID 1.
            self.ends_before(Deadline::after(MARGIN))?;
        }
        ended
    }

    /// Reads until it ends; none when that does not come in time.
    fn ends_before(&mut self, deadline: Deadline) -> std::io::Result<Option<ExitStatus>> {
        loop {
            let fds = [&self.stdout.pipe, &self.stderr.pipe, &self.pidfd].into_iter().flatten();
            let mut fds: Vec<_> = fds.map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
            let turn = if self.pidfd.is_some() { deadline } else { deadline.within(BLIND) };
            turn.poll(&mut fds)?;
            let ended = self.child.try_wait()?;
            // Whatever it has written is in the pipes when it has ended.
            self.stdout.read()?;
            self.stderr.read()?;
            if ended.is_some() || deadline.passed() {
                return Ok(ended);
            }
        }
    }
}

impl Output {
    fn new(pipe: Option<OwnedFd>) -> std::io::Result<Self> {
        pipe.iter().try_for_each(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK))?;
        Ok(Self { pipe, bytes: Vec::new() })
    }

    /// Takes what is in the pipe.
    fn read(&mut self) -> std::io::Result<()> {
        let mut buffer = [0; 4096];
        while let Some(pipe) = &self.pipe {
            match rustix::io::read(pipe, &mut buffer) {
                Ok(0) => self.pipe = None,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
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
        let end = self.code.map_or("a signal killed it".to_owned(), |code| format!("exit code {code}"));
        let said = if self.stderr.is_empty() { String::new() } else { format!(": {}", self.stderr) };
        Err(Fault::failed(format!("run {}: {end}{said}", program.as_ref().display())).into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::error::exit_of;
    use crate::exit::Exit;

    fn sh(script: &str, time: Duration) -> Result<Reply> {
        run(Command::new("/bin/sh").args(["-c", script]), "install sh", Deadline::after(time))
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn both_outputs_and_the_code_are_told() {
        let reply = sh("echo out; echo err >&2; exit 3", LONG).unwrap();
        assert_eq!((reply.code, reply.stdout.as_str(), reply.stderr.as_str()), (Some(3), "out\n", "err"));
        assert_eq!(sh("kill -KILL $$", LONG).unwrap().code, None);
        assert_eq!(sh("exec >&- 2>&-; sleep 0.1; exit 4", LONG).unwrap().code, Some(4));
    }

    #[test]
    fn more_than_a_pipe_holds_is_read() {
        let reply = sh("dd if=/dev/zero bs=1000 count=300 2>/dev/null; dd if=/dev/zero bs=1000 count=200 >&2", LONG);
        let reply = reply.unwrap();
        assert_eq!((reply.code, reply.stdout.len()), (Some(0), 300_000));
        assert!(reply.stderr.len() >= 200_000);
    }

    #[test]
    fn what_hangs_is_killed() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("pid");
        let script = format!("echo $$ >{}; exec sleep 600", file.display());
        // On a slow machine the shell may be killed before it has come to its first word.
        let pid = [300, 3000, 30_000].into_iter().find_map(|limit| {
            let began = Instant::now();
            let error = sh(&script, Duration::from_millis(limit)).unwrap_err();
            assert_eq!(error.to_string(), "run /bin/sh: did not end in time, killed");
            assert_eq!(exit_of(&error), Exit::No);
            assert!(began.elapsed() < LONG);
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            text.strip_suffix('\n').map(str::to_owned)
        });
        let stat = format!("/proc/{}/stat", pid.unwrap());
        let end = Deadline::after(LONG);
        // One that takes longer to die than it is waited for is never reaped.
        while std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z ")) {
            assert!(!end.passed(), "{stat}: lives on");
            std::thread::sleep(BLIND);
        }
    }

    #[test]
    fn a_kernel_without_pidfds_is_good_enough() {
        let blind = |script: &str, time| {
            let mut command = Command::new("/bin/sh");
            let child = command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut running = Running { pidfd: None, ..Running::new(child).unwrap() };
            let status = running.end(Deadline::after(time)).unwrap();
            (status.and_then(|status| status.code()), running.stdout.text())
        };
        assert_eq!(blind("echo a; exec >&- 2>&-; sleep 0.1; exit 4", LONG), (Some(4), "a\n".to_owned()));
        assert_eq!(blind("exec sleep 600", Duration::from_millis(100)).0, None);
        let (code, stray) = blind("sleep 600 & echo $!", LONG);
        assert_eq!(code, Some(0));
        sh(&format!("kill {stray}"), LONG).unwrap().success("kill").unwrap();
    }

    #[test]
    fn what_it_started_may_go_on() {
        let began = Instant::now();
        let reply = sh("sleep 600 & echo $!; exit 0", LONG).unwrap();
        assert!(began.elapsed() < LONG);
        sh(&format!("kill {}", reply.stdout), LONG).unwrap().success("kill").unwrap();
    }
}
