//! Which container starts what.

use std::fs;

use super::{actions, profile, reconcile};
use crate::support::{Identity, Scratch, wait_until};

/// Makes a process file system in which the container's command is `command`.
fn container(scratch: &Scratch, command: &str) {
    let line =
        format!("/bin/sh\0-e\0/run/s6/basedir/scripts/rc.init\0top\0/opt/hermes/docker/main-wrapper.sh\0{command}");
    for (pid, line) in [("1", "s6-svscan\0-d4\0--\0/run/service".to_owned()), ("9", line.replace(' ', "\0"))] {
        fs::create_dir_all(scratch.path("proc").join(pid)).unwrap();
        fs::write(scratch.path("proc").join(pid).join("cmdline"), line + "\0").unwrap();
    }
}

fn home() -> Scratch {
    let scratch = Scratch::new(Identity::Ordinary);
    for name in ["default", "coder", "writer"] {
        profile(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    scratch
}

/// What starts, of a home whose gateways are all wanted, in a container with `command`.
fn started(command: &str, args: &[&str]) -> Vec<String> {
    let scratch = home();
    container(&scratch, command);
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &[args, &["--dry-run"]].concat()).ok();
    actions(&answer).into_iter().filter(|(_, action)| action == "started").map(|(profile, _)| profile).collect()
}

#[test]
fn command_and_setting_decide_together() {
    let all = ["coder", "default", "writer"].as_slice();
    for (command, autostart, expected) in [
        ("gateway run", "auto", all),
        ("hermes -p coder gateway run", "", all),
        ("sleep infinity", "auto", all),
        ("chat", "auto", &[]),
        ("bash", "auto", &[]),
        ("gateway run", "none", &[]),
        ("dashboard", "all", all),
        ("chat", "writer, coder", &["coder", "writer"]),
        ("gateway run --no-supervise", "auto", &["coder", "writer"]),
        ("gateway --no-supervise -p coder run", "auto", &["default", "writer"]),
    ] {
        assert_eq!(started(command, &["--autostart", autostart]), expected, "{command} {autostart}");
    }
}

#[test]
fn a_dashboard_is_left_alone() {
    let scratch = home();
    container(&scratch, "dashboard --host 0.0.0.0");
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &[]).ok();
    assert!(answer.out.starts_with("reconcile: skipping (dashboard container"), "{answer:?}");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    assert!(!scratch.path("home/logs").exists());
}

#[test]
fn what_is_left_down_here_says_why_and_can_be_started() {
    let scratch = home();
    container(&scratch, "gateway run");
    scratch.write("home/profiles/coder/gateway.pid", "another container's");
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &["--autostart", "writer,typo"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("profile typo: there is none"), "{answer:?}");
    assert!(
        answer.out.contains(
            "profile=coder prior_state=running action=registered prior_exit=unknown reason=not-this-container"
        )
    );
    assert!(scratch.path("home/profiles/coder/gateway.pid").exists());
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    // An operator's start in this container stands.
    assert_eq!(actions(&reconcile(&scratch, &["--autostart", "writer"]).ok())["coder"], "kept");
    let bad = reconcile(&scratch, &["--autostart", "../x,writer"]);
    assert_eq!(bad.code, 1);
    assert!(bad.err.contains("HERMES_GATEWAY_AUTOSTART: profile name"), "{bad:?}");
}

#[test]
fn a_gateway_command_starts_a_home_without_any_state() {
    for (command, target, other) in [("gateway run", "default", "coder"), ("gateway -p coder", "coder", "default")] {
        let scratch = Scratch::new(Identity::Ordinary);
        scratch.profiles(&["coder"]);
        container(&scratch, command);
        let _svscan = scratch.svscan();
        let answer = reconcile(&scratch, &[]).ok();
        assert_eq!((&*actions(&answer)[target], &*actions(&answer)[other]), ("started", "registered"));
        wait_until("it starts", || scratch.starts(target) == 1);
        let state = fs::read_to_string(scratch.profile_path(target).join("gateway_state.json")).unwrap();
        let begin = r#"{"gateway_state": "running", "desired_state": "running", "timestamp": "#;
        assert!(
            state.starts_with(begin) && state.ends_with(", \"migrated_from\": \"legacy-container-cmd\"}\n"),
            "{state}"
        );
        assert!(!scratch.profile_path(other).join("gateway_state.json").exists());
    }
    // A stop that was recorded since outlives the command.
    let scratch = Scratch::new(Identity::Ordinary);
    profile(&scratch, "default", r#"{"desired_state":"stopped"}"#);
    container(&scratch, "gateway run");
    let _svscan = scratch.svscan();
    assert_eq!(actions(&reconcile(&scratch, &[]).ok())["default"], "registered");
}

#[test]
fn one_decision_on_who_serves_the_named_profiles() {
    let own = "{\"desired_state\":\"running\"}";
    for (environment, config, dotenv, served) in [
        (None, "", "", false),
        (None, "multiplex_profiles: true\n", "", true),
        (None, "gateway:\n  multiplex_profiles: yes\n", "", true),
        (Some("0"), "multiplex_profiles: true\n", "", false),
        (Some(""), "multiplex_profiles: true\n", "", true),
        (Some("maybe"), "multiplex_profiles: true\n", "", true),
        (Some("on"), "", "", true),
        (Some("on"), "", "GATEWAY_MULTIPLEX_PROFILES=off\n", false),
    ] {
        let scratch = home();
        scratch.write("home/config.yaml", config);
        scratch.write("home/.env", dotenv);
        let _svscan = scratch.svscan();
        let proc = scratch.path("proc");
        let mut command = scratch.command(&["reconcile", "--proc", proc.to_str().unwrap()]);
        command.envs(environment.map(|value| ("GATEWAY_MULTIPLEX_PROFILES", value)));
        let answer = crate::support::Answer::of(&mut command).ok();
        let actions = actions(&answer);
        let expected = if served { "registered" } else { "started" };
        assert_eq!((&*actions["coder"], &*actions["default"]), (expected, "started"), "{config} {environment:?}");
        let status = scratch.run(&["gateway", "status", "--all"]).ok().out;
        assert_eq!(status.matches("served by default").count(), if served { 2 } else { 0 }, "{status}");
        let state = fs::read_to_string(scratch.profile_path("coder").join("gateway_state.json")).unwrap();
        assert_eq!(state, own);
        if served {
            scratch.run(&["gateway", "start", "-p", "coder"]).fails(1, "the default gateway serves this profile");
            scratch.write("home/config.yaml", "multiplex_profiles: false\n");
            scratch.write("home/.env", "GATEWAY_MULTIPLEX_PROFILES=no\n");
            assert_eq!(super::actions(&reconcile(&scratch, &[]).ok())["coder"], "started");
            wait_until("it starts", || scratch.starts("coder") == 1);
        }
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    for config in ["a: [", "a: 'x", "x"] {
        let scratch = home();
        scratch.write("home/config.yaml", config);
        let _svscan = scratch.svscan();
        let answer = reconcile(&scratch, &[]);
        assert_eq!(answer.code, i64::from(config != "x"), "{config:?} {answer:?}");
        assert!(config == "x" || answer.err.contains("home/config.yaml"), "{answer:?}");
        assert_eq!(actions(&answer)["coder"], "started");
    }
}
