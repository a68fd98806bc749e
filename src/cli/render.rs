//! `render` and `review`

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::Args;

use super::scripts::Scripts;

/// What is rendered.
#[derive(Args, Debug)]
pub struct Rendering {
    /// Profiles to render; every profile of the home when none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<OsString>,
    /// Render as not wanted up, with a `down` file
    #[arg(long)]
    pub down: bool,
    /// What the gateways' environment has beside the container's.
    #[command(flatten)]
    pub extra: Extra,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `render`
#[derive(Args, Debug)]
pub struct Render {
    /// What is rendered.
    #[command(flatten)]
    pub rendering: Rendering,
    /// Write the tree to DIR, staged beside it and renamed; an earlier rendering there is replaced
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub out: Option<Utf8PathBuf>,
    /// Compare with the tree in DIR; print a unified diff and exit 1 when they differ
    #[arg(long, value_name = "DIR")]
    pub check: Option<Utf8PathBuf>,
}

/// `review`
#[derive(Args, Debug)]
pub struct Review {
    /// The committed tree
    #[arg(long, value_name = "DIR")]
    pub dir: Utf8PathBuf,
    /// Accept the drift of this file without asking, by its path in DIR; repeatable
    #[arg(long, value_name = "PATH")]
    pub accept: Vec<Utf8PathBuf>,
    /// What is rendered.
    #[command(flatten)]
    pub rendering: Rendering,
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
