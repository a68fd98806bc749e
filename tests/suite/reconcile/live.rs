//! While everything runs.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{actions, inodes_of_slots, profile, reconcile};
use crate::support::{Answer, Identity, Scratch, processes_in, wait_until};

fn pids(scratch: &Scratch) -> Vec<i32> {
    processes_in(&scratch.path("scan")).into_iter().map(|(pid, _)| pid).collect()
}

#[test]
fn a_second_run_changes_no_inode_and_no_process() {
    for who in Identity::everybody("a_second_run_changes_no_inode_and_no_process") {
        let scratch = Scratch::new(who);
        profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
        scratch.profiles(&["writer"]);
        let _svscan = scratch.svscan();
        reconcile(&scratch, &[]).ok();
        scratch.profiles(&["extra"]);
        scratch.run(&["register", "extra", "--env", "MOTTO=a 'b' $c"]).ok();
        wait_until("they start", || scratch.starts("coder") == 1 && scratch.starts("extra") == 1);
        wait_until("loggers have become s6-log", || {
            processes_in(&scratch.path("scan")).iter().filter(|(_, line)| line.contains("s6-log -p")).count() == 4
        });
        let before = (inodes_of_slots(&scratch), pids(&scratch));
        for _ in 0..2 {
            let answer = reconcile(&scratch, &[]).ok();
            assert!(actions(&answer).values().all(|action| action == "kept"), "{answer:?}");
        }
        assert_eq!((inodes_of_slots(&scratch), pids(&scratch)), before);
    }
}

#[test]
fn changed_files_are_replaced_one_by_one() {
    for who in Identity::everybody("changed_files_are_replaced_one_by_one") {
        let scratch = Scratch::new(who);
        profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
        let _svscan = scratch.svscan();
        scratch.run(&["register", "coder", "--env", "MOTTO=kept"]).ok();
        reconcile(&scratch, &[]).ok();
        wait_until("it starts", || scratch.starts("coder") == 1);
        // An operator's own file is not ours to touch; a tampered one is.
        let slot = scratch.slot("coder");
        fs::write(slot.join("timeout-kill"), "5000\n").unwrap();
        let run = fs::read(slot.join("run")).unwrap();
        fs::write(slot.join("run"), [&run, b"# edited\n".as_slice()].concat()).unwrap();
        fs::set_permissions(slot.join("finish"), PermissionsExt::from_mode(0o700)).unwrap();
        let before = inodes_of_slots(&scratch);
        let answer = reconcile(&scratch, &[]).ok();
        assert!(
            answer
                .out
                .contains("profile=coder prior_state=running action=updated prior_exit=unknown wants_restart=gateway")
        );
        assert_eq!(actions(&answer)["default"], "kept");
        let after = inodes_of_slots(&scratch);
        let changed: Vec<_> =
            after.iter().filter(|(path, now)| before.get(*path) != Some(now)).map(|(path, _)| path).collect();
        assert_eq!(changed, ["gateway-coder/finish", "gateway-coder/run"]);
        assert_eq!(fs::read(slot.join("run")).unwrap(), run);
        assert_eq!(fs::metadata(slot.join("finish")).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read(slot.join("timeout-kill")).unwrap(), b"5000\n");
        assert_eq!(fs::read(slot.join("env/MOTTO")).unwrap(), b"kept\n");
        assert_eq!(scratch.starts("coder"), 1);
    }
}

#[test]
fn what_changed_is_restarted_when_that_is_asked_for() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    let _svscan = scratch.svscan();
    reconcile(&scratch, &[]).ok();
    let loggers = |files: &str| {
        let line = format!("s6-log -p 1 n{files} ");
        processes_in(&scratch.path("scan")).iter().filter(|(_, found)| found.contains(&line)).count()
    };
    wait_until("it starts and is logged", || scratch.starts("coder") == 1 && loggers("10") == 2);
    let answer = reconcile(&scratch, &["--log-files", "4"]).ok();
    assert!(answer.out.contains("action=updated prior_exit=unknown wants_restart=logger"), "{answer:?}");
    assert_eq!(loggers("10"), 2);
    // What was changed once is not changed again.
    assert_eq!(actions(&reconcile(&scratch, &["--log-files", "4"]).ok())["coder"], "kept");
    let answer = reconcile(&scratch, &["--log-files", "5", "--restart-changed"]).ok();
    assert!(!answer.out.contains("wants_restart"), "{answer:?}");
    wait_until("other loggers come", || loggers("5") == 2 && loggers("10") == 0);
    // Nobody but the loggers noticed.
    assert_eq!(scratch.starts("coder"), 1);
    fs::write(scratch.slot("coder").join("run"), "#!/bin/sh\n").unwrap();
    reconcile(&scratch, &["--log-files", "5", "--restart-changed"]).ok();
    wait_until("the gateway is started again", || scratch.starts("coder") == 2);
}

