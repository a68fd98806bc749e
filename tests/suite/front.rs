//! `hermes` as people in the container call it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::support::{Answer, Broker, Identity, Scratch, write_script};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");

/// Stands in for Hermes: says how it was called, and does with profiles what Hermes does.
const HERMES: &str = r#"#!/bin/sh
echo "hermes as $(/usr/bin/id -u) HOME=$HOME: $*"
case "$1 ${2-}" in
"profile create") mkdir "$HERMES_HOME/profiles/$3" && echo soul >"$HERMES_HOME/profiles/$3/SOUL.md" ;;
"profile rename") mv "$HERMES_HOME/profiles/$3" "$HERMES_HOME/profiles/$4" ;;
"profile delete") rm -r "$HERMES_HOME/profiles/$3" ;;
"exit "*) exit "$2" ;;
esac
"#;

/// The front, compiled for a scratch tree.
struct Front {
    scratch: Scratch,
    image: PathBuf,
}

impl Front {
    fn new(scratch: Scratch) -> Self {
        let hermes = scratch.path("bin/real-hermes");
        write_script(&hermes, HERMES);
        let front = Self { image: scratch.path("front"), scratch };
        front.compile(hermes.to_str().unwrap());
        front
    }

    fn compile(&self, hermes: &str) {
        let mut command = Command::new(PROGRAM);
        command.arg("--s6-bin").arg(self.scratch.path("bin")).args(["--user", "daemon", "compile"]);
        command.args(["--program", PROGRAM, "--hermes", hermes, "--root"]).arg(&self.image);
        Answer::of(&mut command).ok();
    }

    /// Calls it at its own place, with no PATH and only `environment`.
    fn call(&self, who: Identity, environment: &[(&str, &str)], args: &[&str]) -> Answer {
        let script =
            "mount -t tmpfs -o mode=755 tmpfs /usr/local/bin\ncp -p \"$1\" /usr/local/bin/\nshift\nexec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]);
        command.arg(self.image.join("usr/local/bin/hermes"));
        if who == Identity::Ordinary {
            command.args(["setpriv", "--reuid=1", "--regid=1", "--clear-groups"]);
        }
        command.args(["/usr/bin/env", "-i"]);
        for (name, place) in [
            ("HERMES_HOME", "home"),
            ("S6_PROFILE_GATEWAY_SCANDIR", "scan"),
            ("HERMES_S6GEN_BROKER", "broker/registrar"),
        ] {
            command.arg(format!("{name}={}", self.scratch.path(place).display()));
        }
        command.args(environment.iter().map(|(name, value)| format!("{name}={value}")));
        Answer::of(command.arg("/usr/local/bin/hermes").args(args))
    }
}

#[test]
fn root_is_dropped_unless_told_to_stay() {
    let Some(root) = Identity::root("root_is_dropped_unless_told_to_stay") else { return };
    let front = Front::new(Scratch::new(root));
    let home = front.scratch.path("home").display().to_string();
    let expected = format!("hermes as 1 HOME={home}: chat a b\n");
    assert_eq!(front.call(root, &[], &["chat", "a b"]).ok().out, expected);
    for value in ["0", "", "false", "no", "2", "garbage"] {
        let environment = [("HERMES_DOCKER_EXEC_AS_ROOT", value)];
        assert_eq!(front.call(root, &environment, &["chat", "a b"]).ok().out, expected, "{value}");
    }
    for value in ["1", "true", "TRUE", "True", "yes", "YES", "Yes"] {
        let environment = [("HERMES_DOCKER_EXEC_AS_ROOT", value), ("HOME", "/root")];
        let out = front.call(root, &environment, &["chat"]).ok().out;
        assert_eq!(out, "hermes as 0 HOME=/root: chat\n", "{value}");
    }
    let out = front.call(Identity::Ordinary, &[("HOME", "/h")], &["chat"]).ok().out;
    assert_eq!(out, "hermes as 1 HOME=/h: chat\n");
    assert_eq!(front.call(root, &[], &["exit", "42"]).code, 42);
}

#[test]
fn what_is_missing_is_named() {
    let Some(root) = Identity::root("what_is_missing_is_named") else { return };
    let front = Front::new(Scratch::new(root));
    fs::remove_file(front.scratch.path("bin/s6-setuidgid")).unwrap();
    let answer = front.call(root, &[], &["chat"]);
    assert!(answer.code == 126 && answer.err.contains("bin/s6-setuidgid: is not there"), "{answer:?}");
    front.compile("/nowhere/hermes");
    let answer = front.call(Identity::Ordinary, &[], &["chat"]);
    assert!(answer.code == 127 && answer.err.contains("/nowhere/hermes: is not there"), "{answer:?}");
}

