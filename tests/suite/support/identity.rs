//! Who runs the program under test.

use std::process::Command;

use rustix::process::geteuid;

/// The run user where root runs the tests, and the ordinary user then: Debian has it everywhere.
pub(crate) const DAEMON: (&str, u32) = ("daemon", 1);

/// Somebody who runs the program under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Root, for the run user `daemon`.
    Root,
    /// An ordinary user, the gateways' own.
    Ordinary,
}

impl Identity {
    /// Everybody whom this process can run programs as. Where root is missing, `test` says so; CI takes no excuse.
    pub(crate) fn everybody(test: &str) -> Vec<Self> {
        Self::root(test).into_iter().chain([Self::Ordinary]).collect()
    }

    /// Root, if this process is.
    pub(crate) fn root(test: &str) -> Option<Self> {
        if geteuid().is_root() {
            return Some(Self::Root);
        }
        assert!(std::env::var_os("CI").is_none(), "{test} needs root, and CI skips nothing");
        eprintln!("skipped: {test} needs root");
        None
    }

    /// A command that runs `program` as this identity.
    pub(crate) fn command(self, program: &str) -> Command {
        if self == Self::Root || !geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        let (_, id) = DAEMON;
        command.args([format!("--reuid={id}"), format!("--regid={id}"), "--clear-groups".to_owned()]).arg(program);
        command
    }

    /// Whose the slots are, and who runs the gateways: user ids.
    pub(crate) fn uids(self) -> (u32, u32) {
        match self {
            Self::Root => (0, DAEMON.1),
            Self::Ordinary if geteuid().is_root() => (DAEMON.1, DAEMON.1),
            Self::Ordinary => (geteuid().as_raw(), geteuid().as_raw()),
        }
    }
}
