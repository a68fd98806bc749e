//! `gateway` where s6 does not run gateways, and what install and uninstall mean where it does.

use anyhow::Result;
use camino::Utf8Path;
use rustix::process::geteuid;

use super::{named, under_s6};
use crate::cli::{Gateway, Which};
use crate::error::{At, Fault, exit_of, report};
use crate::exit::Exit;
use crate::manager::{self, HostTool, Kind, Launchd, Scope, ServiceManager, Systemd, Windows};
use crate::output::print;
use crate::profile::ProfileName;
use crate::settings::Settings;

/// One of a manager's operations.
type Work = fn(&dyn ServiceManager, &ProfileName) -> Result<()>;

/// Where another service manager runs, its units are Hermes' own; where none does, nothing of this can succeed.
pub(super) fn gateway(settings: &Settings, verb: &Gateway) -> Result<Exit> {
    let kind = manager::detect(Utf8Path::new("/"));
    let (name, which, work): (_, _, Work) = match verb {
        Gateway::Start(args) => ("start", &args.which, |manager, profile| manager.start(profile)),
        Gateway::Stop(args) => ("stop", &args.which, |manager, profile| manager.stop(profile)),
        Gateway::Restart(args) => ("restart", &args.which, |manager, profile| manager.restart(profile)),
        Gateway::Status(args) => return status(settings, &args.which, kind),
        Gateway::Logs(_) | Gateway::Install | Gateway::Uninstall => return Ok(Exit::Done),
    };
    let manager = host(kind).ok_or_else(|| guidance(name))?;
    let mut exit = Exit::Done;
    for profile in named(settings, which)? {
        match work(&*manager, &profile).at(name, &profile) {
            Ok(()) => print(&format!("{profile}: {name}: done by {kind}\n"))?,
            Err(error) => {
                report(&error);
                exit = exit.max(exit_of(&error));
            }
        }
    }
    Ok(exit)
}

fn guidance(verb: &str) -> Fault {
    let advice = match verb {
        "start" => "docker start <container>; or in the container, hermes gateway run",
        "stop" => "docker stop <container>",
        _ => "docker restart <container>",
    };
    let cause =
        format!("{verb} gateway: no service manager runs here; in a container, the gateway is its main process");
    Fault::failed(cause).advise(advice)
}

fn status(settings: &Settings, which: &Which, kind: Kind) -> Result<Exit> {
    let Some(manager) = host(kind) else {
        print("Manager: none (foreground or manual process)\n")?;
        return Ok(Exit::NotRunning);
    };
    let mut exit = Exit::Done;
    print(&format!("Manager: {kind}\n"))?;
    for profile in named(settings, which)? {
        let runs = manager.is_running(&profile)?;
        print(&format!("{profile} {}\n", if runs { "running" } else { "stopped" }))?;
        exit = exit.max(if runs { Exit::Done } else { Exit::NotRunning });
    }
    Ok(exit)
}

/// The manager of this host, with the tools that `PATH` has.
fn host(kind: Kind) -> Option<Box<dyn ServiceManager>> {
    let tool = |name: &str| HostTool::new(Utf8Path::new(name));
    let uid = geteuid();
    match kind {
        Kind::Systemd => {
            let scope = if uid.is_root() { Scope::System } else { Scope::User };
            Some(Box::new(Systemd { tool: tool("systemctl"), scope }))
        }
        Kind::Launchd => {
            let home = std::env::var("HOME").unwrap_or_default();
            let agents = Utf8Path::new(&home).join("Library/LaunchAgents");
            Some(Box::new(Launchd { tool: tool("launchctl"), uid: uid.as_raw(), agents }))
        }
        Kind::Windows => Some(Box::new(Windows { schtasks: tool("schtasks"), hermes: tool("hermes") })),
        Kind::S6 | Kind::None => None,
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
    if under_s6(settings)? {
        print(text)?;
        return Ok(Exit::Done);
    }
    let cause = format!("{verb} gateway: s6 does not run gateways here");
    Err(Fault::failed(cause).advise(format!("hermes gateway {verb}")).into())
}
