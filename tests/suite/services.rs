//! The image's boot scripts and services, run.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use super::support::{Answer, Identity, Scratch, wait_until, write_script};

/// Stands in for this program and for Hermes: says how it was called and what it found in its environment.
const RECORDER: &str = "#!/bin/sh\nfor word; do printf '<%s>' \"$word\"; done\necho\n/usr/bin/env -0 | \
    /usr/bin/sort -z | /usr/bin/tr '\\000' '|'\necho\n/usr/bin/id -u\n[ ! -e \"$0.stay\" ] || exec sleep 3600\nexit 7\n";

/// Compiles the assets for a program and a Hermes that only record.
fn compiled(scratch: &Scratch) {
    let recorder = scratch.path("bin/recorder");
    write_script(&recorder, RECORDER);
    let mut command = Command::new(env!("CARGO_BIN_EXE_hermes-s6gen"));
    command.arg("--s6-bin").arg(scratch.path("bin")).args(["--user", "daemon", "--broker"]);
    command.arg(scratch.path("broker/registrar")).arg("compile").arg("--program").arg(&recorder);
    Answer::of(command.arg("--hermes").arg(&recorder).arg("--root").arg(scratch.path("image"))).ok();
}

/// Runs a script of the image where the container's environment is `environment`.
fn boot(scratch: &Scratch, script: &str, environment: &[(&str, &str)]) -> Answer {
    let contenv = scratch.path("environment");
    let _ = fs::remove_dir_all(&contenv);
    fs::create_dir(&contenv).unwrap();
    for (name, value) in environment {
        fs::write(contenv.join(name), format!("{value}\n")).unwrap();
    }
    let setup = "mount -t tmpfs tmpfs /run && mkdir -p /run/s6 && cp -R \"$1\" /run/s6/container_environment || exit 99\n\
        shift\nexec /usr/bin/env -i PATH=/usr/bin:/bin PWD=/ \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "/bin/sh", "-c", setup, "sh"]).arg(contenv);
    Answer::of(command.arg(scratch.path("image").join(script)).current_dir("/"))
}

#[test]
fn boot_scripts_take_only_what_concerns_them_and_never_fail() {
    let Some(root) = Identity::root("boot_scripts_take_only_what_concerns_them_and_never_fail") else { return };
    let scratch = Scratch::new(root);
    compiled(&scratch);
    let home = "/opt/$(touch /tmp/x) \"a\" 'b' `id` --help";
    let environment = [
        ("HERMES_HOME", home),
        ("PUID", "1000"),
        ("PGID", ""),
        ("PATH", "/nowhere"),
        ("LD_PRELOAD", "/nowhere/evil.so"),
        ("ENV", "/nowhere/env"),
        ("BASH_ENV", "/nowhere/env"),
        ("PYTHONPATH", "/nowhere"),
        ("OPENAI_API_KEY", "secret"),
    ];
    let bin = scratch.path("bin").display().to_string();
    let scripts = [
        ("etc/cont-init.d/01-hermes-setup", "<prepare-home>", "prepare-home: exit code 7: the boot goes on"),
        ("etc/cont-init.d/02-reconcile-profiles", "<reconcile>", "reconcile: exit code 7: the boot goes on"),
        ("etc/cont-finish.d/01-hermes-drain", "<drain><--timeout><4>", "drain: exit code 7: the stop goes on"),
    ];
    for (script, words, said) in scripts {
        let answer = boot(&scratch, script, &environment).ok();
        let lines: Vec<_> = answer.out.lines().collect();
        assert_eq!(lines[0], format!("<--s6-bin><{bin}><--user><daemon>{words}"));
        let found = format!(
            "HERMES_HOME={home}|HERMES_S6GEN_PROGRAM={bin}/recorder|PATH={bin}:/usr/sbin:/usr/bin:/sbin:/bin|PUID=1000|PWD=/|"
        );
        assert_eq!(lines[1], found, "{script}");
        assert_eq!(lines[3], format!("hermes-s6gen: {said}"));
    }
    assert!(!Path::new("/tmp/x").exists());
    // Without any environment of the container's.
    boot(&scratch, "etc/cont-init.d/01-hermes-setup", &[]).ok();
}

