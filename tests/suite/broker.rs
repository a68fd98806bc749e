//! The run user gets slots from root, and nothing else.

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::support::{Answer, Broker, Identity, Scratch, SetAtEnd, await_silence, wait_until};

/// The program under test, run by the run user.
fn as_run_user(scratch: &Scratch, args: &[&str]) -> Answer {
    Answer::of(&mut scratch.command_as(Identity::Ordinary, args))
}

/// What s6-sudo gets for `words` as the run user, past the program under test.
fn smuggle(scratch: &Scratch, words: &[&[u8]]) -> Answer {
    let mut command = Identity::Ordinary.command("/usr/bin/s6-sudo");
    command.args(["-e", "-t", "60000", "-T", "60000"]).arg(scratch.path("broker/registrar"));
    command.args(words.iter().map(|word| std::ffi::OsString::from_vec(word.to_vec())));
    Answer::of(&mut command)
}

/// Everything in the scan directory.
fn listing(scratch: &Scratch) -> Vec<std::path::PathBuf> {
    let entries = walkdir::WalkDir::new(scratch.path("scan")).sort_by_file_name().into_iter();
    let names = entries.map(|entry| entry.unwrap().into_path());
    // s6-supervise writes its own files whenever it likes.
    names.filter(|path| path.parent().is_none_or(|parent| !parent.ends_with("supervise"))).collect()
}

