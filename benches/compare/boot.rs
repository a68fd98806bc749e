//! Boot reconciliation from nothing, and once more when nothing has to change.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::support::{Identity, Scratch, Svscan};
use super::table::{Table, millis, ratio};
use super::tools::{Sample, Tools, median};

pub(crate) const NOTE: &str = "From nothing to N slots, gateways down. `bare` is a C program that makes the same slots with the same system calls, one \
after the other, asks for one scan and waits for the same s6-supervise; it looks at no profile and records nothing. hermes-agent's own \
`container_boot` writes slots and waits for nobody, so what is compared with it is `published`, the time until the last \
slot is in the scan directory, and processor time. CPU is that of the program and the programs that it ran; no program \
with these system calls is further from hermes-agent's than `bare` is. `again` is a reconciliation that finds nothing to do.";

/// Profiles, and how often each is measured.
const SIZES: [(usize, usize); 4] = [(1, 15), (100, 9), (500, 3), (2000, 1)];

/// One size.
pub(crate) struct Boot {
    pub(crate) profiles: usize,
    pub(crate) ours: Sample,
    pub(crate) again: Sample,
    pub(crate) bare: Sample,
    pub(crate) hermes: Option<Sample>,
}

pub(crate) fn measure(tools: &Tools) -> Vec<Boot> {
    let most = std::env::var("HERMES_S6GEN_BENCH_PROFILES").map_or(usize::MAX, |most| most.parse().unwrap());
    let sizes = SIZES.iter().filter(|(profiles, _)| *profiles <= most);
    sizes.map(|(profiles, times)| boot(tools, *profiles, *times)).collect()
}

fn boot(tools: &Tools, profiles: usize, times: usize) -> Boot {
    // The default profile is one of them.
    let scratch = home(profiles - 1);
    let scan = scratch.path("scan");
    let (mut ours, mut again, mut bare, mut hermes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for time in 0..times {
        eprintln!("{profiles} profiles, {} of {times}", time + 1);
        let reconcile = Tools::ours(&scratch, &["reconcile", "--proc", "/nonexistent", "--timeout", "600"]);
        let svscan = large(&scratch);
        ours.push(tools.run_watching(&scan, &reconcile));
        again.push(tools.run(&reconcile));
        let example = scratch.path("example");
        let _ = fs::remove_dir_all(&example);
        copy(&scratch.slot("default"), &example);
        drop(svscan);
        empty(&scratch);
        let svscan = large(&scratch);
        let mut command = Command::new(tools.path("bare"));
        let group = scratch.who().uids().1.to_string();
        command.arg(&scan).arg(&example).args([&profiles.to_string(), &group, "/usr/bin/s6-svscanctl"]);
        bare.push(tools.run_watching(&scan, &command));
        drop(svscan);
        empty(&scratch);
        if let Some(program) = &tools.hermes {
            let mut command = Command::new(program.with_file_name("python3"));
            command.args(["-m", "hermes_cli.container_boot"]).env("HERMES_HOME", scratch.path("home"));
            command.env("S6_PROFILE_GATEWAY_SCANDIR", &scan).env("PATH", "/usr/bin:/bin");
            hermes.push(tools.run_watching(&scan, &command));
            empty(&scratch);
        }
    }
    let hermes = (!hermes.is_empty()).then(|| median(&hermes));
    Boot { profiles, ours: median(&ours), again: median(&again), bare: median(&bare), hermes }
}

/// A home with `named` profiles beside the default one.
pub(crate) fn home(named: usize) -> Scratch {
    let scratch = Scratch::new(Identity::root("bench").unwrap_or(Identity::Ordinary));
    for index in 0..named {
        let name = format!("p{index:04}");
        scratch.profiles(&[&name]);
        let state = "{\"gateway_state\":\"stopped\",\"desired_state\":\"stopped\"}\n";
        scratch.write(&format!("home/profiles/{name}/gateway_state.json"), state);
    }
    scratch
}

/// An s6-svscan that takes them all.
pub(crate) fn large(scratch: &Scratch) -> Svscan {
    Svscan::under(scratch, &["/usr/bin/prlimit", "--nofile=20000:20000"], &["-c", "6000"])
}

fn empty(scratch: &Scratch) {
    let scan = scratch.path("scan");
    fs::remove_dir_all(&scan).unwrap();
    fs::create_dir(&scan).unwrap();
    fs::set_permissions(&scan, Permissions::from_mode(0o755)).unwrap();
    let (owner, _) = scratch.who().uids();
    std::os::unix::fs::chown(scan, Some(owner), Some(owner)).unwrap();
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

pub(crate) fn table(boots: &[Boot]) -> Table {
    let mut table = Table::new(&[
        "profiles",
        "ours",
        "bare",
        "ours/bare",
        "CPU ours",
        "CPU bare",
        "ratio",
        "published ours",
        "published hermes-agent",
        "its/ours",
        "CPU hermes-agent",
        "its CPU/ours",
        "again",
    ]);
    for boot in boots {
        let hermes = |tell: fn(Sample, Sample) -> String| {
            boot.hermes.map_or_else(|| "-".to_owned(), |hermes| tell(hermes, boot.ours))
        };
        table.row(vec![
            boot.profiles.to_string(),
            millis(boot.ours.wall),
            millis(boot.bare.wall),
            ratio(boot.ours.wall, boot.bare.wall),
            millis(boot.ours.cpu),
            millis(boot.bare.cpu),
            ratio(boot.ours.cpu, boot.bare.cpu),
            millis(boot.ours.appeared),
            hermes(|hermes, _| millis(hermes.appeared)),
            hermes(|hermes, ours| ratio(hermes.appeared, ours.appeared)),
            hermes(|hermes, _| millis(hermes.cpu)),
            hermes(|hermes, ours| ratio(hermes.cpu, ours.cpu)),
            millis(boot.again.wall),
        ]);
    }
    table
}
