//! `compile`, `verify` and `prepare-home`: the image

use camino::Utf8PathBuf;
use clap::Args;

/// `compile`
#[derive(Args, Debug)]
pub struct Compile {
    /// The root directory of the image
    #[arg(long, value_name = "DIR")]
    pub root: Utf8PathBuf,
    /// Write nothing: print a unified diff of what would change, and exit 1 when something would
    #[arg(long)]
    pub check: bool,
    /// Where this program is in the image
    #[arg(long, value_name = "FILE", default_value = "/usr/local/bin/hermes-s6gen")]
    pub program: Utf8PathBuf,
    /// Where Hermes itself is in the image
    #[arg(long, value_name = "FILE", default_value = "/opt/hermes/.venv/bin/hermes")]
    pub hermes: Utf8PathBuf,
}

/// `verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// The root directory of the image
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: Utf8PathBuf,
}

/// `prepare-home`
#[derive(Args, Debug)]
pub struct PrepareHome {
    /// The user id that the run user is to have
    #[arg(long, env = "HERMES_UID", value_name = "ID", hide_env_values = true)]
    pub uid: Option<String>,
    /// The group id that the run user is to have
    #[arg(long, env = "HERMES_GID", value_name = "ID", hide_env_values = true)]
    pub gid: Option<String>,
    /// The same as --uid, which wins
    #[arg(long, env = "PUID", value_name = "ID", hide_env_values = true)]
    pub puid: Option<String>,
    /// The same as --gid, which wins
    #[arg(long, env = "PGID", value_name = "ID", hide_env_values = true)]
    pub pgid: Option<String>,
}
