//! The image as a real engine builds and runs it.

use std::path::PathBuf;

use super::support::{Engine, Identity, wait_until};

/// Capabilities that are left to careful people.
const FIVE: [&str; 6] = [
    "--cap-drop=ALL",
    "--cap-add=CHOWN",
    "--cap-add=DAC_OVERRIDE",
    "--cap-add=SETUID",
    "--cap-add=SETGID",
    "--cap-add=KILL",
];

#[test]
fn the_dockerfile_builds_and_its_container_restarts() {
    let Some(_) = Identity::root("the_dockerfile_builds_and_its_container_restarts") else { return };
    let Some(root) = std::env::var_os("HERMES_S6GEN_DEBIAN13").map(PathBuf::from) else {
        eprintln!("skipped: HERMES_S6GEN_DEBIAN13 names no Debian 13 to build on");
        return;
    };
    let engine = match Engine::start() {
        Ok(engine) => engine,
        Err(why) => {
            eprintln!("skipped: {why}");
            return;
        }
    };
    engine.build(&root);
    let mut kinds: Vec<Vec<&str>> = vec![Vec::new(), FIVE.to_vec()];
    kinds.push(vec![
        "--user=10000:10000",
        "--tmpfs=/run:exec,mode=755,uid=10000",
        "--tmpfs=/container_environment:mode=777",
    ]);
    for options in kinds {
        let run = ["run", "-d", "--name=box", "--network=none", "-v=volume:/opt/data"];
        // What s6-overlay allows by itself is little for a slow machine.
        let drain = ["--env=S6_KILL_FINISH_MAXTIME=15000"];
        engine.docker(&[&run[..], &drain, &options, &["image", "gateway", "run"]].concat()).ok();
        let booted = || engine.docker(&["exec", "box", "test", "-e", "/run/booted"]).code == 0;
        wait_until("the container boots", booted);
        let create = "mkdir -p /opt/data/profiles/coder && echo soul >/opt/data/profiles/coder/SOUL.md";
        engine.docker(&["exec", "-u", "hermes", "box", "sh", "-c", create]).ok();
        let started = engine.docker(&["exec", "box", "hermes", "-p", "coder", "gateway", "start"]).ok().out;
        assert_eq!(started, "coder started\n", "{options:?}");
        let status = || engine.docker(&["exec", "box", "hermes", "gateway", "status", "-p", "coder"]);
        for _ in 0..3 {
            // Until PID 1 has removed it, that of the last boot would do.
            engine.docker(&["exec", "box", "rm", "-f", "/run/booted"]).ok();
            engine.docker(&["restart", "-t", "20", "box"]).ok();
            wait_until("the container boots", booted);
            wait_until("its gateway is back", || status().code == 0);
            engine.docker(&["exec", "box", "hermes-s6gen", "gateway", "status", "--check"]).ok();
        }
        assert!(status().out.contains("coder    running"), "{options:?}");
        engine.docker(&["exec", "-u", "hermes", "box", "hermes", "-p", "coder", "gateway", "stop"]).ok();
        engine.docker(&["exec", "-u", "hermes", "box", "hermes-s6gen", "profile", "deleted", "coder"]).ok();
        engine.docker(&["stop", "-t", "20", "box"]).ok();
        let log = engine.docker(&["logs", "box"]);
        assert!(log.out.contains("default stopped"), "it does not drain: {log:?}");
        engine.docker(&["rm", "-v", "box"]).ok();
    }
    engine.docker(&["volume", "rm", "volume"]).ok();
}
