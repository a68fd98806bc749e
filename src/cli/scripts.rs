//! What the rendered scripts do.

use camino::Utf8PathBuf;
use clap::Args;

use crate::policy::Policy;

/// What the rendered scripts do.
#[derive(Args, Debug)]
#[command(next_help_heading = "Scripts")]
pub struct Scripts {
    /// Where this program is on the machine that runs the scripts
    #[arg(
        long,
        env = "HERMES_S6GEN_PROGRAM",
        value_name = "FILE",
        default_value = "/usr/local/bin/hermes-s6gen",
        hide_env_values = true
    )]
    pub program: Utf8PathBuf,
    /// How many rotated log files a gateway keeps
    #[arg(long, env = "HERMES_GATEWAY_LOG_FILES", value_name = "COUNT", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=10_000), hide_env_values = true)]
    pub log_files: u32,
    /// The size in bytes at which a gateway's log is rotated
    #[arg(long, env = "HERMES_GATEWAY_LOG_SIZE", value_name = "BYTES", default_value_t = 1_000_000,
          value_parser = clap::value_parser!(u32).range(4096..=268_435_455), hide_env_values = true)]
    pub log_size: u32,
    /// Seconds until a gateway is started again after its first death; doubled with each further one
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_FIRST", value_name = "SECONDS", default_value_t = Policy::default().first,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_first: u32,
    /// The most seconds to wait between two tries
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_MOST", value_name = "SECONDS", default_value_t = Policy::default().most,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_most: u32,
    /// A run of that many seconds is healthy: earlier deaths are forgotten
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_HEALTHY", value_name = "SECONDS", default_value_t = Policy::default().healthy,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_healthy: u32,
    /// Give up after that many deaths within --cap-seconds; 0: never
    #[arg(long, env = "HERMES_GATEWAY_CAP_DEATHS", value_name = "COUNT", default_value_t = Policy::default().cap_deaths,
          value_parser = clap::value_parser!(u32).range(0..=100), hide_env_values = true)]
    pub cap_deaths: u32,
    /// The time that --cap-deaths looks back on
    #[arg(long, env = "HERMES_GATEWAY_CAP_SECONDS", value_name = "SECONDS", default_value_t = Policy::default().cap_seconds,
          value_parser = clap::value_parser!(u32).range(1..=604_800), hide_env_values = true)]
    pub cap_seconds: u32,
}
