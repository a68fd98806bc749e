//! The programs that are compared, and running them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::support::{Answer, Scratch, variables};

/// What the programs print and nobody reads.
const DEADLINE: Duration = Duration::from_secs(600);

pub(crate) struct Tools {
    directory: TempDir,
    /// Hermes' own program, where it is installed.
    pub(crate) hermes: Option<PathBuf>,
}

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    /// Until the last entry appeared in the directory that was watched.
    pub(crate) appeared: Duration,
    /// Processor time, children included.
    pub(crate) cpu: Duration,
    /// Peak memory in KiB.
    pub(crate) peak: u64,
}

impl Tools {
    pub(crate) fn build() -> Self {
        let hermes = std::env::var_os("HERMES_S6GEN_HERMES").map(PathBuf::from);
        let tools = Self { directory: tempfile::tempdir().unwrap(), hermes };
        for name in ["bare", "measure"] {
            let source = format!("{}/benches/compare/{name}.c", env!("CARGO_MANIFEST_DIR"));
            Answer::of(Command::new("cc").args(["-O2", &source, "-o"]).arg(tools.path(name))).ok();
        }
        tools
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The release binary.
    pub(crate) fn release() -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
        target.join("release/hermes-s6gen")
    }

    /// The release binary with `args` on the tree of `scratch`.
    pub(crate) fn ours(scratch: &Scratch, args: &[&str]) -> Command {
        let plain = scratch.command(args);
        // As another user it is started through a program that becomes that user.
        let inner = plain
            .get_args()
            .map(|arg| if arg == plain_program() { Self::release().into_os_string() } else { arg.to_owned() });
        let program = PathBuf::from(plain.get_program());
        let mut command = Command::new(if program == Path::new(plain_program()) { Self::release() } else { program });
        command.args(inner).env_clear();
        command.envs(variables(&plain));
        command
    }

    /// Runs `command`, which has to succeed.
    pub(crate) fn run(&self, command: &Command) -> Sample {
        self.run_watching(self.directory.path(), command)
    }

    /// Runs `command`, which has to succeed, and looks at what appears in `directory`.
    pub(crate) fn run_watching(&self, directory: &Path, command: &Command) -> Sample {
        let file = self.path("sample");
        let mut measured = Command::new(self.path("measure"));
        measured.arg(&file).arg(directory).arg(command.get_program()).args(command.get_args());
        if let Some(directory) = command.get_current_dir() {
            measured.current_dir(directory);
        }
        measured.env_clear().envs(variables(command));
        let status = measured.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let began = std::time::Instant::now();
        let output = status.output().unwrap();
        assert!(output.status.success() && began.elapsed() < DEADLINE, "{command:?}: {output:?}");
        let line = fs::read_to_string(file).unwrap();
        let numbers: Vec<i64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        assert_eq!(numbers[4], 0, "{command:?}: {output:?}");
        let micros = |index: usize| Duration::from_micros(numbers[index].cast_unsigned());
        Sample { wall: micros(0), appeared: micros(1), cpu: micros(2), peak: numbers[3].cast_unsigned() }
    }
}

fn plain_program() -> &'static str {
    env!("CARGO_BIN_EXE_hermes-s6gen")
}

/// The medians, each on its own.
pub(crate) fn median(samples: &[Sample]) -> Sample {
    fn middle<T: Ord + Copy>(samples: &[Sample], of: impl Fn(&Sample) -> T) -> T {
        let mut values: Vec<T> = samples.iter().map(of).collect();
        values.sort();
        values[values.len() / 2]
    }
    Sample {
        wall: middle(samples, |sample| sample.wall),
        appeared: middle(samples, |sample| sample.appeared),
        cpu: middle(samples, |sample| sample.cpu),
        peak: middle(samples, |sample| sample.peak),
    }
}
