//! `register`, `unregister`, `reconcile`, `drain` and `list`: slots of a live scan directory

use std::ffi::OsString;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;

use super::format::Format;
use super::render::Extra;
use super::scripts::Scripts;
use super::wait::{Wait, seconds};

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
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
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
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `reconcile`
#[derive(Args, Debug)]
pub struct Reconcile {
    /// Print what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Restart what runs files that have changed
    #[arg(long)]
    pub restart_changed: bool,
    /// Which of the gateways that are wanted this container starts: auto (as its command suggests), none, all, or names
    #[arg(
        long,
        env = "HERMES_GATEWAY_AUTOSTART",
        value_name = "WHICH",
        default_value = "auto",
        hide_env_values = true
    )]
    pub autostart: String,
    /// Whether the container's command is the gateway itself, whatever its options: 1, true or yes
    #[arg(long, env = "HERMES_GATEWAY_NO_SUPERVISE", value_name = "YES", default_value = "", hide = true)]
    pub no_supervise: String,
    /// Start gateways that many seconds apart, without holding up the boot
    #[arg(long, env = "HERMES_GATEWAY_STAGGER", value_name = "SECONDS", default_value = "0", value_parser = seconds,
          hide_env_values = true)]
    pub stagger: Duration,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where the process file system is, which tells the container's command
    #[arg(long, value_name = "DIR", default_value = "/proc", hide = true)]
    pub proc: Utf8PathBuf,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long supervisors may take to come, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub timeout: Duration,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `drain`
#[derive(Args, Debug)]
pub struct Drain {
    /// How long gateways may take to end by themselves before they are killed.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `list`
#[derive(Args, Debug)]
pub struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}