#[test]
fn a_live_gateway_follows_what_an_operator_recorded() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    profile(&scratch, "writer", r#"{"desired_state":"stopped"}"#);
    profile(&scratch, "legacy", r#"{"gateway_state":"running"}"#);
    let _svscan = scratch.svscan();
    reconcile(&scratch, &[]).ok();
    wait_until("they start", || scratch.starts("coder") == 1 && scratch.starts("legacy") == 1);
    profile(&scratch, "coder", r#"{"desired_state":"stopped"}"#);
    profile(&scratch, "writer", r#"{"desired_state":"running"}"#);
    // What a gateway says of itself is no operator's word.
    profile(&scratch, "legacy", r#"{"gateway_state":"stopped"}"#);
    let answer = reconcile(&scratch, &[]).ok();
    let actions = actions(&answer);
    assert_eq!((&*actions["coder"], &*actions["writer"], &*actions["legacy"]), ("stopped", "started", "kept"));
    scratch.s6("s6-svwait", &["-d", "-t", "10000"], "coder").ok();
    wait_until("it starts", || scratch.starts("writer") == 1);
    assert!(scratch.slot("coder").join("down").exists() && !scratch.slot("writer").join("down").exists());
}

#[test]
fn slots_of_gone_profiles_go_and_those_of_odd_ones_stay() {
    let scratch = Scratch::new(Identity::Ordinary);
    for name in ["gone", "half", "odd"] {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let _svscan = scratch.svscan();
    reconcile(&scratch, &[]).ok();
    wait_until("they start", || ["gone", "half", "odd"].iter().all(|name| scratch.starts(name) == 1));
    fs::remove_dir_all(scratch.profile_path("gone")).unwrap();
    fs::remove_file(scratch.profile_path("half").join("SOUL.md")).unwrap();
    let soul = scratch.profile_path("odd").join("SOUL.md");
    fs::remove_file(&soul).unwrap();
    fs::create_dir(&soul).unwrap();
    let answer = reconcile(&scratch, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("profiles/odd/SOUL.md: is not a regular file"), "{answer:?}");
    let actions = actions(&answer);
    assert_eq!((&*actions["gone"], &*actions["half"]), ("removed", "removed"));
    assert_eq!(scratch.run(&["list"]).ok().out, "default\nodd\n");
    let left = processes_in(&scratch.path("scan"));
    assert!(!left.iter().any(|(_, line)| line.contains("gone") || line.contains("half")), "{left:?}");
}

#[test]
fn a_deleted_profile_does_not_come_back() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    let _svscan = scratch.svscan();
    reconcile(&scratch, &[]).ok();
    scratch.run(&["profile", "deleted", "coder"]).ok();
    // A busy file keeps hermes from removing the directory.
    scratch.write("home/profiles/coder/busy", "");
    assert_eq!(actions(&reconcile(&scratch, &[]).ok()).get("coder"), None);
    // Nothing is lost: it can be brought back by hand, or made anew.
    let profile = scratch.profile_path("coder");
    fs::rename(profile.join("SOUL.md.deleted"), profile.join("SOUL.md")).unwrap();
    assert_eq!(actions(&reconcile(&scratch, &[]).ok())["coder"], "registered");
}

#[test]
fn a_link_that_leads_nowhere_is_named_and_stops_nobody() {
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
    let _svscan = scratch.svscan();
    symlink("/nonexistent", scratch.path("scan/dangling")).unwrap();
    let answer = reconcile(&scratch, &[]).ok();
    assert!(answer.err.contains("scan/dangling: a link that leads nowhere"), "{answer:?}");
    wait_until("it starts", || scratch.starts("coder") == 1);
    assert_eq!(fs::read_link(scratch.path("scan/.dangling-dangling")).unwrap().to_str(), Some("/nonexistent"));
    symlink("/nonexistent", scratch.path("scan/dangling")).unwrap();
    scratch.profiles(&["writer"]);
    scratch.run(&["register", "writer"]).ok();
    wait_until("it starts", || scratch.starts("writer") == 1);
}

#[test]
fn entries_that_vanish_during_scans_lose_nobody() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names: Vec<String> = (0..40).map(|n| format!("p{n:02}")).collect();
    for name in &names {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let _svscan = scratch.svscan();
    let (a, b) = (scratch.path("scan/coming"), scratch.path("scan/going"));
    fs::create_dir(&a).unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&a, &b).unwrap();
                fs::rename(&b, &a).unwrap();
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let answer = reconcile(&scratch, &[]);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(answer.code, 0, "{answer:?}");
    });
    wait_until("all start", || names.iter().all(|name| scratch.starts(name) == 1));
}

#[test]
fn killed_at_any_moment_the_next_boot_goes_on() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names: Vec<String> = (0..12).map(|n| format!("p{n:02}")).collect();
    for name in &names {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let _svscan = scratch.svscan();
    let proc = scratch.path("proc");
    let proc = proc.to_str().unwrap();
    let all: Vec<_> =
        ["unregister", "default", "--grace", "0.3"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let began = Instant::now();
    reconcile(&scratch, &[]).ok();
    let mut whole = began.elapsed();
    let mut seed = 1_u64;
    let mut killed = 0;
    for round in 0..50 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Every second time all has to be made from nothing.
        if round % 2 == 0 {
            scratch.run(&all).ok();
        }
        let mut child = scratch
            .command(&["reconcile", "--proc", proc])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * u32::try_from(seed >> 54).unwrap() / 1024);
        if child.try_wait().unwrap().is_none() {
            killed += 1;
        } else if round % 2 == 0 {
            // The machine has become faster than when the whole was measured.
            whole = whole * 3 / 4;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(killed >= 15, "only {killed} were still at it");
    let answer = reconcile(&scratch, &[]).ok();
    assert_eq!(actions(&answer).len(), 13);
    for name in &names {
        scratch.s6("s6-svwait", &["-u", "-t", "10000"], name).ok();
        assert!(!scratch.slot(name).join("data/registering").exists());
    }
    let back_room: Vec<_> =
        fs::read_dir(scratch.path("scan/.hermes-s6gen")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(back_room, ["lock"]);
    wait_until("each has its two supervisors", || {
        let lines = processes_in(&scratch.path("scan")).into_iter().map(|(_, line)| line);
        lines.filter(|line| line.starts_with("s6-supervise")).count() == 26
    });
    Answer::of(&mut scratch.command(&["gateway", "status", "--all", "--check"])).ok();
}
