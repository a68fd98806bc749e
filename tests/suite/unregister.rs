//! `unregister` leaves nothing behind.

use std::fs;
use std::time::Duration;

use super::support::{Identity, Scratch, processes_in, wait_until, what_stays, write_script};

#[track_caller]
fn assert_gone(scratch: &Scratch, profile: &str) {
    assert!(!scratch.slot(profile).exists());
    // The working directory of whatever still ran there would now be below the back room, deleted.
    let left = what_stays(Duration::from_secs(60), || {
        let supervisors = processes_in(&scratch.path("scan")).into_iter().map(|(_, line)| line);
        let gateways = processes_in(&scratch.path("home")).into_iter().map(|(_, line)| line);
        let supervisors = supervisors.filter(|line| !line.contains("s6-svscan"));
        supervisors.chain(gateways.filter(|line| line != "sleep 3600")).collect()
    });
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_of_the_slot_is_left() {
    for who in Identity::everybody("nothing_of_the_slot_is_left") {
        for (behaviour, said) in [
            ("run", "unregistered coder\n"),
            ("exit-on-term 0", "unregistered coder\n"),
            ("exit 1", "unregistered coder\n"),
            ("exit 78", "unregistered coder\n"),
            ("ignore-term", "unregistered coder, which had to be killed\n"),
            ("background", "unregistered coder\n"),
        ] {
            let scratch = Scratch::new(who);
            scratch.profiles(&["coder"]);
            scratch.behave("coder", behaviour);
            let _svscan = scratch.svscan();
            scratch.run(&["register", "coder"]).ok();
            wait_until("the gateway starts", || scratch.starts("coder") > 0);
            let grace = if behaviour == "ignore-term" { "1" } else { "10" };
            let answer = scratch.run(&["unregister", "coder", "--grace", grace]).ok();
            assert_eq!(answer.out, said, "{behaviour}");
            assert_gone(&scratch, "coder");
        }
    }
}

#[test]
fn twice_is_success() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    scratch.run(&["unregister", "coder"]).ok();
    assert_eq!(scratch.run(&["unregister", "coder"]).ok().out, "unregistered coder: there was no slot\n");
}

#[test]
fn register_right_after_it_gives_one_of_each() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    for _ in 0..25 {
        scratch.run(&["register", "coder"]).ok();
        let gateways = || processes_in(&scratch.path("home")).into_iter().map(|(_, line)| line).collect::<Vec<_>>();
        wait_until("the gateway runs, alone", || gateways() == ["sleep 3600"]);
        // A service that is about to be started is a second s6-supervise until it becomes its program.
        wait_until("there are two supervisors", || {
            let lines = processes_in(&scratch.path("scan")).into_iter().map(|(_, line)| line);
            lines.filter(|line| line.contains("s6-supervise")).count() == 2
        });
        scratch.run(&["unregister", "coder"]).ok();
    }
}

#[test]
fn the_gateways_last_words_are_logged() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let hermes = "#!/bin/sh\ntrap 'for n in 1 2 3; do echo word $n; sleep 0.1; done; exit 0' TERM\necho ready\n\
        while :; do sleep 0.05; done\n";
    write_script(&scratch.path("bin/hermes"), hermes);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    let log = || std::fs::read_to_string(scratch.path("home/logs/gateways/coder/current")).unwrap_or_default();
    wait_until("the gateway is ready", || log().contains("ready"));
    scratch.run(&["unregister", "coder"]).ok();
    assert!(log().contains("word 1") && log().contains("word 3"), "{}", log());
}

#[test]
fn one_that_has_only_just_come_is_removed() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--down"]).ok();
    // So far has its s6-supervise come: it listens, and has written nothing yet.
    let supervise = scratch.slot("coder").join("supervise");
    fs::rename(supervise.join("status"), supervise.join("later")).unwrap();
    let unregister = scratch.command(&["unregister", "coder"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    fs::rename(supervise.join("later"), supervise.join("status")).unwrap();
    assert!(unregister.wait_with_output().unwrap().status.success());
    assert!(!scratch.slot("coder").exists());
}
