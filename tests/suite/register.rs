//! `register` on a live scan directory.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::support::{Answer, Identity, Scratch, Svscan, processes_in, wait_until};

/// Relative path to kind, mode and owner of everything in `slot` but what s6-supervise writes.
fn shape(slot: &Path) -> BTreeMap<String, String> {
    let mut shape = BTreeMap::new();
    if !slot.exists() {
        return shape;
    }
    for entry in walkdir::WalkDir::new(slot).min_depth(1) {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(slot).unwrap().to_str().unwrap().to_owned();
        if ["lock", "status", "status.new", "death_tally"].iter().any(|own| path.ends_with(&format!("supervise/{own}")))
        {
            continue;
        }
        let found = entry.metadata().unwrap();
        let kind = if found.file_type().is_fifo() {
            "fifo"
        } else if found.is_dir() {
            "directory"
        } else {
            "file"
        };
        shape.insert(path, format!("{kind} {:04o} {}:{}", found.mode() & 0o7777, found.uid(), found.gid()));
    }
    shape
}

#[test]
fn a_registered_gateway_runs_as_the_run_user() {
    for who in Identity::everybody("a_registered_gateway_runs_as_the_run_user") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder"]);
        let _svscan = scratch.svscan();
        assert_eq!(scratch.run(&["register", "coder"]).ok().out, "registered coder\n");
        assert_eq!(scratch.run(&["register", "default"]).ok().out, "registered default\n");
        wait_until("both gateways start", || scratch.starts("coder") == 1 && scratch.starts("default") == 1);
        assert_eq!(scratch.recorded("coder", "argv"), b"-p\ncoder\ngateway\nrun\n--replace\n");
        assert_eq!(scratch.recorded("default", "argv"), b"gateway\nrun\n--replace\n");
        let id = String::from_utf8(scratch.recorded("coder", "id")).unwrap();
        assert!(id.starts_with(&format!("uid={}(", who.uids().1)), "{id}");
        assert_eq!(scratch.run(&["list"]).ok().out, "coder\ndefault\n");
        let log = scratch.path("home/logs/gateways/coder/current");
        wait_until("the logger has a file", || log.exists());
        assert_eq!(fs::metadata(log).unwrap().uid(), who.uids().1);
    }
}

#[test]
fn a_gateway_registered_down_stays_down() {
    for who in Identity::everybody("a_gateway_registered_down_stays_down") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder"]);
        let _svscan = scratch.svscan();
        scratch.run(&["register", "coder", "--down"]).ok();
        let up = scratch.s6("s6-svstat", &["-o", "up,wantedup,normallyup"], "coder").ok().out;
        assert_eq!(up, "false false false\n");
        assert_eq!(scratch.starts("coder"), 0);
    }
}

#[test]
fn svc_right_after_register_is_heard_200_times() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    for _ in 0..200 {
        scratch.run(&["register", "coder", "--down"]).ok();
        scratch.s6("s6-svc", &["-u"], "coder").ok();
        scratch.s6("s6-svstat", &[], "coder").ok();
        scratch.run(&["unregister", "coder", "--grace", "0"]).ok();
    }
}

#[test]
fn of_fifty_at_once_one_registers() {
    for who in Identity::everybody("of_fifty_at_once_one_registers") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder"]);
        let svscan = scratch.svscan();
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let run = || Answer::of(&mut scratch.command(&["register", "coder"]));
            let threads: Vec<_> = (0..50).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.code == 0);
        assert_eq!(done.len(), 1);
        for answer in refused {
            answer.fails(2, "is already registered");
        }
        assert_whole(&scratch, &svscan, &["coder".to_owned()]);
    }
}

#[test]
fn fifty_different_ones_at_once_all_register() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names: Vec<String> = (0..50).map(|n| format!("p{n:02}")).collect();
    scratch.profiles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let svscan = scratch.svscan();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| scratch.run(&["register", name, "--timeout", "120"]).ok());
        }
    });
    assert_whole(&scratch, &svscan, &names);
}

