//! Extra environment arrives as it was given, and only after the privilege drop.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::support::{Answer, Identity, Scratch, wait_until, write_script};

fn variable<'a>(environment: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let prefix = format!("{name}=");
    environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(prefix.as_bytes()))
}

/// Runs the rendered `run` of `slot`, with its real shell and s6-envdir; this process takes s6-supervise's place.
fn run_rendered(scratch: &Scratch, profile: &str, slot: &Path) {
    fs::create_dir_all(slot.join("supervise")).unwrap();
    fs::write(slot.join("supervise/death_tally"), "").unwrap();
    scratch.behave(profile, "exit 0");
    let mut script = Identity::Ordinary.command(slot.join("run").to_str().unwrap());
    script.current_dir(slot).env_clear().env("PATH", "/usr/bin:/bin");
    Answer::of(&mut script);
}

#[test]
fn any_value_arrives_unchanged() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let values = proptest::collection::vec(1u8..=255, 0..300);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(150));
    let run = runner.run(&values, |value| {
        let out = scratch.path("home/rendering");
        let mut assignment = OsString::from("VALUE=");
        assignment.push(OsStr::from_bytes(&value));
        let mut render = scratch.command(&["render", "coder", "--out"]);
        render.arg(&out).arg("--env").arg(&assignment);
        Answer::of(&mut render).ok();
        run_rendered(&scratch, "coder", &out.join("gateway-coder"));
        let recorded = scratch.recorded("coder", "env");
        prop_assert_eq!(variable(&recorded, "VALUE"), Some(value.as_slice()));
        fs::remove_dir_all(&out).unwrap();
        Ok(())
    });
    run.unwrap();
}

#[test]
fn any_place_and_profile_make_scripts_that_start_that_gateway() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names = ("[^\0/]{1,40}", "[^\0/]{1,40}", "[a-z0-9][a-z0-9_-]{0,30}");
    let are_names = |(bin, program, _): &(String, String, String)| {
        [bin, program].iter().all(|name| !matches!(name.as_str(), "." | "..") && name.len() < 250)
    };
    let inputs = names.prop_filter("are names of directories", are_names);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(60));
    let run = runner.run(&inputs, |(bin, program, profile)| {
        let odd = tempfile::tempdir_in(scratch.path("home")).unwrap();
        fs::set_permissions(odd.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let (bin, program) = (odd.path().join("bin").join(bin), odd.path().join("program").join(program));
        for (link, target) in [(&bin, scratch.path("bin")), (&program, env!("CARGO_BIN_EXE_hermes-s6gen").into())] {
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(target, link).unwrap();
        }
        scratch.profiles(&[&profile]);
        let out = scratch.path("home/rendering");
        let [bin, program, out] = [&bin, &program, &out].map(|path| path.to_str().unwrap());
        let args = ["render", &profile, "--program", program, "--cap-deaths", "3", "--out", out];
        scratch.run_at("--s6-bin", bin, &args).ok();
        let slot = Path::new(out).join(format!("gateway-{profile}"));
        for script in ["run", "finish", "log/run"] {
            Answer::of(Command::new("/bin/sh").arg("-n").arg(slot.join(script))).ok();
        }
        run_rendered(&scratch, &profile, &slot);
        let expected = format!("-p\n{profile}\ngateway\nrun\n--replace\n");
        prop_assert_eq!(String::from_utf8(scratch.recorded(&profile, "argv")).unwrap(), expected);
        fs::remove_dir_all(out).unwrap();
        Ok(())
    });
    run.unwrap();
}