#[test]
fn the_run_user_registers_drives_and_unregisters() {
    let Some(root) = Identity::root("the_run_user_registers_drives_and_unregisters") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder", "writer", "sketcher"]);
    let _broker = Broker::start(&scratch);

    assert_eq!(as_run_user(&scratch, &["register", "coder", "--down"]).ok().out, "registered coder, down\n");
    assert_eq!(scratch.starts("coder"), 0);
    as_run_user(&scratch, &["register", "coder"]).fails(2, "is already registered");
    assert_eq!(as_run_user(&scratch, &["gateway", "start", "-p", "coder"]).ok().out, "coder started\n");
    assert_eq!(as_run_user(&scratch, &["gateway", "restart", "-p", "coder"]).ok().out, "coder restarted\n");
    assert_eq!(as_run_user(&scratch, &["gateway", "stop", "-p", "coder"]).ok().out, "coder stopped\n");
    // Registered on the way, and up at once.
    assert_eq!(as_run_user(&scratch, &["gateway", "start", "-p", "writer"]).ok().out, "writer started\n");
    assert_eq!(as_run_user(&scratch, &["register", "sketcher"]).ok().out, "registered sketcher\n");
    wait_until("the gateway starts", || scratch.starts("sketcher") == 1);
    for profile in ["coder", "writer", "sketcher"] {
        use std::os::unix::fs::MetadataExt;
        for file in ["", "run", "finish", "log/run", "supervise"] {
            assert_eq!(fs::metadata(scratch.slot(profile).join(file)).unwrap().uid(), 0, "{file}");
        }
    }
    // One that has not come so far as to ignore the signal would end of it.
    wait_until("the gateway runs", || scratch.starts("writer") == 1);
    scratch.behave("writer", "ignore-term");
    as_run_user(&scratch, &["gateway", "restart", "-p", "writer"]).ok();
    wait_until("the next one runs", || scratch.starts("writer") == 2);
    let answer = as_run_user(&scratch, &["unregister", "coder", "writer", "sketcher", "--grace", "1"]).ok();
    assert!(answer.out.contains("unregistered writer, which had to be killed\n"), "{answer:?}");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn the_hooks_work_for_the_run_user() {
    let Some(root) = Identity::root("the_hooks_work_for_the_run_user") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    assert_eq!(as_run_user(&scratch, &["profile", "created", "coder"]).ok().out, "registered coder, down\n");
    as_run_user(&scratch, &["gateway", "start", "-p", "coder"]).ok();
    fs::rename(scratch.profile_path("coder"), scratch.profile_path("author")).unwrap();
    let renamed = as_run_user(&scratch, &["profile", "renamed", "coder", "author"]).ok().out;
    assert_eq!(renamed, "renamed coder to author\nauthor started\n");
    assert_eq!(scratch.run(&["list"]).ok().out, "author\n");
    as_run_user(&scratch, &["profile", "deleted", "author"]).ok();
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn a_start_cuts_the_wait_of_a_dying_gateway_short() {
    let Some(root) = Identity::root("a_start_cuts_the_wait_of_a_dying_gateway_short") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    scratch.behave("coder", "exit 3");
    as_run_user(&scratch, &["register", "coder"]).ok();
    wait_until("it dies often enough to wait", || scratch.starts("coder") >= 3);
    scratch.behave("coder", "run");
    assert_eq!(as_run_user(&scratch, &["gateway", "restart", "-p", "coder"]).ok().out, "coder restarted\n");
}

#[test]
fn what_only_root_may_say_is_refused() {
    let Some(root) = Identity::root("what_only_root_may_say_is_refused") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    as_run_user(&scratch, &["register", "coder", "--env", "A=1"]).fails(2, "set extra environment: only who may");
    as_run_user(&scratch, &["register", "typo"]).fails(4, "there is none under");
    let answer = smuggle(&scratch, &[b"register", b"typo"]);
    assert!(answer.code == 1 && answer.out.contains("there is none under"), "{answer:?}");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn nothing_is_smuggled_through() {
    let Some(root) = Identity::root("nothing_is_smuggled_through") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    let before = listing(&scratch);
    let evil = scratch.path("home/scan");
    fs::create_dir(&evil).unwrap();
    let scandir = format!("--scandir={}", evil.display());
    let megabyte = vec![b'a'; 1_000_000];
    let argument = vec![b'a'; 120_000];
    let bytes: Vec<u8> = (1..=255).collect();
    let hostile: [&[&[u8]]; 20] = [
        &[],
        &[b""],
        &[b"register"],
        &[b"register", b""],
        &[b"register", b"../x"],
        &[b"register", b"/etc"],
        &[b"register", b"-p", b"../x"],
        &[b"register", b"coder", b"coder"],
        &[b"register", b"coder\n"],
        &[b"register", b"Coder"],
        &[scandir.as_bytes(), b"register", b"coder"],
        &[b"register", b"coder", scandir.as_bytes()],
        &[b"--scandir", evil.as_os_str().as_encoded_bytes(), b"register", b"coder"],
        &[b"--", b"register", b"coder"],
        &[b"--help"],
        &[b"register", b"coder", b"--env", b"LD_PRELOAD=/tmp/x"],
        &[b"gateway", b"start"],
        &[b"compile", b"--root=/tmp/x"],
        &[b"register", &bytes],
        &[b"register", &argument],
    ];
    for words in hostile {
        let answer = smuggle(&scratch, words);
        assert_ne!(answer.code, 0, "{words:?}: {answer:?}");
        assert!(answer.out.len() < 1000 && !answer.out.contains("panicked"), "{answer:?}");
        assert_eq!(listing(&scratch), before, "{words:?}");
    }
    // A megabyte in pieces, as no single argument may be that long.
    let pieces: Vec<&[u8]> = megabyte.chunks(100_000).collect();
    assert_ne!(smuggle(&scratch, &pieces).code, 0);
    assert_eq!(listing(&scratch), before);
    assert_eq!(fs::read_dir(&evil).unwrap().count(), 0);
    as_run_user(&scratch, &["register", "coder", "--down"]).ok();
}

#[test]
fn the_callers_environment_stays_the_callers() {
    let Some(root) = Identity::root("the_callers_environment_stays_the_callers") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    let mut command = Identity::Ordinary.command("/usr/bin/s6-sudo");
    command.args(["-t", "60000", "-T", "60000"]).arg(scratch.path("broker/registrar")).args(["register", "coder"]);
    for (name, value) in [
        ("LD_PRELOAD", "/nowhere/theirs.so"),
        ("HERMES_GATEWAY_LOG_FILES", "7"),
        ("HERMES_S6GEN_PROGRAM", "/nowhere/program"),
        ("HERMES_USER", "root"),
        ("HERMES_HOME", "/nowhere"),
        ("HERMES_GATEWAY_CAP_DEATHS", "9"),
    ] {
        command.env(name, value);
    }
    Answer::of(&mut command).ok();
    let slot = scratch.slot("coder");
    let text = ["run", "finish", "log/run"].map(|name| fs::read_to_string(slot.join(name)).unwrap()).concat();
    assert!(text.contains("s6-setuidgid daemon") && text.contains(" n10 "), "{text}");
    assert!(!text.contains("nowhere") && !text.contains("s6-permafailon"), "{text}");
}

#[test]
fn a_profile_swapped_meanwhile_leads_nowhere() {
    let Some(root) = Identity::root("a_profile_swapped_meanwhile_leads_nowhere") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    as_run_user(&scratch, &["register", "coder", "--down"]).ok();
    let expected = fs::read(scratch.slot("coder").join("run")).unwrap();
    as_run_user(&scratch, &["unregister", "coder"]).ok();
    // Root's own profile, which the run user cannot even read.
    let victim = scratch.path("victim");
    fs::create_dir(&victim).unwrap();
    fs::write(victim.join("SOUL.md"), "").unwrap();
    fs::set_permissions(&victim, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let (place, trap) = (scratch.profile_path("coder"), scratch.path("home/trap"));
    std::os::unix::fs::symlink(&victim, &trap).unwrap();
    let (done, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            while !done.load(Ordering::Relaxed) || count.load(Ordering::Relaxed) < 1000 {
                renameat_with(CWD, &place, CWD, &trap, RenameFlags::EXCHANGE).unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let _done = SetAtEnd(&done);
        for _ in 0..30 {
            let answer = smuggle(&scratch, &[b"register", b"coder"]);
            assert!([0, 1].contains(&answer.code), "{answer:?}");
            if answer.code == 0 {
                assert_eq!(fs::read(scratch.slot("coder").join("run")).unwrap(), expected);
                assert_eq!(smuggle(&scratch, &[b"unregister", b"coder"]).code, 0);
            }
        }
    });
    assert_eq!(fs::read_dir(&victim).unwrap().count(), 1);
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn others_are_not_let_in() {
    let Some(root) = Identity::root("others_are_not_let_in") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let request = scratch.command(&["register", "coder"]);
    let mut command = Command::new("setpriv");
    command.args(nobody).arg(request.get_program()).args(request.get_args());
    Answer::of(&mut command).fails(2, "does not serve this user");
    // A group of the run user's is not the run user.
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=1", "--clear-groups"]).arg(request.get_program()).args(request.get_args());
    assert_eq!(Answer::of(&mut command).code, 2);
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn no_broker_is_said_plainly() {
    let Some(root) = Identity::root("no_broker_is_said_plainly") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    for args in [&["register", "coder"][..], &["profile", "created", "coder"], &["gateway", "start", "-p", "coder"]] {
        let answer = as_run_user(&scratch, args).fails(2, "there is no registrar at");
        assert!(answer.err.contains("try: do it as root"), "{answer:?}");
    }
    // A socket that nobody serves any more.
    fs::create_dir(scratch.path("broker")).unwrap();
    let socket = scratch.path("broker/registrar");
    drop(UnixListener::bind(&socket).unwrap());
    await_silence(&socket);
    as_run_user(&scratch, &["register", "coder"]).fails(2, "does not serve this user");
}

#[test]
fn many_at_once_are_served() {
    let Some(root) = Identity::root("many_at_once_are_served") else { return };
    let scratch = Scratch::new(root);
    let names: Vec<_> = (0..40).map(|number| format!("p{number:02}")).collect();
    scratch.profiles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let _broker = Broker::start(&scratch);
    let spawn = |name: &String| {
        let mut command = scratch.command_as(Identity::Ordinary, &["register", name, "--down", "--timeout", "120"]);
        command.stdout(Stdio::null()).spawn().unwrap()
    };
    let registrations: Vec<_> = names.iter().map(spawn).collect();
    for mut registration in registrations {
        assert!(registration.wait().unwrap().success());
    }
    assert_eq!(scratch.run(&["list"]).ok().out.lines().collect::<Vec<_>>(), names);
    as_run_user(&scratch, &["gateway", "start", "--all"]).ok();
}

#[test]
fn one_who_never_reads_or_writes_holds_up_nobody() {
    let Some(root) = Identity::root("one_who_never_reads_or_writes_holds_up_nobody") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _broker = Broker::start(&scratch);
    let silent: Vec<_> = (0..4).map(|_| UnixStream::connect(scratch.path("broker/registrar")).unwrap()).collect();
    // A full pipe for the answer, and nobody who empties it.
    let (reader, mut writer) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    while std::io::Write::write(&mut writer, &[0; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&writer, false).unwrap();
    let mut command = Identity::Ordinary.command("/usr/bin/s6-sudo");
    command.arg(scratch.path("broker/registrar")).args(["register", "typo"]);
    let mut stuck = command.stdout(writer).spawn().unwrap();
    as_run_user(&scratch, &["register", "coder", "--down"]).ok();
    as_run_user(&scratch, &["unregister", "coder"]).ok();
    stuck.kill().unwrap();
    stuck.wait().unwrap();
    drop((reader, silent));
}
