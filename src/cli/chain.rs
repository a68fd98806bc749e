//! `backoff`, `finish` and `registrar`: what scripts call

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::Args;

use super::scripts::Scripts;

/// `backoff`
#[derive(Args, Debug)]
pub struct Backoff {
    /// The service directory
    #[arg(value_name = "SLOT")]
    pub slot: Utf8PathBuf,
    /// The program to become, and its arguments
    #[arg(value_name = "PROG", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub program: Vec<OsString>,
}

/// `finish`
#[derive(Args, Debug)]
pub struct Finish {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
}

/// `registrar`
#[derive(Args, Debug)]
pub struct Registrar {
    /// The request. The broker puts `--` before it, so that nothing in it is an option
    #[arg(value_name = "WORD", last = true)]
    pub request: Vec<OsString>,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}
