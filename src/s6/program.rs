//! Starting an s6 program, by absolute path and with a deadline.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use crate::deadline::Deadline;
use crate::program::{Reply, run};

/// The directory of the s6 programs.
#[derive(Clone, Debug)]
pub struct S6 {
    bin: Utf8PathBuf,
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

    /// Runs `program` to its end, with only `PATH` for environment: s6's own programs start each other through it.
    ///
    /// # Errors
    /// When it cannot be started, and when the deadline passes; it is killed then.
    pub fn run<A: AsRef<OsStr>>(&self, program: &str, args: &[A], deadline: Deadline) -> Result<Reply> {
        let mut command = Command::new(self.path(program));
        command.args(args).env_clear().env("PATH", self.bin.as_str());
        run(&mut command, "install s6, or say with --s6-bin or HERMES_S6_BIN_DIR where its programs are", deadline)
    }

    /// Like [`S6::run`], but anything other than exit code 0 is an error.
    ///
    /// # Errors
    /// As above, and what the program said when it failed.
    pub fn must<A: AsRef<OsStr>>(&self, program: &str, args: &[A], deadline: Deadline) -> Result<Reply> {
        self.run(program, args, deadline)?.success(self.path(program))
    }
}
