//! `port`, `doctor`, `completions` and `man`

use std::ffi::OsString;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::format::Format;
use super::scripts::Scripts;
use super::wait::seconds;

/// `port`
#[derive(Args, Debug)]
#[command(after_help = "A gateway has another where its .env sets one, and the default gateway has the container's; \
                        gateway status shows the one that counts.")]
pub struct Port {
    /// The profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<OsString>,
}

/// `doctor`
#[derive(Args, Debug)]
pub struct Doctor {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How long to look, in seconds; of what has not answered by then nothing is known
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
    /// Where the process file system is
    #[arg(long, value_name = "DIR", default_value = "/proc", hide = true)]
    pub proc: Utf8PathBuf,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `completions`
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`
#[derive(Args, Debug)]
pub struct Man {
    /// The directory, made where it is missing
    #[arg(value_name = "DIR")]
    pub directory: Utf8PathBuf,
}

/// Shells that can be taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash, with the package bash-completion
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}