/// Every one of `names` has a whole slot with two supervisors, and there is nothing else.
#[track_caller]
fn assert_whole(scratch: &Scratch, _svscan: &Svscan, names: &[String]) {
    assert_eq!(scratch.run(&["list"]).ok().out.lines().collect::<Vec<_>>(), names);
    let whole = shape(&scratch.slot(&names[0]));
    for name in names {
        assert_eq!(shape(&scratch.slot(name)), whole, "{name}");
        scratch.s6("s6-svok", &[], name).ok();
    }
    // A service that is about to be started is a second s6-supervise until it becomes its program.
    wait_until("each has its two supervisors", || {
        let lines = processes_in(&scratch.path("scan")).into_iter().map(|(_, line)| line);
        lines.filter(|line| line.contains("s6-supervise")).count() == 2 * names.len()
    });
    assert_eq!(back_room(scratch), ["lock"]);
}

fn back_room(scratch: &Scratch) -> Vec<String> {
    let entries = fs::read_dir(scratch.path("scan/.hermes-s6gen")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn no_umask_changes_a_mode() {
    let mut shapes = Vec::new();
    for umask in ["000", "022", "077", "177"] {
        let scratch = Scratch::new(Identity::Ordinary);
        scratch.profiles(&["coder"]);
        let _svscan = scratch.svscan();
        let command = scratch.command(&["register", "coder", "--down", "--env", "A=1"]);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"]);
        shell.arg(command.get_program()).args(command.get_args());
        Answer::of(&mut shell).ok();
        shapes.push(shape(&scratch.slot("coder")));
    }
    assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{shapes:#?}");
    let modes = |path: &str| shapes[0][path].split(' ').nth(1).unwrap().to_owned();
    for (path, mode) in [
        ("run", "0755"),
        ("finish", "0755"),
        ("log/run", "0755"),
        ("type", "0644"),
        ("log/type", "0644"),
        ("down", "0644"),
        ("data", "0755"),
        ("data/manifest.json", "0644"),
        ("env", "0750"),
        ("env/A", "0640"),
        ("event", "3730"),
        ("supervise", "0711"),
        ("supervise/control", "0620"),
        ("supervise/event", "3730"),
        ("log/supervise", "0711"),
    ] {
        assert_eq!(modes(path), mode, "{path}");
    }
}

#[test]
fn rescans_meanwhile_never_see_half_a_slot() {
    let scratch = Scratch::new(Identity::Ordinary);
    let names: Vec<String> = (0..400).map(|n| format!("p{n:03}")).collect();
    scratch.profiles(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let svscan = Svscan::start(&scratch, &["-c", "500"]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let scan = scratch.path("scan");
                Answer::of(Identity::Ordinary.command("s6-svscanctl").arg("-a").arg(scan)).ok();
            }
        });
        for name in &names {
            let answer = scratch.run(&["register", name, "--down"]);
            done.fetch_or(answer.code != 0, Ordering::Relaxed);
            answer.ok();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_whole(&scratch, &svscan, &names);
    let log = fs::read_to_string(scratch.path("svscan.log")).unwrap();
    assert!(!log.contains("s6-svscan:") && !log.contains("s6-supervise:"), "{log}");
}

#[test]
fn one_more_than_fits_is_refused_and_the_others_go_on() {
    // Four slots with loggers: eight services to an s6-svscan since 2.12, four to one before.
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["a", "b", "c", "d", "e"]);
    let _svscan = Svscan::start(&scratch, &["-c", "4"]);
    for name in ["a", "b", "c", "d"] {
        scratch.run(&["register", name]).ok();
    }
    scratch.run(&["register", "e"]).fails(2, "s6-svscan takes no more services");
    assert_eq!(scratch.run(&["list"]).ok().out, "a\nb\nc\nd\n");
    scratch.run(&["unregister", "b", "--grace", "0"]).ok();
    scratch.run(&["register", "e"]).ok();
    scratch.s6("s6-svok", &[], "e").ok();
}

/// Waits until s6-svscan has closed its scan directory: while it reads it, that is one descriptor more.
fn await_scan(scratch: &Scratch, svscan: &Svscan) {
    let scan = fs::canonicalize(scratch.path("scan")).unwrap();
    let descriptors = format!("/proc/{}/fd", svscan.pid());
    wait_until("no scan is under way", || {
        let mut entries = fs::read_dir(&descriptors).unwrap().flatten();
        !entries.any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == scan))
    });
}

