//! What one gateway's service is, before anything is rendered.

use std::time::SystemTime;

use camino::Utf8PathBuf;

use crate::environment::Environment;
use crate::policy::Policy;
use crate::profile::ProfileName;

/// One gateway's service.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Whose gateway it is.
    pub profile: ProfileName,
    /// Whether s6-supervise brings it up by itself, that is, whether there is no `down` file.
    pub up: bool,
    /// What the gateway's environment has beside the container's.
    pub environment: Environment,
    /// Whether the default gateway serves this profile, so that it needs no gateway of its own.
    pub served_by_default: bool,
    /// When it is to start at the earliest, if that matters.
    pub not_before: Option<SystemTime>,
}

/// What the rendered scripts name of the machine that they run on.
#[derive(Clone, Debug)]
pub struct Host {
    /// The directory of the s6 programs, absolute.
    pub s6_bin: Utf8PathBuf,
    /// Where this program is, absolute.
    pub program: Utf8PathBuf,
    /// The run user's name, for s6-setuidgid.
    pub user: String,
    /// How deaths are answered.
    pub policy: Policy,
    /// How much of its log a gateway keeps.
    pub log: LogLimits,
}

/// Bounds of one gateway's log directory: about `files + 1` times `bytes`.
#[derive(Clone, Copy, Debug)]
pub struct LogLimits {
    /// How many rotated files are kept.
    pub files: u32,
    /// The size, in bytes, at which the current file is rotated; s6-log takes 4096 to 268435455.
    pub bytes: u32,
}