#[test]
fn the_drain_fits_into_what_the_container_allows() {
    let Some(root) = Identity::root("the_drain_fits_into_what_the_container_allows") else { return };
    let scratch = Scratch::new(root);
    compiled(&scratch);
    for (allowed, budget) in
        [("30000", 29), ("5000", 4), ("1500", 1), ("0", 1), ("-1", 4), ("x;id", 4), ("99999999999999", 4), ("", 4)]
    {
        let answer = boot(&scratch, "etc/cont-finish.d/01-hermes-drain", &[("S6_KILL_FINISH_MAXTIME", allowed)]).ok();
        assert!(answer.out.contains(&format!("<drain><--timeout><{budget}>")), "{allowed}: {answer:?}");
    }
}

fn install_service(scratch: &Scratch, name: &str) {
    let from = scratch.path("image/etc/s6-overlay/s6-rc.d").join(name);
    Answer::of(Command::new("cp").arg("-R").arg(from).arg(scratch.path("scan"))).ok();
    let (owner, _) = scratch.who().uids();
    Answer::of(Command::new("chown").arg("-R").arg(owner.to_string()).arg(scratch.path("scan").join(name))).ok();
}

fn state(scratch: &Scratch, name: &str) -> String {
    let fields = ["-o", "up,wantedup,ready"];
    Answer::of(Command::new("s6-svstat").args(fields).arg(scratch.path("scan").join(name))).out
}

#[test]
fn the_dashboard_runs_only_where_it_is_wanted() {
    for who in Identity::everybody("the_dashboard_runs_only_where_it_is_wanted") {
        for (value, wanted) in [(None, false), (Some("0"), false), (Some("on it"), false), (Some("TRUE"), true)] {
            let scratch = Scratch::new(who);
            compiled(&scratch);
            fs::write(scratch.path("bin/recorder.stay"), "").unwrap();
            if let Some(value) = value {
                scratch.contenv("HERMES_DASHBOARD", value);
            }
            scratch.contenv("HERMES_DASHBOARD_PORT", "9$(id)");
            install_service(&scratch, "dashboard");
            let _svscan = scratch.svscan();
            let log = || fs::read_to_string(scratch.path("svscan.log")).unwrap();
            if wanted {
                wait_until("the dashboard runs", || log().lines().count() >= 3);
                let lines = log();
                assert!(lines.starts_with("<dashboard><--host><127.0.0.1><--port><9$(id)><--no-open>\n"), "{lines}");
                assert!(lines.ends_with(&format!("\n{}\n", who.uids().1)), "{lines}");
                assert!(lines.contains(&format!("HOME={}|", scratch.path("home").display())), "{lines}");
                wait_until("s6 says so", || state(&scratch, "dashboard") == "true true false\n");
            } else {
                wait_until("it is left down", || state(&scratch, "dashboard") == "false false false\n");
                assert_eq!(log(), "");
            }
        }
    }
}

#[test]
fn a_dashboard_that_dies_comes_back() {
    let scratch = Scratch::new(Identity::Ordinary);
    compiled(&scratch);
    scratch.contenv("HERMES_DASHBOARD", "1");
    install_service(&scratch, "dashboard");
    let _svscan = scratch.svscan();
    let starts = || fs::read_to_string(scratch.path("svscan.log")).unwrap().matches("<dashboard>").count();
    wait_until("it is started again", || starts() >= 2);
}

#[test]
fn without_root_there_is_no_broker_and_nobody_waits_for_it() {
    let scratch = Scratch::new(Identity::Ordinary);
    compiled(&scratch);
    // Readiness first, as the boot waits for that.
    let service = scratch.path("image/etc/s6-overlay/s6-rc.d/hermes-registrar");
    let mut run = scratch.who().command("/bin/sh");
    let answer = Answer::of(run.args(["-c", "exec \"$0\" 3>&1"]).arg(service.join("run")));
    assert_eq!((answer.code, answer.out.as_str()), (78, "\n"), "{answer:?}");
    install_service(&scratch, "hermes-registrar");
    let _svscan = scratch.svscan();
    wait_until("it is left down", || state(&scratch, "hermes-registrar").starts_with("false false"));
    assert!(!scratch.path("broker").exists());
}