#[test]
fn no_slot_takes_the_last_descriptor_of_svscan() {
    let names: Vec<String> = (0..20).map(|n| format!("p{n:02}")).collect();
    // A logged service takes two, so both an even and an odd number are to be left.
    for limit in [32, 33] {
        let scratch = Scratch::new(Identity::Ordinary);
        scratch.profiles(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let svscan = Svscan::under(&scratch, &["/usr/bin/s6-softlimit", "-o", &limit.to_string()], &[]);
        let register = |name: &String| {
            await_scan(&scratch, &svscan);
            scratch.run(&["register", name, "--down"])
        };
        let answers: Vec<_> = names.iter().map(register).collect();
        let registered = answers.iter().take_while(|answer| answer.code == 0).count();
        assert!((2..20).contains(&registered), "{registered}");
        for answer in answers.into_iter().skip(registered) {
            answer.fails(2, "s6-svscan takes no more services");
        }
        for name in &names[..registered] {
            scratch.s6("s6-svok", &[], name).ok();
        }
        await_scan(&scratch, &svscan);
        // For its scans, and for services that are not gateways.
        let open = fs::read_dir(format!("/proc/{}/fd", svscan.pid())).unwrap().count();
        assert!((8..10).contains(&(limit - open)), "{open} of {limit} are open");
        scratch.run(&["unregister", &names[0]]).ok();
        register(&names[0]).ok();
        let said = fs::read_to_string(scratch.path("svscan.log")).unwrap();
        assert!(!said.contains("s6-svscan: "), "{said}");
    }
}

#[test]
fn killed_at_any_moment_it_leaves_no_slot_or_a_whole_one() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "whole"]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "whole", "--down"]).ok();
    let whole = shape(&scratch.slot("whole"));
    let began = Instant::now();
    scratch.run(&["register", "coder", "--down"]).ok();
    let mut span = began.elapsed();
    scratch.run(&["unregister", "coder"]).ok();
    let (mut published, mut missing) = (0, 0);
    for step in 0..600 {
        if step >= 120 && published >= 5 && missing >= 5 {
            break;
        }
        let mut child = scratch.command(&["register", "coder", "--down"]).stdout(Stdio::piped()).spawn().unwrap();
        // All moments of two spans, early and late ones in turn.
        let delay = span * (step * 37 % 80) / 40;
        let moment = Instant::now() + delay;
        while Instant::now() < moment {}
        child.kill().unwrap();
        let finished = !child.wait_with_output().unwrap().stdout.is_empty();

        let mut found = shape(&scratch.slot("coder"));
        found.remove("data/registering");
        // How long a registration takes changes with whatever else runs. In balance, two of three moments come after the
        // slot is published: much happens then as well.
        if found.is_empty() {
            missing += 1;
            span = span * 9 / 8;
        } else {
            published += 1;
            assert_eq!(found, whole, "killed after {delay:?}");
            span = span * 15 / 16;
        }
        let again = scratch.run(&["register", "coder", "--down"]);
        if finished && again.code == 2 {
            again.fails(2, "is already registered");
        } else if again.code != 0 {
            // It was all done but for saying so.
            let again = again.fails(2, "is already registered");
            assert!(scratch.s6("s6-svok", &[], "coder").code == 0, "{again:?}");
        }
        assert_eq!(shape(&scratch.slot("coder")), whole);
        assert_eq!(back_room(&scratch), ["lock"]);
        scratch.run(&["unregister", "coder"]).ok();
    }
    assert!(published >= 5 && missing >= 5, "the moments were not spread: {published} and {missing}");
}
