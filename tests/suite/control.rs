//! Who may do what with a slot of root's.

use std::fs;

use super::support::{Answer, Identity, Scratch, wait_until};

fn as_run_user(scratch: &Scratch, line: &str) -> Answer {
    let script = format!("cd {}\n{line}", scratch.slot("coder").display());
    Answer::of(Identity::Ordinary.command("/bin/sh").args(["-c", &script]))
}

#[test]
fn the_run_users_group_controls_and_changes_nothing() {
    let Some(root) = Identity::root("the_run_users_group_controls_and_changes_nothing") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    wait_until("the gateway starts", || scratch.starts("coder") == 1);

    for service in ["", "/log"] {
        let path = format!("{}{service}", scratch.slot("coder").display());
        let said = Answer::of(root.command("s6-svperms").arg("-v").arg(&path)).ok().out;
        let expected = format!("{path} status: public\n{path} control: group daemon\n{path} events: group daemon\n");
        assert_eq!(said, expected);
    }
    for allowed in [
        "s6-svok .",
        "s6-svstat .",
        "s6-svdt .",
        "s6-svc -wr -T 60000 -r .",
        "s6-svc -wd -T 60000 -d .",
        "s6-svc -wu -T 60000 -u .",
        "s6-svwait -u -t 60000 .",
        "s6-svok log",
        "flock -n data/lock true",
        "cat env/* type run >/dev/null",
    ] {
        let answer = as_run_user(&scratch, allowed);
        // An empty env/ is no file to read.
        assert!(answer.code == 0 || allowed.starts_with("cat"), "{allowed}: {answer:?}");
    }
    let before = fs::read(scratch.slot("coder").join("run")).unwrap();
    for forbidden in [
        "echo x >>run",
        "echo x >finish",
        "echo x >log/run",
        "mv run old",
        "rm type",
        "touch down",
        "echo x >env/A",
        "echo x >data/manifest.json",
        "rm data/lock",
        "ls supervise",
        "touch supervise/x",
        "ln -sf /etc/passwd supervise/status",
        "echo x >supervise/death_tally",
        "cat supervise/control",
        "mkdir ../gateway-evil",
        "mv ../gateway-coder ../gateway-evil",
        "ls ../.hermes-s6gen",
        "s6-svscanctl -a ..",
        "s6-svscanctl -t ..",
        "s6-svdt-clear .",
    ] {
        assert_ne!(as_run_user(&scratch, forbidden).code, 0, "{forbidden}");
    }
    assert_eq!(fs::read(scratch.slot("coder").join("run")).unwrap(), before);
    scratch.s6("s6-svstat", &[], "coder").ok();
}

#[test]
fn control_survives_a_new_supervisor() {
    let Some(root) = Identity::root("control_survives_a_new_supervisor") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--down"]).ok();
    let pattern = format!("s6-supervise {}", scratch.slot("coder").file_name().unwrap().to_str().unwrap());
    let supervisors = || {
        let all = super::support::processes_in(&scratch.path("scan"));
        all.into_iter().filter(|(_, line)| *line == pattern).map(|(pid, _)| pid).collect::<Vec<_>>()
    };
    let old = supervisors()[0];
    rustix::process::kill_process(rustix::process::Pid::from_raw(old).unwrap(), rustix::process::Signal::KILL).unwrap();
    wait_until("another supervisor comes", || supervisors().first().is_some_and(|pid| *pid != old));
    wait_until("it listens", || as_run_user(&scratch, "s6-svstat . && s6-svc -u .").code == 0);
    wait_until("the gateway starts", || scratch.starts("coder") == 1);
}

#[test]
fn the_run_user_is_told_that_it_may_not() {
    let Some(root) = Identity::root("the_run_user_is_told_that_it_may_not") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder", "writer"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    let as_daemon = |args: &[&str]| Answer::of(&mut scratch.command_as(Identity::Ordinary, args));
    as_daemon(&["register", "writer"]).fails(2, "ask root: there is no registrar at");
    as_daemon(&["unregister", "coder"]).fails(2, "ask root: there is no registrar at");
    assert_eq!(as_daemon(&["list"]).ok().out, "coder\n");
    wait_until("the gateway runs", || as_daemon(&["gateway", "status", "-p", "coder"]).out.contains("running"));
}

#[test]
fn root_does_not_publish_where_others_write() {
    let Some(root) = Identity::root("root_does_not_publish_where_others_write") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    std::os::unix::fs::chown(scratch.path("scan"), Some(1), Some(1)).unwrap();
    scratch.run(&["register", "coder"]).fails(2, "users other than root may write there");
}
