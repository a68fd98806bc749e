//! The program's exit codes; `README.md` documents them for operators.

use std::process::ExitCode;

/// What a run amounts to. The order is that of severity: of several outcomes the greatest is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: done, same, or running.
    Done = 0,
    /// 1: the answer is no: drift, findings, some profiles failed, timed out.
    No = 1,
    /// 2: usage, or the work could not be done.
    Failed = 2,
    /// 3: the gateway is not running.
    NotRunning = 3,
    /// 4: there is no such gateway.
    NoSuch = 4,
    /// 125: to s6-supervise, from a finish script: leave it down.
    StayDown = 125,
    /// 126: a chain's next program cannot be run, as the shell says it.
    CannotRun = 126,
    /// 127: a chain's next program is not there.
    NotThere = 127,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
