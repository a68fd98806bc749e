//! `gateway status` against what s6-svstat says, and where s6 does not run.

use std::fs;

use serde_json::Value;

use super::support::{Answer, Identity, Scratch, Svscan, wait_until};

fn report(scratch: &Scratch, args: &[&str]) -> Value {
    scratch.run(&[&["gateway", "status", "--format", "json"], args].concat()).json()
}

#[test]
fn each_state_agrees_with_svstat() {
    let scratch = Scratch::new(Identity::Ordinary);
    let all = ["backing", "failed", "gone", "paused", "running", "stopped", "stopping"];
    scratch.profiles(&all);
    scratch.behave("failed", "exit 78");
    scratch.behave("backing", "exit 1");
    scratch.behave("stopping", "ignore-term");
    let _svscan = scratch.svscan();
    for name in ["failed", "paused", "running", "stopping"] {
        scratch.run(&["register", name]).ok();
    }
    // It must not come to its next try while it is looked at.
    scratch.run(&["register", "backing", "--backoff-first", "300"]).ok();
    scratch.run(&["register", "stopped", "--down"]).ok();
    let started = ["backing", "failed", "paused", "running", "stopping"];
    wait_until("all start", || started.iter().all(|name| scratch.starts(name) == 1));
    scratch.s6("s6-svc", &["-d"], "stopping").ok();
    scratch.s6("s6-svc", &["-p"], "paused").ok();
    let expected = ["backing off", "failed", "unregistered", "paused", "running", "stopped", "stopping"];
    wait_until("every state is as expected", || {
        let report = report(&scratch, &["--all"]);
        let rows = report["gateways"].as_array().unwrap().iter().skip(1);
        rows.map(|row| row["state"].as_str().unwrap()).eq(expected)
    });
    let found = report(&scratch, &["--all"]);
    assert_eq!(found["manager"], "s6 (container supervisor)");
    for row in found["gateways"].as_array().unwrap() {
        let name = row["profile"].as_str().unwrap();
        if !scratch.slot(name).exists() {
            continue;
        }
        let svstat = scratch.s6("s6-svstat", &["-o", "pid,wantedup"], name).ok().out;
        let pid = row["pid"].as_i64().unwrap_or(-1);
        let wanted = row["wanted"] == "up" && row["state"] != "failed";
        assert_eq!(svstat, format!("{pid} {wanted}\n"), "{row}");
    }
    // A wanted one is down, so the health check fails; without those two it does not.
    assert_eq!(scratch.run(&["gateway", "status", "--check"]).code, 1);
    for name in ["failed", "backing", "paused"] {
        scratch.run(&["unregister", name, "--grace", "0.2"]).ok();
    }
    scratch.run(&["gateway", "status", "--check"]).ok();
    assert_eq!(scratch.run(&["gateway", "status", "-p", "running"]).code, 0);
    assert_eq!(scratch.run(&["gateway", "status", "-p", "stopped"]).code, 3);
    assert_eq!(scratch.run(&["gateway", "status", "-p", "gone"]).code, 4);
}

#[test]
fn a_gateway_that_dies_while_it_is_asked_for_is_not_told_as_it_was() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--backoff-first", "300"]).ok();
    wait_until("it starts", || scratch.starts("coder") == 1);
    let pid = scratch.s6("s6-svstat", &["-o", "pid"], "coder").ok().out;
    // Its answer is the real one, but it is out of date when it is read.
    fs::remove_file(scratch.path("bin/s6-svstat")).unwrap();
    let slot = scratch.slot("coder");
    scratch.program(
        "s6-svstat",
        &format!(
            "#!/bin/sh\n/usr/bin/s6-svstat \"$@\" || exit\n[ ! -s {0}/supervise/death_tally ] || exit 0\n\
             exec /usr/bin/s6-svlisten1 -d -t 60000 {0} /usr/bin/s6-svc -k {0}\n",
            slot.display()
        ),
    );
    let found = &report(&scratch, &["-p", "coder"])["gateways"][0];
    assert_eq!((&found["last_exit"]["signal"], &found["deaths_last_hour"]), (&9.into(), &1.into()), "{found}");
    assert_ne!(found["pid"].to_string(), pid.trim(), "{found}");
}

#[test]
fn a_dead_supervisor_is_not_believed() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    {
        let _svscan = scratch.svscan();
        scratch.run(&["register", "coder"]).ok();
        wait_until("it runs", || scratch.starts("coder") == 1);
    }
    assert_eq!(report(&scratch, &["-p", "coder"])["gateways"][0]["state"], "unsupervised");
}

#[test]
fn three_hundred_slots_are_told_in_order() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names: Vec<String> = (0..300).map(|n| format!("p{n:03}")).collect();
    scratch.profiles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let _svscan = Svscan::start(&scratch, &["-c", "400"]);
    for name in &names {
        scratch.run(&["register", name, "--down"]).ok();
    }
    let answer = scratch.run(&["gateway", "status", "--all"]).ok();
    let lines: Vec<_> = answer.out.lines().skip(3).collect();
    assert!(lines[0].starts_with("default"));
    for (line, name) in lines[1..].iter().zip(&names) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[..2], [name, "stopped"], "{line}");
    }
    assert_eq!(lines.len(), 301);
}

#[test]
fn no_colour_but_on_a_terminal() {
    let scratch = Scratch::new(Identity::Ordinary);
    let _svscan = scratch.svscan();
    assert!(!scratch.run(&["gateway", "status"]).out.contains('\u{1b}'));
}

#[test]
fn where_s6_does_not_run_nothing_is_done_and_said_to_be() {
    let scratch = Scratch::new(Identity::Ordinary);
    for verb in ["start", "stop", "restart"] {
        let answer = scratch.run(&["gateway", verb]);
        assert!(
            answer.code == 2 && answer.err.contains("runs gateways here") || answer.err.contains("no service manager"),
            "{answer:?}"
        );
        assert!(answer.err.contains("\n  try: "), "{answer:?}");
    }
    scratch.run(&["gateway", "install"]).fails(2, "s6 does not run gateways here");
    assert!(scratch.run(&["gateway", "status"]).out.starts_with("Manager: "));
    let _svscan = scratch.svscan();
    assert!(scratch.run(&["gateway", "install"]).ok().out.contains("hermes profile create"));
    assert!(scratch.run(&["gateway", "uninstall"]).ok().out.contains("hermes profile delete"));
}

#[test]
fn a_control_fifo_without_permission() {
    let Some(root) = Identity::root("a_control_fifo_without_permission") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    wait_until("it runs", || scratch.starts("coder") == 1);
    let control = scratch.slot("coder").join("supervise/control");
    std::fs::set_permissions(&control, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let answer = Answer::of(&mut scratch.command_as(Identity::Ordinary, &["gateway", "status", "-p", "coder"]));
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.err.contains("supervise/control: Permission denied"), "{answer:?}");
    let answer = Answer::of(&mut scratch.command_as(Identity::Ordinary, &["gateway", "stop", "-p", "coder"]));
    answer.fails(2, "ermission denied");
    assert_eq!(scratch.run(&["gateway", "status", "-p", "coder"]).code, 0);
}

#[test]
fn watching_shows_what_changes() {
    use std::io::{BufRead, BufReader};
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--down"]).ok();
    let mut watch = scratch.command(&["gateway", "status", "-p", "coder", "--watch"]);
    let mut watch = watch.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut shown = |state: &str| assert!(lines.any(|line| line.unwrap().contains(state)));
    shown("stopped");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
    shown("running");
    watch.kill().unwrap();
    watch.wait().unwrap();
}
