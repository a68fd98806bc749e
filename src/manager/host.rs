//! The command-line tool of a host's service manager.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::deadline::Deadline;
use crate::program::{Reply, run};

/// A tool such as systemctl; it keeps the environment, which says whose session it talks to.
#[derive(Clone, Debug)]
pub struct HostTool {
    path: Utf8PathBuf,
    most: Duration,
}

impl HostTool {
    /// The tool at `path`; a bare name is looked up in `PATH`.
    #[must_use]
    pub fn new(path: &Utf8Path) -> Self {
        Self { path: path.to_owned(), most: Duration::MAX }
    }

    /// The same tool, none of whose calls takes longer than `most`, whatever its manager grants.
    #[must_use]
    pub fn within(self, most: Duration) -> Self {
        Self { most, ..self }
    }

    /// The moment at which a call that is granted `time` ends.
    pub(super) fn deadline(&self, time: Duration) -> Deadline {
        Deadline::after(time.min(self.most))
    }

    pub(super) fn run(&self, args: &[&str], time: Duration) -> Result<Reply> {
        let missing = format!("install {}, or use the service manager that runs here", self.path);
        run(Command::new(&self.path).args(args), &missing, self.deadline(time))
    }

    pub(super) fn must(&self, args: &[&str], time: Duration) -> Result<()> {
        self.success(self.run(args, time)?)
    }

    /// Fails unless `reply` is exit code 0.
    pub(super) fn success(&self, reply: Reply) -> Result<()> {
        reply.success(&self.path).map(drop)
    }
}
