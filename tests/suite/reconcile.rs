//! `reconcile` on a live scan directory.

mod capacity;
mod hostile;
mod live;
mod role;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use super::support::{Answer, Identity, Scratch, wait_until};

/// `reconcile` in a container whose command is not known.
fn reconcile(scratch: &Scratch, args: &[&str]) -> Answer {
    let proc = scratch.path("proc");
    scratch.run(&[&["reconcile", "--proc", proc.to_str().unwrap()], args].concat())
}

/// What `answer` says was done, by profile.
fn actions(answer: &Answer) -> BTreeMap<String, String> {
    let action = |line: &str| {
        let word = |key: &str| {
            let value = line.split(' ').find_map(|word| word.strip_prefix(key))?;
            Some(value.to_owned())
        };
        Some((word("profile=")?, word("action=")?))
    };
    answer.out.lines().filter_map(action).collect()
}

/// Makes the profile `name` with `state` for a state file.
fn profile(scratch: &Scratch, name: &str, state: &str) {
    if name != "default" {
        scratch.profiles(&[name]);
    }
    let relative = scratch.profile_path(name).strip_prefix(scratch.root()).unwrap().join("gateway_state.json");
    scratch.write(relative.to_str().unwrap(), state);
}

/// Inode and content of everything in `directory` that is a file or directory.
fn inodes(directory: &Path) -> BTreeMap<String, (u64, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(directory).min_depth(1).into_iter().map(Result::unwrap);
    let describe = |entry: walkdir::DirEntry| {
        let bytes = if entry.file_type().is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
        let path = entry.path().strip_prefix(directory).unwrap().to_str().unwrap().to_owned();
        (path, (entry.metadata().unwrap().ino(), bytes))
    };
    entries.map(describe).collect()
}