#[test]
fn hostile_values_arrive_on_a_live_slot() {
    for who in Identity::everybody("hostile_values_arrive_on_a_live_slot") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder"]);
        let _svscan = scratch.svscan();
        let hostile: [(&str, Vec<u8>); 6] = [
            ("QUOTES", b"it's \"quoted\" `id` $(id) \\".to_vec()),
            ("LINES", b"\n two\n\n".to_vec()),
            ("EMPTY", Vec::new()),
            ("BYTES", (1..=255).collect()),
            ("LONG", vec![b'x'; 100_000]),
            ("ENV", b"/nowhere".to_vec()),
        ];
        let mut command = scratch.command(&["register", "coder"]);
        for (name, value) in &hostile {
            let assignment = [name.as_bytes(), b"=", value].concat();
            command.arg("--env").arg(OsString::from_vec(assignment));
        }
        Answer::of(&mut command).ok();
        wait_until("the gateway starts", || scratch.starts("coder") == 1);
        let recorded = scratch.recorded("coder", "env");
        for (name, value) in &hostile {
            assert_eq!(variable(&recorded, name), Some(value.as_slice()), "{name}");
        }
    }
}

#[test]
fn root_runs_nothing_of_the_environment() {
    let Some(root) = Identity::root("root_runs_nothing_of_the_environment") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    // Whoever runs one of these leaves a file that says who it was.
    let evil = scratch.path("home/evil");
    fs::create_dir(&evil).unwrap();
    let trace = scratch.path("record/trace");
    for name in ["sh", "id", "mkdir", "s6-log", "s6-envdir", "s6-setuidgid"] {
        let script = format!("#!/bin/sh\n/usr/bin/id -u >>{}\nexec /usr/bin/{name} \"$@\"\n", trace.display());
        write_script(&evil.join(name), &script);
        std::os::unix::fs::chown(evil.join(name), Some(1), Some(1)).unwrap();
    }
    let path = format!("{}:{}:/usr/bin:/bin", evil.display(), scratch.path("bin").display());
    scratch.contenv("PATH", &path);
    scratch.contenv("LD_PRELOAD", &evil.join("evil.so").display().to_string());
    scratch.contenv("ENV", &evil.join("id").display().to_string());
    scratch.run(&["register", "coder", "--env", &format!("PATH={path}")]).ok();
    wait_until("the gateway starts", || scratch.starts("coder") == 1);
    scratch.run(&["unregister", "coder"]).ok();
    let traced = fs::read_to_string(trace).unwrap();
    assert!(traced.lines().count() > 0, "the planted programs were not reached at all");
    assert!(traced.lines().all(|uid| uid == "1"), "{traced}");
}

#[test]
fn a_named_gateway_has_its_own_port_and_not_the_containers() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer"]);
    for (name, value) in [("API_SERVER_PORT", "8642"), ("API_SERVER_KEY", "secret"), ("WEBHOOK_ENABLED", "true")] {
        scratch.contenv(name, value);
    }
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    scratch.run(&["register", "writer", "--env", "API_SERVER_PORT=7000"]).ok();
    scratch.run(&["register", "default"]).ok();
    wait_until("all start", || ["coder", "writer", "default"].iter().all(|name| scratch.starts(name) == 1));
    let port = |profile: &str| variable(&scratch.recorded(profile, "env"), "API_SERVER_PORT").map(<[u8]>::to_vec);
    assert_eq!(port("coder").unwrap(), b"9570");
    assert_eq!(port("writer").unwrap(), b"7000");
    assert_eq!(port("default").unwrap(), b"8642");
    let shown = || {
        let report = scratch.run(&["gateway", "status", "--all", "--format", "json"]).ok().json();
        report["gateways"].as_array().unwrap().iter().map(|row| row["port"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(shown(), [8642, 9570, 7000]);
    fs::create_dir_all(scratch.path("s6/container_environment")).unwrap();
    scratch.write("s6/container_environment/API_SERVER_PORT", "8700\n");
    scratch.write("home/profiles/writer/.env", "API_SERVER_PORT=7001\n");
    assert_eq!(shown(), [8700, 9570, 7001]);
    for name in ["API_SERVER_KEY", "WEBHOOK_ENABLED"] {
        assert_eq!(variable(&scratch.recorded("coder", "env"), name), None, "{name}");
        assert!(variable(&scratch.recorded("default", "env"), name).is_some(), "{name}");
    }
    let home = scratch.path("home").into_os_string().into_vec();
    for name in ["HOME", "HERMES_HOME", "PWD"] {
        assert_eq!(variable(&scratch.recorded("coder", "env"), name), Some(home.as_slice()), "{name}");
    }
}
