//! The program under test, run by `injector.c`.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::support::{Answer, Scratch, variables};

/// What happens to one system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Error(&'static str),
    KilledBefore,
    KilledAfter,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Error(name) => name,
            Self::KilledBefore => "before",
            Self::KilledAfter => "after",
        })
    }
}

/// The compiled injector.
pub(crate) struct Injector {
    directory: TempDir,
}

impl Injector {
    /// Compiles it with the compiler that cargo links with.
    pub(crate) fn build() -> Self {
        let injector = Self { directory: tempfile::tempdir().unwrap() };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/injector.c");
        let mut cc = Command::new("cc");
        Answer::of(cc.args(["-O1", "-Wall", "-Wextra", "-Werror", source, "-o"]).arg(injector.program())).ok();
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(injector.directory.path(), open).unwrap();
        injector
    }

    fn program(&self) -> PathBuf {
        self.directory.path().join("injector")
    }

    /// Runs the program with `args`; the call number `call` comes to `fault`. 0 is none. Gives what it answered and
    /// the calls that it made until then.
    pub(crate) fn run(&self, scratch: &Scratch, args: &[&str], call: usize, fault: Fault) -> (Answer, Vec<String>) {
        let plain = super::scenario::command(args, scratch);
        let log = scratch.path("calls");
        let mut command = Command::new(self.program());
        command.arg(&log).arg(call.to_string()).arg(fault.to_string());
        let program = PathBuf::from(plain.get_program());
        command.arg(if program.is_absolute() { program } else { PathBuf::from("/usr/bin").join(program) });
        command.args(plain.get_args()).env_clear();
        command.envs(variables(&plain));
        let answer = Answer::of(&mut command);
        let calls = String::from_utf8_lossy(&fs::read(log).unwrap()).lines().map(str::to_owned).collect();
        (answer, calls)
    }
}