#[test]
fn gateways_are_the_supervisors() {
    let Some(root) = Identity::root("gateways_are_the_supervisors") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder", "writer"]);
    let front = Front::new(scratch);
    let _broker = Broker::start(&front.scratch);
    for who in [root, Identity::Ordinary] {
        let call = |args: &[&str]| front.call(who, &[], args);
        assert_eq!(call(&["-p", "coder", "gateway", "start"]).ok().out, "coder started\n");
        assert!(call(&["gateway", "status", "--all"]).ok().out.contains("coder    running"));
        assert_eq!(call(&["gateway", "restart", "--profile", "coder"]).ok().out, "coder restarted\n");
        assert_eq!(call(&["--profile=coder", "gateway", "stop"]).ok().out, "coder stopped\n");
        assert_eq!(call(&["gateway", "-p", "coder", "stop"]).ok().out, "coder is already stopped\n");
        assert_eq!(call(&["gateway", "stop", "--all"]).ok().out, "coder is already stopped\n");
        assert!(call(&["gateway", "install", "--system"]).ok().out.contains("There is nothing to install"));
        assert_eq!(call(&["-p", "typo", "gateway", "stop"]).code, 4);
        // The profile in use.
        front.scratch.write("home/active_profile", "coder\n");
        assert_eq!(call(&["gateway", "start"]).ok().out, "coder started\n");
        assert_eq!(call(&["gateway", "stop", "-p", "coder"]).ok().out, "coder stopped\n");
        fs::remove_file(front.scratch.path("home/active_profile")).unwrap();
        // A profile's own home means that profile.
        let own = front.scratch.path("home/profiles/coder").display().to_string();
        assert_eq!(
            front.call(who, &[("HERMES_HOME", &own)], &["gateway", "stop"]).ok().out,
            "coder is already stopped\n"
        );
    }
    let home = front.scratch.path("home").display().to_string();
    for others in [
        &["gateway"][..],
        &["gateway", "run", "--replace"],
        &["-p", "coder", "gateway", "run", "--replace"],
        &["gateway", "list"],
        &["chat", "gateway", "start"],
        &["--version"],
        &["-p"],
        &[],
        &["gateway", "gateway", "start"],
    ] {
        let out = front.call(root, &[], others).ok().out;
        assert_eq!(out, format!("hermes as 1 HOME={home}: {}\n", others.join(" ")));
    }
}

#[test]
fn profiles_bring_their_slots() {
    let Some(root) = Identity::root("profiles_bring_their_slots") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["writer"]);
    let front = Front::new(scratch);
    let _broker = Broker::start(&front.scratch);
    let slots = || front.scratch.run(&["list"]).ok().out;
    let answer = front.call(root, &[], &["profile", "create", "coder"]).ok();
    assert!(answer.err.contains("registered coder, down"), "{answer:?}");
    assert_eq!(slots(), "coder\n");
    front.call(root, &[], &["gateway", "start", "-p", "coder"]).ok();
    front.call(root, &[], &["profile", "rename", "coder", "author"]).ok();
    assert_eq!(slots(), "author\n");
    assert!(front.call(root, &[], &["gateway", "status", "-p", "author"]).ok().out.contains("running"));
    front.call(root, &[], &["profile", "list"]).ok();
    assert_eq!(slots(), "author\n");
    front.call(root, &[], &["profile", "delete", "author"]).ok();
    assert_eq!(slots(), "");
}

#[test]
fn nothing_is_found_through_path() {
    let Some(root) = Identity::root("nothing_is_found_through_path") else { return };
    let front = Front::new(Scratch::new(root));
    let evil = front.scratch.path("home/evil");
    fs::create_dir(&evil).unwrap();
    for name in ["id", "cat", "grep", "sh", "s6-setuidgid", "env", "hermes"] {
        let script = format!("#!/bin/sh\necho {name} >>{}\n", front.scratch.path("trace").display());
        fs::write(evil.join(name), script).unwrap();
        fs::set_permissions(evil.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    for args in [&["chat"][..], &["gateway", "status"], &["profile", "create", "coder"]] {
        front.call(root, &[("PATH", evil.to_str().unwrap())], args);
    }
    assert!(!front.scratch.path("trace").exists(), "{:?}", fs::read_to_string(front.scratch.path("trace")));
}
