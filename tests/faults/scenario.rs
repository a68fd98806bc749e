//! The runs that faults are put into.

use std::fs;
use std::process::Command;

use super::support::Scratch;

/// A run, what has to be there before, and what it is to bring about.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) args: &'static [&'static str],
    /// What puts everything right afterwards.
    pub(crate) again: &'static [&'static str],
    pub(crate) prepare: fn(&Scratch),
    /// What is not as it has to be once that was done.
    pub(crate) wrong: fn(&Scratch) -> Option<String>,
}

/// The program with `words` for arguments; one that begins with `@` is a path in `scratch`.
pub(crate) fn command(words: &[&str], scratch: &Scratch) -> Command {
    let argument = |word: &&str| match word.strip_prefix('@') {
        Some(path) => scratch.path(path).to_str().unwrap().to_owned(),
        None => (*word).to_owned(),
    };
    let arguments: Vec<String> = words.iter().map(argument).collect();
    scratch.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// No process tells what the container is for, and there are not hundreds to look at.
const RECONCILE: &[&str] = &["reconcile", "--timeout", "10", "--proc", "/nonexistent"];
const COMPILE: &[&str] = &["compile", "--root", "@record/image"];
const UNREGISTER: &[&str] = &["unregister", "coder"];
const START: &[&str] = &["gateway", "start", "-p", "coder", "--settle", "0", "--timeout", "10"];
const STOP: &[&str] = &["gateway", "stop", "-p", "coder", "--timeout", "10"];
const DRAIN: &[&str] = &["drain", "--timeout", "10"];
const CREATED: &[&str] = &["profile", "created", "coder", "--timeout", "10"];
const DELETED: &[&str] = &["profile", "deleted", "gone", "--timeout", "10"];
const RENAMED: &[&str] = &["profile", "renamed", "gone", "coder", "--timeout", "10"];
const RESTART: &[&str] = &["gateway", "restart", "-p", "coder", "--settle", "0", "--timeout", "10"];
/// From this size on the boot's log is rotated.
const ROTATE: usize = 262_144;

pub(crate) static SCENARIOS: [Scenario; 14] = [
    Scenario {
        name: "compile",
        args: COMPILE,
        again: COMPILE,
        prepare: |scratch| fs::remove_dir_all(scratch.path("record/image")).unwrap_or_default(),
        wrong: |scratch| {
            let image = scratch.path("record/image");
            let answer = scratch.run(&["verify", "--root", image.to_str().unwrap()]);
            let find = "find \"$1\" -name '.*.new' | grep .";
            let staged = Command::new("sh").args(["-c", find, "sh"]).arg(image).output().unwrap();
            let left = String::from_utf8_lossy(&staged.stdout).into_owned();
            (answer.code != 0 || !left.is_empty()).then(|| format!("{answer:?} {left}"))
        },
    },
    Scenario {
        name: "register",
        args: &["register", "coder", "--down", "--timeout", "10"],
        again: RECONCILE,
        prepare: |scratch| {
            scratch.run(UNREGISTER).ok();
            wants(scratch, "stopped");
        },
        wrong: |scratch| slots(scratch, &["coder", "default"]),
    },
    Scenario {
        name: "unregister",
        args: UNREGISTER,
        again: UNREGISTER,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.run(RECONCILE).ok();
        },
        wrong: |scratch| slots(scratch, &["default"]),
    },
    Scenario {
        name: "reconcile",
        args: RECONCILE,
        again: RECONCILE,
        prepare: |scratch| {
            scratch.run(&["unregister", "coder", "default"]).ok();
            wants(scratch, "stopped");
        },
        wrong: |scratch| slots(scratch, &["coder", "default"]).or_else(|| intent(scratch, "stopped")),
    },
    Scenario {
        name: "update",
        args: RECONCILE,
        again: RECONCILE,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.run(RECONCILE).ok();
            let slot = scratch.slot("coder");
            for file in ["run", "log/run", "data/manifest.json"] {
                let mut text = fs::read_to_string(slot.join(file)).unwrap();
                text.push_str("# of yesterday\n");
                fs::write(slot.join(file), text).unwrap();
            }
            fs::remove_file(slot.join("finish")).unwrap();
        },
        wrong: |scratch| {
            let slot = scratch.slot("coder");
            let is_new = |file: &str| !fs::read_to_string(slot.join(file)).unwrap_or_default().contains("yesterday");
            let all = slot.join("finish").exists() && ["run", "log/run", "data/manifest.json"].into_iter().all(is_new);
            (!all).then(|| "files are of yesterday".to_owned())
        },
    },
    Scenario {
        name: "orphan",
        args: RECONCILE,
        again: RECONCILE,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.profiles(&["gone"]);
            scratch.run(RECONCILE).ok();
            fs::remove_dir_all(scratch.profile_path("gone")).unwrap();
        },
        wrong: |scratch| slots(scratch, &["coder", "default"]),
    },
    Scenario {
        name: "boot log",
        args: RECONCILE,
        again: RECONCILE,
        prepare: |scratch| {
            wants(scratch, "stopped");
            let logs = scratch.path("home/logs");
            let _ = fs::remove_file(logs.join("container-boot.log.1"));
            scratch.write("home/logs/container-boot.log", format!("first\n{}\n", "x".repeat(ROTATE)));
        },
        wrong: |scratch| {
            let read = |name: &str| fs::read_to_string(scratch.path("home/logs").join(name)).unwrap_or_default();
            let logs = ["container-boot.log.1", "container-boot.log"].map(read).concat();
            (!logs.starts_with("first\n")).then(|| "the log of earlier boots is lost".to_owned())
        },
    },
    Scenario {
        name: "start",
        args: START,
        again: START,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.run(RECONCILE).ok();
            scratch.run(STOP).ok();
        },
        wrong: |scratch| is_up(scratch, true).or_else(|| intent(scratch, "running")),
    },
    Scenario {
        name: "stop",
        args: STOP,
        again: STOP,
        prepare: started,
        wrong: |scratch| is_up(scratch, false).or_else(|| intent(scratch, "stopped")),
    },
    Scenario {
        name: "restart",
        args: RESTART,
        again: RESTART,
        prepare: started,
        wrong: |scratch| is_up(scratch, true).or_else(|| intent(scratch, "running")),
    },
    Scenario {
        name: "drain",
        args: DRAIN,
        again: DRAIN,
        prepare: started,
        wrong: |scratch| stat(scratch, "false false true").or_else(|| intent(scratch, "running")),
    },
    Scenario {
        name: "created",
        args: CREATED,
        again: CREATED,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.run(RECONCILE).ok();
            scratch.run(UNREGISTER).ok();
        },
        wrong: |scratch| slots(scratch, &["coder", "default"]),
    },
    Scenario {
        name: "deleted",
        args: DELETED,
        again: DELETED,
        prepare: |scratch| {
            wants(scratch, "stopped");
            scratch.profiles(&["gone"]);
            scratch.run(RECONCILE).ok();
            scratch.run(&["gateway", "start", "-p", "gone", "--settle", "0"]).ok();
        },
        wrong: |scratch| {
            let directory = scratch.profile_path("gone");
            let state = fs::read_to_string(directory.join("gateway_state.json")).unwrap_or_default();
            let ended = !directory.join("SOUL.md").exists() && directory.join("SOUL.md.deleted").exists();
            slots(scratch, &["coder", "default"])
                .or_else(|| (!ended).then(|| "it is a profile still, or its text is lost".to_owned()))
                .or_else(|| (!state.contains("\"stopped\"")).then(|| format!("its state file has {state:?}")))
        },
    },
    Scenario {
        name: "renamed",
        args: RENAMED,
        again: RENAMED,
        prepare: |scratch| {
            scratch.profiles(&["gone"]);
            scratch.run(RECONCILE).ok();
            scratch.run(UNREGISTER).ok();
            scratch.run(&["gateway", "start", "-p", "gone", "--settle", "0"]).ok();
            fs::remove_dir_all(scratch.profile_path("gone")).unwrap();
            wants(scratch, "running");
        },
        wrong: |scratch| {
            let left = scratch.slot("gone").exists().then(|| "the old slot is left".to_owned());
            left.or_else(|| is_up(scratch, true)).or_else(|| intent(scratch, "running"))
        },
    },
];

