//! Where things are.

use camino::Utf8PathBuf;
use clap::Args;

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
    /// The socket of the broker, which changes the scan directory for who may not [default:
    /// /run/hermes-s6gen/registrar]
    #[arg(long, global = true, env = "HERMES_S6GEN_BROKER", value_name = "SOCKET", hide_env_values = true)]
    pub broker: Option<Utf8PathBuf>,
}
