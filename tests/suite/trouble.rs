//! What a machine can do to the program.

use std::fs;
use std::process::Command;
use std::time::Instant;

use super::support::{Answer, Identity, Scratch, processes_in, variables, wait_until, write_script};

#[test]
fn a_scan_directory_that_is_none() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    scratch.run(&["register", "coder"]).fails(2, "no s6-svscan watches it");
    scratch.write("file", "");
    let with = |path: &str| {
        let path = scratch.path(path);
        scratch.run_at("--scandir", path.to_str().unwrap(), &["register", "coder"])
    };
    with("missing").fails(2, "open");
    with("file").fails(2, "is not a directory");
    scratch.run_at("--scandir", "relative", &["register", "coder"]).fails(2, "is not an absolute path");
    assert_eq!(fs::read_dir(scratch.path("scan")).unwrap().count(), 0);
}

#[test]
fn no_s6_programs() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    let nowhere = scratch.path("nowhere");
    let answer = scratch.run_at("--s6-bin", nowhere.to_str().unwrap(), &["register", "coder"]);
    answer.fails(2, "s6-svscanctl");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    scratch.run(&["register", "coder"]).ok();
}

#[test]
fn an_s6_program_that_hangs() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    let bin = scratch.path("home/bin");
    fs::create_dir(&bin).unwrap();
    for program in ["s6-svscanctl", "s6-svstat"] {
        write_script(&bin.join(program), "#!/bin/sh\nexec /bin/sleep 600\n");
    }
    let bin = bin.to_str().unwrap();
    let began = Instant::now();
    scratch.run_at("--s6-bin", bin, &["register", "coder", "--timeout", "0.5"]).fails(1, "did not end in time");
    assert!(began.elapsed().as_secs() < 30);
    scratch.run(&["register", "coder", "--down"]).ok();
    let status = scratch.run_at("--s6-bin", bin, &["gateway", "status", "-p", "coder", "--timeout", "0.5"]);
    assert_eq!(status.code, 1, "{status:?}");
    assert!(status.err.contains("s6-svstat: did not end in time"), "{status:?}");
}

#[test]
fn another_writer_that_does_not_finish() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    let lock = fs::File::open(scratch.path("scan/.hermes-s6gen/lock")).unwrap();
    lock.lock().unwrap();
    scratch.run(&["register", "writer", "--timeout", "0.2"]).fails(1, "another hermes-s6gen has it");
    assert_eq!(scratch.run(&["list"]).ok().out, "coder\n");
    lock.unlock().unwrap();
    scratch.run(&["register", "writer"]).ok();
}

#[test]
fn leftovers_of_an_interrupted_run_are_swept() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    // As if killed between moving a slot away and telling s6-svscan.
    let (_, uid) = Identity::Ordinary.uids();
    let aside = scratch.path("scan/.hermes-s6gen/old-1");
    fs::rename(scratch.slot("coder"), &aside).unwrap();
    let staged = scratch.path("scan/.hermes-s6gen/new-1");
    fs::create_dir_all(staged.join("log")).unwrap();
    for path in [staged.clone(), staged.join("log")] {
        std::os::unix::fs::chown(path, Some(uid), Some(uid)).unwrap();
    }
    scratch.run(&["register", "writer", "--down"]).ok();
    assert!(!aside.exists() && !staged.exists());
    wait_until("two supervisors are left", || {
        let left = processes_in(&scratch.path("scan"));
        left.iter().filter(|(_, line)| line.contains("s6-supervise")).count() == 2
    });
}

#[test]
fn a_run_user_that_does_not_exist() {
    let Some(root) = Identity::root("a_run_user_that_does_not_exist") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    let answer = scratch.run_at("--user", "nobody-at-all", &["register", "coder"]);
    answer.fails(2, "run user nobody-at-all: is not in /etc/passwd");
    scratch.run_at("--user", ":0:0", &["register", "coder"]).fails(2, "is not a user name");
}

#[test]
fn a_full_disk_leaves_nothing_behind() {
    let Some(root) = Identity::root("a_full_disk_leaves_nothing_behind") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    // A scan directory of 16 KiB, in a mount namespace of its own: room for s6-svscan and not for a slot.
    let scan = scratch.path("scan");
    let mut line = String::from("mount -t tmpfs -o size=16k,mode=755 tmpfs \"$0\" || exit 99\n");
    line += "s6-svscan -d 3 \"$0\" 3>\"$0.ready\" &\nwhile ! [ -s \"$0.ready\" ]; do sleep 0.01; done\n";
    line += "\"$@\"; code=$?\nls -A \"$0\" \"$0\"/.hermes-s6gen\ns6-svscanctl -t \"$0\"; wait; exit $code\n";
    let command = scratch.command(&["register", "coder"]);
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", &line]).arg(&scan);
    unshare.arg(command.get_program()).args(command.get_args());
    let answer = Answer::of(&mut unshare);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.err.contains("No space left on device"), "{answer:?}");
    assert!(!answer.out.contains("gateway-coder") && !answer.out.contains("new-"), "{answer:?}");
}

#[test]
fn ctrl_c_leaves_nothing_half_done() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    scratch.behave("coder", "ignore-term");
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    wait_until("it runs", || scratch.starts("coder") == 1);
    let interrupt = |args: &[&str]| {
        let command = scratch.command(args);
        // Where a shell has started the tests in the background, they ignore the signal, and so would their children.
        let mut attentive = Command::new("/usr/bin/env");
        attentive.arg("--default-signal=INT").arg(command.get_program()).args(command.get_args()).env_clear();
        attentive.envs(variables(&command));
        let mut child = attentive.spawn().unwrap();
        let state = || scratch.run(&["gateway", "status", "-p", "coder"]).out;
        wait_until("it is told to end", || state().contains("stopping"));
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(2));
    };
    interrupt(&["gateway", "stop", "-p", "coder", "--grace", "60", "--timeout", "60"]);
    scratch.run(&["gateway", "restart", "-p", "coder", "--grace", "0.2"]).ok();
    wait_until("it runs again", || scratch.starts("coder") == 2);
    interrupt(&["unregister", "coder", "--grace", "60", "--timeout", "60"]);
    scratch.run(&["unregister", "coder", "--grace", "0.2"]).ok();
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    let left = processes_in(&scratch.path("scan"));
    assert!(left.iter().all(|(_, line)| !line.contains("s6-supervise")), "{left:?}");
}

#[test]
fn a_closed_pipe_is_success() {
    let scratch = Scratch::new(Identity::Ordinary);
    let mut command = scratch.command(&["render"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert!(command.stdout(writer).status().unwrap().success());
}
