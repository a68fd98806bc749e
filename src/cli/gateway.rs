//! `gateway`

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::format::Format;
use super::scripts::Scripts;
use super::wait::{Wait, seconds};

/// `gateway`
#[derive(Debug, Subcommand)]
pub enum Gateway {
    /// Bring gateways up, and keep them up over container restarts
    Start(Change),
    /// Bring gateways down, and keep them down over container restarts
    Stop(Change),
    /// Bring gateways down and up again, from whatever state they are in
    Restart(Change),
    /// Tell what gateways do
    Status(Status),
    /// Show what gateways wrote
    Logs(Logs),
    /// Explain how gateways are installed where s6 runs them
    Install,
    /// Explain how gateways are uninstalled where s6 runs them
    Uninstall,
}

/// Which gateways.
#[derive(Args, Debug)]
pub struct Which {
    /// The profile; repeatable [default: the active one]
    #[arg(short, long = "profile", value_name = "NAME")]
    pub profiles: Vec<OsString>,
    /// Every gateway
    #[arg(long, conflicts_with = "profiles")]
    pub all: bool,
}

/// `gateway start`, `stop` and `restart`
#[derive(Args, Debug)]
pub struct Change {
    /// Which gateways.
    #[command(flatten)]
    pub which: Which,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long a started gateway has to stay up to count as started, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub settle: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `gateway status`
#[derive(Args, Debug)]
pub struct Status {
    /// Which gateways.
    #[command(flatten)]
    pub which: Which,
    /// Exit 0 only when every wanted gateway is up
    #[arg(long)]
    pub check: bool,
    /// Refresh in place until interrupted
    #[arg(long, conflicts_with = "check")]
    pub watch: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `gateway logs`
#[derive(Args, Debug)]
pub struct Logs {
    /// The profile [default: the active one]
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<OsString>,
    /// How many lines to show, across rotated files [default: 100, or with --since all of them]
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub lines: Option<usize>,
    /// Go on with what is written from now on, over rotations
    #[arg(short, long)]
    pub follow: bool,
    /// Only lines since then: a span such as 10m or 2h, or a time such as 2026-11-23 or "2026-11-23 08:00"
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
}
