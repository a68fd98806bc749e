//! The real hermes-agent as gateway of two profiles at once.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::support::{Answer, Identity, Scratch, wait_until, wait_within, write_script};

/// The program that `scripts/hermes-agent` installed; none where there is nothing to run it.
fn hermes() -> Option<String> {
    if !Path::new("/usr/bin/python3").exists() {
        eprintln!("not applicable: no Python here");
        return None;
    }
    let program = std::env::var("HERMES_S6GEN_HERMES").ok();
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "HERMES_S6GEN_HERMES is not set, and CI skips nothing"
    );
    if program.is_none() {
        eprintln!("skipped: needs HERMES_S6GEN_HERMES=$(scripts/hermes-agent)");
    }
    program
}

fn state(scratch: &Scratch, profile: &str) -> Value {
    let text = fs::read(scratch.profile_path(profile).join("gateway_state.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn pid(scratch: &Scratch, profile: &str) -> i64 {
    let report = scratch.run(&["gateway", "status", "-p", profile, "--format", "json"]).json();
    report["gateways"][0]["pid"].as_i64().unwrap_or_default()
}

#[test]
fn two_real_gateways_start_restart_and_stop() {
    let Some(hermes) = hermes() else { return };
    for who in Identity::everybody("two_real_gateways_start_restart_and_stop") {
        let scratch = Scratch::new(who);
        write_script(&scratch.path("bin/hermes"), &format!("#!/bin/sh\nexec {hermes} \"$@\"\n"));
        for profile in ["coder", "writer"] {
            let mut create = Identity::Ordinary.command(&hermes);
            create.args(["profile", "create", profile]).env_clear().env("PATH", "/usr/bin:/bin");
            Answer::of(create.env("HOME", scratch.path("home")).env("HERMES_HOME", scratch.path("home"))).ok();
        }
        let _svscan = scratch.svscan();
        for profile in ["coder", "writer"] {
            assert_eq!(scratch.run(&["profile", "created", profile]).ok().out, format!("registered {profile}, down\n"));
        }
        let runs = |profile: &str| state(&scratch, profile)["gateway_state"] == "running";
        scratch.run(&["gateway", "start", "-p", "coder", "-p", "writer"]).ok();
        wait_within(Duration::from_secs(120), "both say that they run", || runs("coder") && runs("writer"));
        for (profile, port) in [("coder", "9570"), ("writer", "9543")] {
            assert_eq!(state(&scratch, profile)["pid"], pid(&scratch, profile));
            assert_eq!(state(&scratch, profile)["desired_state"], "running");
            let environment = fs::read(format!("/proc/{}/environ", pid(&scratch, profile))).unwrap();
            let expected = format!("API_SERVER_PORT={port}");
            assert!(environment.split(|byte| *byte == 0).any(|entry| entry == expected.as_bytes()));
        }

        let (coder, writer) = (pid(&scratch, "coder"), pid(&scratch, "writer"));
        scratch.run(&["gateway", "restart", "-p", "coder"]).ok();
        assert_ne!(pid(&scratch, "coder"), coder);
        assert_eq!(pid(&scratch, "writer"), writer);
        wait_until("it says that it runs again", || {
            runs("coder") && state(&scratch, "coder")["pid"] == pid(&scratch, "coder")
        });

        let others = state(&scratch, "writer");
        scratch.run(&["gateway", "stop", "-p", "coder", "--grace", "30"]).ok();
        // Hermes itself takes it for planned, not for a crash.
        assert_eq!(state(&scratch, "coder")["gateway_state"], "stopped");
        assert_eq!(state(&scratch, "coder")["desired_state"], "stopped");
        assert_eq!(state(&scratch, "writer"), others);
        assert_eq!(pid(&scratch, "writer"), writer);
        let log = scratch.run(&["gateway", "logs", "-p", "coder"]).ok().out;
        assert!(log.contains("Hermes Gateway Starting"), "{log}");
        scratch.run(&["gateway", "stop", "--all", "--grace", "30"]).ok();
        assert_eq!(state(&scratch, "writer")["gateway_state"], "stopped");
    }
}
