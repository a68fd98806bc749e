//! Whole containers: what a restart does to gateways.

use std::collections::BTreeMap;
use std::fs;

use rustix::process::Signal;

use super::support::{Container, Identity, Scratch, wait_until};

fn state(scratch: &Scratch, name: &str, text: &str) {
    scratch.profiles(&[name]);
    scratch.write(&format!("home/profiles/{name}/gateway_state.json"), text);
}

/// What each gateway of `container` does.
fn states(container: &Container) -> BTreeMap<String, String> {
    let report = container.run(&["gateway", "status", "--all", "--format", "json"]).ok().json();
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    report["gateways"].as_array().unwrap().iter().map(|row| (word(row, "profile"), word(row, "state"))).collect()
}

#[test]
fn five_restarts_change_nothing() {
    let Some(root) = Identity::root("five_restarts_change_nothing") else { return };
    let scratch = Scratch::new(root);
    let kinds = [
        (r#"{"gateway_state":"running"}"#, true),
        (r#"{"gateway_state":"draining"}"#, true),
        (r#"{"gateway_state":"degraded"}"#, true),
        (r#"{"gateway_state":"stopped","desired_state":"running"}"#, true),
        (r#"{"gateway_state":"startup_failed"}"#, false),
        (r#"{"gateway_state":"stopped"}"#, false),
        (r#"{"gateway_state":"starting"}"#, false),
        (r#"{"gateway_state":"running","desired_state":"stopped"}"#, false),
        (r#"{"desired_state":"paused"}"#, false),
        ("{}", false),
    ];
    let mut expected = BTreeMap::from([("default".to_owned(), false)]);
    for (number, (text, runs)) in kinds.iter().cycle().take(30).enumerate() {
        let name = format!("p{number:02}");
        state(&scratch, &name, text);
        expected.insert(name, *runs);
    }
    // One that fails for good as soon as it runs.
    scratch.behave("p00", "exit 78");
    for round in 0..5 {
        let container = Container::boot(&scratch, "gateway status", &[]);
        let answer = container.reconciled().ok();
        assert_eq!(container.run(&["detect"]).ok().out, "s6\n");
        assert_eq!(answer.out.lines().count(), 31, "{answer:?}");
        wait_until("all is as wanted", || {
            let states = states(&container);
            expected.iter().all(|(name, runs)| {
                let wanted = match (runs, name.as_str()) {
                    (true, "p00") => "failed",
                    (true, _) => "running",
                    (false, _) => "stopped",
                };
                states[name] == wanted
            })
        });
        let log = fs::read_to_string(scratch.path("home/logs/container-boot.log")).unwrap();
        assert_eq!(log.lines().count(), 31 * (round + 1));
        for line in log.lines().skip(31 * round) {
            let name = line.split(' ').find_map(|word| word.strip_prefix("profile=")).unwrap();
            let action = if expected[name] { "action=started" } else { "action=registered" };
            assert!(line.contains(action), "{line}");
        }
        // What operators do between restarts holds over the next.
        let (stopped, started) = (format!("p{:02}", 10 + round), format!("p{:02}", 15 + round));
        container.run(&["gateway", "stop", "-p", &stopped]).ok();
        container.run(&["gateway", "start", "-p", &started]).ok();
        expected.insert(stopped, false);
        expected.insert(started, true);
        container.stop(if round % 2 == 0 { Signal::TERM } else { Signal::KILL });
    }
}

#[test]
fn containers_on_one_volume_run_one_gateway_a_profile() {
    let Some(root) = Identity::root("containers_on_one_volume_run_one_gateway_a_profile") else { return };
    let scratch = Scratch::new(root);
    let names = ["a", "b", "c"];
    for name in names {
        state(&scratch, name, r#"{"desired_state":"running"}"#);
    }
    let first = Container::boot(&scratch, "gateway run", &[]);
    wait_until("its gateways run", || {
        let have_begun = names.into_iter().chain(["default"]).all(|name| scratch.starts(name) == 1);
        have_begun && states(&first).values().all(|state| state == "running")
    });
    scratch.write("home/profiles/a/gateway.pid", "the first container's");
    let dashboard = Container::boot(&scratch, "dashboard --host 127.0.0.1", &[]);
    assert!(dashboard.reconciled().ok().out.contains("skipping (dashboard container"));
    assert_eq!(dashboard.run(&["list"]).ok().out, "");
    let idle = Container::boot(&scratch, "gateway run", &[("HERMES_GATEWAY_AUTOSTART", "none")]);
    let answer = idle.reconciled().ok();
    assert_eq!(answer.out.matches("action=registered").count(), 4, "{answer:?}");
    assert_eq!(answer.out.matches("reason=not-this-container").count(), 4, "{answer:?}");
    assert!(states(&idle).values().all(|state| state == "stopped"));
    for name in names.into_iter().chain(["default"]) {
        assert_eq!(scratch.starts(name), 1, "{name}");
    }
    assert!(scratch.profile_path("a").join("gateway.pid").exists());
    assert!(states(&first).values().all(|state| state == "running"));
    // Each container's own part: the second on one profile, the first on the others.
    idle.stop(Signal::TERM);
    first.stop(Signal::TERM);
    let first = Container::boot(&scratch, "gateway run", &[("HERMES_GATEWAY_AUTOSTART", "default,a")]);
    let second = Container::boot(&scratch, "sleep infinity", &[("HERMES_GATEWAY_AUTOSTART", "b c")]);
    for name in names.into_iter().chain(["default"]) {
        wait_until("it runs in one of them", || {
            let running = [&first, &second].into_iter().filter(|container| states(container)[name] == "running");
            scratch.starts(name) == 2 && running.count() == 1
        });
    }
}

#[test]
fn a_container_that_drains_ends_its_gateways_itself() {
    let Some(root) = Identity::root("a_container_that_drains_ends_its_gateways_itself") else { return };
    let scratch = Scratch::new(root);
    state(&scratch, "clean", r#"{"desired_state":"running"}"#);
    scratch.behave("clean", "exit-on-term 0");
    let container = Container::boot(&scratch, "gateway run", &[]);
    wait_until("it runs", || scratch.starts("clean") == 1);
    let answer = container.run(&["drain", "--timeout", "10"]).ok();
    assert_eq!(answer.out, "clean stopped\ndefault stopped\n");
    container.stop(Signal::TERM);
    let container = Container::boot(&scratch, "gateway run", &[]);
    assert!(container.reconciled().ok().out.contains("profile=clean prior_state=running action=started"));
}
