//! `profile`

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::scripts::Scripts;
use super::wait::{Wait, seconds};

/// `profile`
#[derive(Debug, Subcommand)]
pub enum Profile {
    /// A profile was created, installed, imported or cloned: register it, down
    Created(Hook),
    /// A profile is about to be deleted: record that it is stopped, stop it, remove its slot
    Deleted(Hook),
    /// A profile was renamed: move its slot and what was wanted of it
    Renamed(Renamed),
}

/// `profile created` and `deleted`
#[derive(Args, Debug)]
pub struct Hook {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `profile renamed`
#[derive(Args, Debug)]
pub struct Renamed {
    /// Its name before
    #[arg(value_name = "OLD")]
    pub old: OsString,
    /// Its name now, and how to go about it.
    #[command(flatten)]
    pub new: Hook,
}