#[test]
fn what_is_recorded_decides_what_starts() {
    for who in Identity::everybody("what_is_recorded_decides_what_starts") {
        let scratch = Scratch::new(who);
        let table = [
            ("running", r#"{"gateway_state":"running"}"#, "running", true),
            ("draining", r#"{"gateway_state":"draining"}"#, "running", true),
            ("degraded", r#"{"gateway_state":"degraded"}"#, "running", true),
            ("stopped", r#"{"gateway_state":"stopped"}"#, "stopped", false),
            ("starting", r#"{"gateway_state":"starting"}"#, "starting", false),
            ("failed", r#"{"gateway_state":"startup_failed"}"#, "startup_failed", false),
            ("wanted", r#"{"gateway_state":"stopped","desired_state":"running"}"#, "running", true),
            ("unwanted", r#"{"gateway_state":"running","desired_state":"stopped"}"#, "stopped", false),
            ("other", r#"{"gateway_state":"running","desired_state":"on hold"}"#, "on\\u{20}hold", false),
            ("null", r#"{"gateway_state":"running","desired_state":null}"#, "running", true),
            ("drains", r#"{"desired_state":"draining"}"#, "draining", false),
            ("empty", "{}", "None", false),
            ("bom", "\u{feff}{\"desired_state\":\"running\"}", "running", true),
        ];
        for (name, state, ..) in &table {
            profile(&scratch, name, state);
        }
        scratch.profiles(&["fresh"]);
        let _svscan = scratch.svscan();
        let answer = reconcile(&scratch, &[]).ok();
        assert!(answer.out.starts_with("reconcile: profile=default prior_state=None action=registered"), "{answer:?}");
        for (name, _, prior, starts) in &table {
            let action = if *starts { "started" } else { "registered" };
            let line = format!("reconcile: profile={name} prior_state={prior} action={action} prior_exit=unknown\n");
            assert!(answer.out.contains(&line), "{line} is not in {answer:?}");
            assert_eq!(scratch.slot(name).join("down").exists(), !starts, "{name}");
        }
        let started: Vec<_> = table.iter().filter(|row| row.3).map(|row| row.0).collect();
        for name in &started {
            wait_until("it starts", || scratch.starts(name) == 1);
        }
        assert_eq!(scratch.starts("fresh") + scratch.starts("stopped") + scratch.starts("default"), 0);
        let log = fs::read_to_string(scratch.path("home/logs/container-boot.log")).unwrap();
        assert_eq!(log.lines().count(), table.len() + 2);
        assert!(log.lines().all(|line| line.split(' ').next().unwrap().len() == "2026-11-23T15:42:01+00:00".len()));
        assert!(log.contains("profile=wanted prior_state=running action=started prior_exit=unknown\n"));
    }
}

#[test]
fn the_ledger_tells_how_the_last_run_ended() {
    let scratch = Scratch::new(Identity::Ordinary);
    for (name, ledger) in [("clean", r#"{"phase":"exited"}"#), ("unclean", r#"{"phase":"running"}"#), ("odd", "[")] {
        scratch.profiles(&[name]);
        fs::create_dir(scratch.profile_path(name).join("state")).unwrap();
        scratch.write(&format!("home/profiles/{name}/state/gateway.lifecycle.json"), ledger);
    }
    let _svscan = scratch.svscan();
    let out = reconcile(&scratch, &[]).ok().out;
    for (name, exit) in [("clean", "clean"), ("unclean", "unclean"), ("odd", "unknown")] {
        let line = format!("profile={name} prior_state=None action=registered prior_exit={exit}\n");
        assert!(out.contains(&line), "{out}");
    }
}

#[test]
fn a_dry_run_tells_and_touches_nothing() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    scratch.write("home/profiles/coder/gateway.pid", "1");
    let _svscan = scratch.svscan();
    let before = (inodes(&scratch.path("home")), inodes_of_slots(&scratch));
    let answer = reconcile(&scratch, &["--dry-run"]).ok();
    assert_eq!(actions(&answer)["coder"], "started");
    let json = reconcile(&scratch, &["--dry-run", "--format", "json"]).ok().json();
    assert_eq!((&json["version"], &json["dry_run"]), (&1.into(), &true.into()));
    assert_eq!(json["profiles"][1]["profile"], "coder");
    assert_eq!(json["profiles"][1]["prior_state"], "running");
    assert_eq!(json["profiles"][1]["error"], serde_json::Value::Null);
    assert_eq!((inodes(&scratch.path("home")), inodes_of_slots(&scratch)), before);
}

/// `inodes` of the slots, once every service is in the state that is wanted of it: s6-supervise writes its status
/// when it comes and once more when it has started what it supervises.
fn inodes_of_slots(scratch: &Scratch) -> BTreeMap<String, (u64, Vec<u8>)> {
    let scan = scratch.path("scan");
    wait_until("every service is as it is wanted", || {
        walkdir::WalkDir::new(&scan)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_name() == "supervise")
            .all(|entry| {
                let service = entry.path().parent().unwrap();
                let told = Answer::of(Command::new("s6-svstat").args(["-o", "up,wantedup"]).arg(service)).out;
                ["true true\n", "false false\n"].contains(&told.as_str())
            })
    });
    let mut found = inodes(&scan);
    found.retain(|path, _| !path.starts_with(".s6-svscan"));
    found
}

#[test]
fn what_earlier_processes_left_goes_from_this_home_only() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    scratch.profiles(&["other"]);
    for path in ["home", "home/profiles/coder"] {
        scratch.write(&format!("{path}/gateway.pid"), "12");
        scratch.write(&format!("{path}/processes.json"), "[]");
    }
    fs::create_dir_all(scratch.path("home/profiles/other/gateway.pid")).unwrap();
    scratch.write("home/profiles/coder/gateway.lock", "");
    scratch.write("home/profiles/gateway.pid", "not a profile's");
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("home/profiles/other/gateway.pid"), "{answer:?}");
    assert_eq!(actions(&answer)["other"], "registered");
    for (path, stays) in [
        ("home/gateway.pid", false),
        ("home/processes.json", false),
        ("home/profiles/coder/gateway.pid", false),
        ("home/profiles/coder/processes.json", false),
        ("home/profiles/coder/gateway.lock", true),
        ("home/profiles/gateway.pid", true),
    ] {
        assert_eq!(scratch.path(path).exists(), stays, "{path}");
    }
    // A gateway that runs has written these, and they are right.
    scratch.write("home/profiles/coder/gateway.pid", "12");
    reconcile(&scratch, &[]);
    assert!(scratch.path("home/profiles/coder/gateway.pid").exists());
}

#[test]
fn a_state_that_another_profile_wrote_is_not_trusted() {
    let scratch = Scratch::new(Identity::Ordinary);
    let own = scratch.profile_path("own").to_str().unwrap().to_owned();
    profile(&scratch, "own", &format!(r#"{{"desired_state":"running","hermes_home":"{own}/"}}"#));
    profile(&scratch, "clone", &format!(r#"{{"desired_state":"running","hermes_home":"{own}"}}"#));
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("profiles/clone/gateway_state.json: it is of"), "{answer:?}");
    assert_eq!((&*actions(&answer)["own"], &*actions(&answer)["clone"]), ("started", "registered"));
    // An operator's own start is believed from then on.
    scratch.run(&["gateway", "start", "-p", "clone"]).ok();
    assert_eq!(actions(&reconcile(&scratch, &[]).ok())["clone"], "kept");
}

#[test]
fn gateways_start_apart_and_an_operator_need_not_wait() {
    let scratch = Scratch::new(Identity::Ordinary);
    for name in ["a", "b", "c"] {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let _svscan = scratch.svscan();
    let began = std::time::Instant::now();
    reconcile(&scratch, &["--stagger", "600"]).ok();
    assert!(began.elapsed().as_secs() < 60);
    wait_until("the first starts", || scratch.starts("a") == 1);
    wait_until("the others wait for their turns", || {
        ["b", "c"].iter().all(|name| scratch.s6("s6-svstat", &["-o", "up"], name).out == "true\n")
    });
    let status = scratch.run(&["gateway", "status", "--all", "--check", "--format", "json"]).ok().json();
    let rows = status["gateways"].as_array().unwrap();
    assert_eq!(rows[3]["profile"], "c");
    assert_eq!((&rows[3]["state"], &rows[3]["wanted"]), (&"starting".into(), &"up".into()));
    assert!(rows[3]["next_try"].is_string());
    assert_eq!(scratch.starts("b") + scratch.starts("c"), 0);
    for verb in ["start", "restart"] {
        let name = if verb == "start" { "b" } else { "c" };
        scratch.run(&["gateway", verb, "-p", name]).ok();
        wait_until("it starts before its turn", || scratch.starts(name) == 1);
    }
}

#[test]
fn turns_that_are_close_come() {
    let scratch = Scratch::new(Identity::Ordinary);
    for name in ["a", "b", "c"] {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let _svscan = scratch.svscan();
    reconcile(&scratch, &["--stagger", "1"]).ok();
    wait_until("all start", || ["a", "b", "c"].iter().all(|name| scratch.starts(name) == 1));
}

#[test]
fn drain_brings_all_down_and_forgets_nothing() {
    let scratch = Scratch::new(Identity::Ordinary);
    for name in ["a", "b", "c"] {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    scratch.behave("b", "exit-on-term 0");
    let _svscan = scratch.svscan();
    reconcile(&scratch, &[]).ok();
    wait_until("all start", || ["a", "b", "c"].iter().all(|name| scratch.starts(name) == 1));
    let answer = scratch.run(&["drain", "--timeout", "60"]).ok();
    assert_eq!(answer.out, "a stopped\nb stopped\nc stopped\ndefault stopped\n");
    for name in ["a", "b", "c"] {
        scratch.s6("s6-svwait", &["-D", "-t", "10000"], name).ok();
        let state = fs::read_to_string(scratch.profile_path(name).join("gateway_state.json")).unwrap();
        assert_eq!(state, r#"{"desired_state":"running"}"#);
    }
    assert_eq!(scratch.run(&["drain"]).ok().out.lines().count(), 4);
    // Where the container goes on after all, so do they.
    scratch.behave("c", "ignore-term");
    let answer = reconcile(&scratch, &[]).ok();
    assert_eq!(actions(&answer).values().filter(|action| *action == "started").count(), 3, "{answer:?}");
    assert_eq!(actions(&reconcile(&scratch, &[]).ok())["a"], "kept");
    wait_until("c starts again", || scratch.starts("c") == 2);
    // The others end by themselves, if the machine is fast enough.
    let answer = scratch.run(&["drain", "--timeout", "2"]).ok();
    assert!(answer.out.contains("c did not end by itself: killed\n"), "{answer:?}");
    scratch.s6("s6-svwait", &["-D", "-t", "10000"], "c").ok();
}
