//! The command-line tool of a host's service manager.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::deadline::Deadline;
use crate::program::{Reply, run};

/// A tool such as systemctl; it keeps the environment, which says whose session it talks to.
#[derive(Clone, Debug)]
pub struct HostTool(Utf8PathBuf);

impl HostTool {
    /// The tool at `path`; a bare name is looked up in `PATH`.
    #[must_use]
    pub fn new(path: &Utf8Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn run(&self, args: &[&str], time: Duration) -> Result<Reply> {
        let missing = format!("install {}, or use the service manager that runs here", self.0);
        run(Command::new(&self.0).args(args), &missing, Deadline::after(time))
    }

    pub(super) fn must(&self, args: &[&str], time: Duration) -> Result<()> {
        self.run(args, time)?.success(&self.0).map(drop)
    }
}