fn wants(scratch: &Scratch, intent: &str) {
    let state = format!("{{\"kept\":[1,2],\"desired_state\":\"{intent}\"}}\n");
    scratch.write("home/profiles/coder/gateway_state.json", state);
}

/// The gateway of `coder` runs, and is to.
fn started(scratch: &Scratch) {
    wants(scratch, "running");
    scratch.run(RECONCILE).ok();
    scratch.run(START).ok();
}

/// Slots that are missing, or too many, or not finished.
fn slots(scratch: &Scratch, wanted: &[&str]) -> Option<String> {
    for profile in ["coder", "default", "gone"] {
        let slot = scratch.slot(profile);
        if slot.exists() != wanted.contains(&profile) {
            return Some(format!("the slot of {profile} {}", if slot.exists() { "is there" } else { "is missing" }));
        }
        if slot.join("data/registering").exists() {
            return Some(format!("{profile} is still being registered"));
        }
    }
    None
}

fn is_up(scratch: &Scratch, wanted: bool) -> Option<String> {
    stat(scratch, &format!("{wanted} {wanted} {wanted}"))
}

fn stat(scratch: &Scratch, wanted: &str) -> Option<String> {
    let stat = scratch.s6("s6-svstat", &["-o", "up,wantedup,normallyup"], "coder");
    (stat.out.trim_end() != wanted).then(|| format!("s6-svstat says {stat:?}"))
}

fn intent(scratch: &Scratch, wanted: &str) -> Option<String> {
    let path = scratch.profile_path("coder").join("gateway_state.json");
    let state = fs::read_to_string(path).unwrap_or_default();
    let expected = format!("\"desired_state\":\"{wanted}\"");
    let whole = state.contains(&expected) && state.contains("\"kept\":[1,2]");
    (!whole).then(|| format!("the state file has {state:?}"))
}
