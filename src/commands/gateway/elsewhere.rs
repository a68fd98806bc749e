//! `gateway` where s6 does not run gateways, and what install and uninstall mean where it does.

use anyhow::Result;
use camino::Utf8Path;

use super::under_s6;
use crate::cli::Gateway;
use crate::error::Fault;
use crate::exit::Exit;
use crate::manager::{self, Kind};
use crate::output::print;
use crate::settings::Settings;

/// Nothing is started or stopped, so nothing of this is success.
pub(super) fn gateway(verb: &Gateway) -> Result<Exit> {
    let kind = manager::detect(Utf8Path::new("/"));
    let (verb, advice) = match verb {
        Gateway::Start(_) => ("start", "docker start <container>; or in it, hermes gateway run"),
        Gateway::Stop(_) => ("stop", "docker stop <container>"),
        Gateway::Restart(_) => ("restart", "docker restart <container>"),
        _ => {
            print(&format!("Manager: {}\n", name(kind)))?;
            return Ok(Exit::NotRunning);
        }
    };
    let fault = match kind {
        Kind::None | Kind::S6 => Fault::failed(format!(
            "{verb} gateway: no service manager runs here; in a container, the gateway is its main process"
        ))
        .advise(advice),
        _ => Fault::failed(format!("{verb} gateway: {} runs gateways here, not s6", name(kind)))
            .advise(format!("hermes gateway {verb}")),
    };
    Err(fault.into())
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::S6 => "s6 (container supervisor)",
        Kind::Windows => "windows (scheduled task)",
        Kind::Launchd => "launchd",
        Kind::Systemd => "systemd",
        Kind::None => "none (foreground or manual process)",
    }
}

pub(super) fn install(settings: &Settings) -> Result<Exit> {
    guide(
        settings,
        "install",
        "\
There is nothing to install: s6 supervises every profile's gateway in this container.

  hermes profile create <name>     # a new profile gets its own gateway, down at first
  hermes -p <name> gateway start   # start it, now and after every container restart
  hermes gateway status --all      # what all of them do
",
    )
}

pub(super) fn uninstall(settings: &Settings) -> Result<Exit> {
    guide(
        settings,
        "uninstall",
        "\
There is nothing to uninstall: a gateway's slot goes with its profile.

  hermes -p <name> gateway stop    # stop it, now and after every container restart
  hermes profile delete <name>     # remove profile, gateway and slot
",
    )
}

fn guide(settings: &Settings, verb: &str, text: &str) -> Result<Exit> {
    if under_s6(settings) {
        print(text)?;
        return Ok(Exit::Done);
    }
    let cause = format!("{verb} gateway: s6 does not run gateways here");
    Err(Fault::failed(cause).advise(format!("hermes gateway {verb}")).into())
}
