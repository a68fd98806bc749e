//! The command line, as types.

use std::ffi::OsString;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Hermes gateways as s6 services: render, publish, drive, inspect.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110, subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Where things are.
    #[command(flatten)]
    pub places: Places,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The roots that everything works on.
#[derive(Args, Debug)]
#[command(next_help_heading = "Places")]
pub struct Places {
    /// The Hermes home on the volume [default: /opt/data]
    #[arg(long, global = true, env = "HERMES_HOME", value_name = "DIR", hide_env_values = true)]
    pub home: Option<Utf8PathBuf>,
    /// The scan directory of s6-svscan [default: /run/service]
    #[arg(long, global = true, env = "S6_PROFILE_GATEWAY_SCANDIR", value_name = "DIR", hide_env_values = true)]
    pub scandir: Option<Utf8PathBuf>,
    /// Where the s6 programs are [default: /command]
    #[arg(long, global = true, env = "HERMES_S6_BIN_DIR", value_name = "DIR", hide_env_values = true)]
    pub s6_bin: Option<Utf8PathBuf>,
    /// The user that gateways run as [default: hermes]
    #[arg(long, global = true, env = "HERMES_USER", value_name = "NAME", hide_env_values = true)]
    pub user: Option<String>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Render service directories: print them, write them, or compare them with a committed tree
    Render(Render),
    /// Publish a profile's gateway as a supervised slot
    Register(Register),
    /// Stop gateways and remove their slots
    Unregister(Unregister),
    /// List the slots of the scan directory
    List(List),
    /// Print the API server port of profiles
    Port(Port),
    /// Name the service manager of this machine: s6, windows, launchd, systemd or none
    Detect,
}

/// `render`
#[derive(Args, Debug)]
pub struct Render {
    /// Profiles to render; every profile of the home when none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<OsString>,
    /// Write the tree to DIR, staged beside it and renamed; an earlier rendering there is replaced
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub out: Option<Utf8PathBuf>,
    /// Compare with the tree in DIR; print a unified diff and exit 1 when they differ
    #[arg(long, value_name = "DIR")]
    pub check: Option<Utf8PathBuf>,
    /// Render as not wanted up, with a `down` file
    #[arg(long)]
    pub down: bool,
    /// What the gateways' environment has beside the container's.
    #[command(flatten)]
    pub extra: Extra,
    /// Bounds of the gateways' logs.
    #[command(flatten)]
    pub log: Log,
}

/// Extra environment.
#[derive(Args, Debug)]
pub struct Extra {
    /// Extra environment for the gateway, applied after the privilege drop; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<OsString>,
    /// Read extra environment from FILE, lines of NAME=VALUE taken as they are
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<Utf8PathBuf>,
}

/// Log limits.
#[derive(Args, Debug)]
pub struct Log {
    /// How many rotated log files a gateway keeps
    #[arg(long, env = "HERMES_GATEWAY_LOG_FILES", value_name = "COUNT", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=10_000), hide_env_values = true)]
    pub log_files: u32,
    /// The size in bytes at which a gateway's log is rotated
    #[arg(long, env = "HERMES_GATEWAY_LOG_SIZE", value_name = "BYTES", default_value_t = 1_000_000,
          value_parser = clap::value_parser!(u32).range(4096..=268_435_455), hide_env_values = true)]
    pub log_size: u32,
}

/// How long to wait.
#[derive(Args, Debug)]
pub struct Wait {
    /// How long to wait for the wanted state, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
}

/// `register`
#[derive(Args, Debug)]
pub struct Register {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
    /// Register it down: its gateway starts only when told to
    #[arg(long)]
    pub down: bool,
    /// What the gateway's environment has beside the container's.
    #[command(flatten)]
    pub extra: Extra,
    /// Bounds of the gateway's log.
    #[command(flatten)]
    pub log: Log,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `unregister`
#[derive(Args, Debug)]
pub struct Unregister {
    /// The profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<OsString>,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `list`
#[derive(Args, Debug)]
pub struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `port`
#[derive(Args, Debug)]
pub struct Port {
    /// The profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<OsString>,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; the schema has a version
    Json,
}

/// A number of seconds, fractions allowed, at most a day: nothing here is worth waiting longer for.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "is not a number of seconds".to_owned())?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be from 0 to 86400 seconds".to_owned())
    }
}