#[test]
fn the_broker_serves_nowhere_but_in_a_directory_of_roots() {
    let Some(root) = Identity::root("the_broker_serves_nowhere_but_in_a_directory_of_roots") else { return };
    let scratch = Scratch::new(root);
    compiled(&scratch);
    let run = || {
        let service = scratch.path("image/etc/s6-overlay/s6-rc.d/hermes-registrar");
        Answer::of(Command::new("/bin/sh").args(["-c", "exec \"$0\" 3>/dev/null"]).arg(service.join("run")))
    };
    let directory = scratch.path("broker");
    fs::create_dir(&directory).unwrap();
    chown(&directory, Some(1), Some(1)).unwrap();
    fs::write(directory.join("kept"), "").unwrap();
    let answer = run();
    assert!(answer.code == 78 && answer.out.contains("is not root's own"), "{answer:?}");
    chown(&directory, Some(0), Some(0)).unwrap();
    fs::set_permissions(&directory, Permissions::from_mode(0o777)).unwrap();
    assert_eq!(run().code, 78);
    fs::remove_file(directory.join("kept")).unwrap();
    fs::remove_dir(&directory).unwrap();
    fs::create_dir(scratch.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(scratch.path("elsewhere"), &directory).unwrap();
    assert_eq!(run().code, 78);
    assert_eq!(fs::read_dir(scratch.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn the_containers_command_is_a_program_or_hermes() {
    let Some(root) = Identity::root("the_containers_command_is_a_program_or_hermes") else { return };
    for who in [root, Identity::Ordinary] {
        let scratch = Scratch::new(root);
        compiled(&scratch);
        let call_within = |seconds: &str, args: &[&str]| {
            let script = "mount -t tmpfs -o mode=755 tmpfs /opt && mkdir -p /opt/hermes/docker && \
                cp -p \"$1\"/opt/hermes/docker/main-wrapper.sh /opt/hermes/docker/ && mount -t tmpfs -o mode=755 tmpfs \
                /usr/local/bin && cp -p \"$1\"/usr/local/bin/hermes /usr/local/bin/ || exit 99\nshift\nexec \"$@\"";
            let mut command = Command::new("unshare");
            command.args(["--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]);
            command.arg(scratch.path("image"));
            if who == Identity::Ordinary {
                command.args(["setpriv", "--reuid=1", "--regid=1", "--clear-groups"]);
            }
            command.current_dir("/usr/share");
            command.args(["/usr/bin/env", "-i", "/usr/bin/timeout", seconds, "/opt/hermes/docker/main-wrapper.sh"]);
            Answer::of(command.args(args))
        };
        let call = |args: &[&str]| call_within("60", args);
        // What s6 supervises needs no command: it only keeps the container up, and an operator's stop stands.
        for words in ["gateway run", "gateway", "hermes -p coder gateway run", "gateway --profile coder run"] {
            let answer = call_within("1", &words.split(' ').collect::<Vec<_>>());
            assert!(answer.code == 124 && answer.out.is_empty(), "{words}: {answer:?}");
        }
        for words in ["gateway run --no-supervise", "--no-supervise gateway", "-p gateway chat", "gateway status"] {
            assert_eq!(call(&words.split(' ').collect::<Vec<_>>()).code, 7, "{words}");
        }
        let answer = call(&["/bin/sh", "-c", "id -u; pwd; exit 42"]);
        assert_eq!((answer.code, answer.out.as_str()), (42, "1\n/usr/share\n"), "{answer:?}");
        assert_eq!(call(&["sh", "-c", "echo $HOME"]).ok().out, format!("{}\n", scratch.path("home").display()));
        let answer = call(&["chat", "a b"]);
        assert!(answer.code == 7 && answer.out.starts_with("<chat><a b>\n"), "{answer:?}");
        assert!(answer.out.ends_with("\n1\n"), "{answer:?}");
        assert!(call(&[]).out.starts_with('\n'));
        scratch.contenv("HERMES_GATEWAY_NO_SUPERVISE", "1");
        assert_eq!(call(&["gateway", "run"]).code, 7);
    }
}
