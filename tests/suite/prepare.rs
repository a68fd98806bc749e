//! `prepare-home`: the volume becomes the run user's, and nothing else does.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::support::{Answer, Identity, Scratch, SetAtEnd};

const PREPARED: [&str; 4] = ["home", "home/logs", "home/logs/gateways", "home/profiles"];

fn owner(path: &Path) -> (u32, u32) {
    let found = path.symlink_metadata().unwrap();
    (found.uid(), found.gid())
}

fn give_to_root(path: &Path) {
    Answer::of(Command::new("chown").args(["-hR", "0:0"]).arg(path)).ok();
}

/// The program under test where /etc is a copy with the user `hermes` 10000:10000 in it.
fn with_own_etc(scratch: &Scratch, environment: &[(&str, &str)], after: &str) -> Answer {
    let etc = scratch.path("etc");
    let command = scratch.command(&["--user", "hermes", "prepare-home"]);
    let script = format!(
        "set -e\nmkdir -p \"$0\"\nmount -t tmpfs -o mode=755 tmpfs \"$0\"\ncp -a /etc/. \"$0\"\nmount --bind \"$0\" /etc\n\
         echo hermes:x:10000: >>/etc/group\necho hermes:x:10000:10000::{}:/bin/sh >>/etc/passwd\n\
         set +e\n\"$@\"\ncode=$?\ngetent passwd hermes\n{after}\nexit $code\n",
        scratch.path("home").display()
    );
    let mut unshare = Command::new("unshare");
    // usermod looks at all processes that it can see, and changes no id that one of them has.
    unshare.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", &script]).arg(&etc);
    unshare.arg(command.get_program()).args(without_user(&command)).envs(environment.iter().copied());
    Answer::of(&mut unshare)
}

/// The arguments without the first `--user`, which is the scratch tree's.
fn without_user(command: &Command) -> Vec<&std::ffi::OsStr> {
    let args: Vec<_> = command.get_args().collect();
    let at = args.iter().position(|arg| *arg == "--user").unwrap();
    [&args[..at], &args[at + 2..]].concat()
}

#[test]
fn an_empty_home_is_made_ready() {
    for who in Identity::everybody("an_empty_home_is_made_ready") {
        let scratch = Scratch::new(who);
        let (_, runner) = who.uids();
        fs::remove_dir_all(scratch.path("home")).unwrap();
        fs::create_dir(scratch.path("home")).unwrap();
        if who == Identity::Ordinary {
            chown(scratch.path("home"), Some(runner), Some(runner)).unwrap();
        }
        scratch.run(&["prepare-home"]).ok();
        for path in PREPARED {
            assert_eq!(owner(&scratch.path(path)).0, runner, "{path}");
            assert_eq!(fs::metadata(scratch.path(path)).unwrap().mode() & 0o7777, 0o755, "{path}");
        }
        assert_eq!(scratch.run(&["prepare-home"]).ok().out, "", "nothing is left to do");
    }
}

#[test]
fn a_missing_home_is_made() {
    let Some(root) = Identity::root("a_missing_home_is_made") else { return };
    let scratch = Scratch::new(root);
    let home = scratch.path("record/volume/data");
    scratch.run_at("--home", home.to_str().unwrap(), &["prepare-home"]).ok();
    assert_eq!(owner(&home).0, 1);
    assert_eq!(owner(&scratch.path("record/volume")).0, 0);
    assert_eq!(owner(&home.join("logs/gateways")).0, 1);
}

#[test]
fn what_is_needed_is_given_and_nothing_else() {
    let Some(root) = Identity::root("what_is_needed_is_given_and_nothing_else") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder", "writer"]);
    for directory in ["logs/gateways/coder", "workspace/deep", "profiles/coder/workspace"] {
        fs::create_dir_all(scratch.path("home").join(directory)).unwrap();
    }
    let state = ["gateway_state.json", "profiles/coder/gateway_state.json", "logs/container-boot.log"];
    for file in state.iter().chain(&["profiles/stray", "profiles/coder/.env"]) {
        fs::write(scratch.path("home").join(file), "{}\n").unwrap();
    }
    fs::set_permissions(scratch.path("home/profiles/writer"), Permissions::from_mode(0o700)).unwrap();
    give_to_root(&scratch.path("home"));
    let answer = scratch.run(&["prepare-home"]).ok();
    let home = scratch.path("home").display().to_string();
    let given: Vec<_> = answer.out.lines().map(|line| line.replace(&home, "~").replace(" to daemon", "")).collect();
    let expected = [
        "gave ~",
        "gave ~/gateway_state.json",
        "gave ~/logs",
        "gave ~/logs/gateways",
        "gave ~/logs/container-boot.log",
        "gave ~/profiles",
        "gave ~/profiles/coder",
        "gave ~/profiles/coder/gateway_state.json",
        "gave ~/profiles/writer",
    ];
    assert_eq!(given, expected);
    for file in state {
        assert_eq!(owner(&scratch.path("home").join(file)), (1, 1), "{file}");
    }
    for other in [
        "workspace",
        "workspace/deep",
        "profiles/coder/workspace",
        "profiles/coder/.env",
        "profiles/coder/SOUL.md",
        "profiles/stray",
        "SOUL.md",
    ] {
        assert_eq!(owner(&scratch.path("home").join(other)), (0, 0), "{other}");
    }
    // What was not made here keeps its mode.
    assert_eq!(fs::metadata(scratch.path("home/profiles/writer")).unwrap().mode() & 0o7777, 0o700);
}

#[test]
fn a_clusters_group_is_left_alone() {
    let Some(root) = Identity::root("a_clusters_group_is_left_alone") else { return };
    let scratch = Scratch::new(root);
    chown(scratch.path("home"), Some(1), Some(2000)).unwrap();
    scratch.run(&["prepare-home"]).ok();
    assert_eq!(owner(&scratch.path("home")), (1, 2000));
}

#[test]
fn links_and_other_traps_are_told_and_left() {
    let Some(root) = Identity::root("links_and_other_traps_are_told_and_left") else { return };
    let names =
        ["logs", "profiles", "logs/gateways", "profiles/coder", "logs/container-boot.log", "gateway_state.json"];
    for trap in ["link to a directory", "link to a file", "dangling link", "second name", "fifo"] {
        for name in names {
            let scratch = Scratch::new(root);
            scratch.profiles(&["writer"]);
            let victim = scratch.path("victim");
            fs::create_dir_all(victim.join("gateways")).unwrap();
            fs::write(victim.join("file"), "").unwrap();
            fs::create_dir_all(scratch.path("home/logs")).unwrap();
            let path = scratch.path("home").join(name);
            let _ = fs::remove_dir_all(&path);
            match trap {
                "link to a directory" => symlink(&victim, &path).unwrap(),
                "link to a file" => symlink(victim.join("file"), &path).unwrap(),
                "dangling link" => symlink(victim.join("none"), &path).unwrap(),
                "second name" => fs::hard_link(victim.join("file"), &path).unwrap(),
                _ => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            }
            let answer = scratch.run(&["prepare-home"]);
            // A stray file beside the profiles is nobody's business.
            let told = answer.code == 1 && answer.err.contains(path.to_str().unwrap());
            assert!(told, "{trap} as {name}: {answer:?}");
            for untouched in ["", "gateways", "file"] {
                assert_eq!(owner(&victim.join(untouched)), (0, 0), "{trap} as {name}");
            }
            assert!(!victim.join("none").exists());
            assert_eq!(owner(&path).0, 0, "{trap} as {name}");
            // The others have what they need.
            assert_eq!(owner(&scratch.path("home")).0, 1);
        }
    }
}

#[test]
fn a_home_that_is_a_link_is_refused() {
    let Some(root) = Identity::root("a_home_that_is_a_link_is_refused") else { return };
    let scratch = Scratch::new(root);
    let victim = scratch.path("victim");
    fs::create_dir_all(victim.join("below")).unwrap();
    symlink(&victim, scratch.path("home/link")).unwrap();
    for home in ["home/link", "home/link/below", "home/link/new"] {
        let home = scratch.path(home);
        scratch.run_at("--home", home.to_str().unwrap(), &["prepare-home"]).fails(2, "is a symbolic link");
    }
    assert_eq!(owner(&victim), (0, 0));
    assert_eq!(fs::read_dir(&victim).unwrap().count(), 1);
    assert_eq!(owner(&victim.join("below")), (0, 0));
}

#[test]
fn swapped_while_it_works_nothing_of_roots_is_given_away() {
    let Some(root) = Identity::root("swapped_while_it_works_nothing_of_roots_is_given_away") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let victim = scratch.path("victim");
    for directory in ["logs/gateways", "gateways", "profiles/coder", "coder"] {
        fs::create_dir_all(victim.join(directory)).unwrap();
    }
    for file in ["gateway_state.json", "container-boot.log", "profiles/coder/gateway_state.json"] {
        fs::write(victim.join(file), "").unwrap();
    }
    let home = scratch.path("home");
    fs::create_dir_all(home.join("logs/gateways")).unwrap();
    // Each place and, beside it, a link to root's own of that name.
    let file = victim.join("container-boot.log");
    let swaps = [
        ("home", &victim),
        ("home/logs", &victim),
        ("home/logs/gateways", &victim),
        ("home/profiles", &victim),
        ("home/profiles/coder", &victim),
        ("home/gateway_state.json", &file),
        ("home/logs/container-boot.log", &file),
    ];
    for (name, target) in swaps {
        let place = scratch.path(name);
        if !place.exists() {
            fs::write(&place, "").unwrap();
        }
        let held = fs::File::open(&place).unwrap();
        let link = scratch.path("trap");
        let _ = fs::remove_file(&link);
        symlink(target, &link).unwrap();
        let (done, count) = (AtomicBool::new(false), AtomicUsize::new(0));
        let mut runs = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) || count.load(Ordering::Relaxed) % 2 == 1 {
                    renameat_with(CWD, &place, CWD, &link, RenameFlags::EXCHANGE).unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
            let _done = SetAtEnd(&done);
            while runs < 60 || count.load(Ordering::Relaxed) < 1000 {
                let answer = scratch.run(&["prepare-home"]);
                assert!([0, 1, 2].contains(&answer.code) && !answer.err.contains("panicked"), "{answer:?}");
                // Something to do for the next run.
                std::os::unix::fs::fchown(&held, Some(0), Some(0)).unwrap();
                runs += 1;
            }
        });
        for entry in walkdir::WalkDir::new(&victim) {
            let path = entry.unwrap().into_path();
            assert_eq!(owner(&path), (0, 0), "{name}: {}", path.display());
        }
        assert!(place.symlink_metadata().unwrap().file_type().is_symlink() == (count.into_inner() % 2 == 1));
    }
}

#[test]
fn where_chown_is_refused_access_decides() {
    let Some(root) = Identity::root("where_chown_is_refused_access_decides") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    fs::create_dir_all(scratch.path("home/logs/gateways")).unwrap();
    give_to_root(&scratch.path("home"));
    Answer::of(Command::new("chmod").args(["-R", "a+rwX"]).arg(scratch.path("home"))).ok();
    let command = scratch.command(&["prepare-home"]);
    let without_chown = || {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--bounding-set=-chown", "--inh-caps=-chown"]);
        Answer::of(setpriv.arg(command.get_program()).args(command.get_args()))
    };
    let answer = without_chown().ok();
    assert!(answer.err.contains("and 4 more: not allowed here; daemon can use it"), "{answer:?}");
    fs::set_permissions(scratch.path("home/logs"), Permissions::from_mode(0o755)).unwrap();
    let answer = without_chown();
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("/home/logs: Operation not permitted"), "{answer:?}");
    assert!(answer.err.contains("the run user cannot use it: Permission denied"), "{answer:?}");
    assert!(answer.err.contains("try: chown 1:1"), "{answer:?}");
}

#[test]
fn a_home_that_cannot_be_reached_is_named() {
    let Some(root) = Identity::root("a_home_that_cannot_be_reached_is_named") else { return };
    let scratch = Scratch::new(root);
    fs::create_dir_all(scratch.path("closed/home")).unwrap();
    fs::set_permissions(scratch.path("closed"), Permissions::from_mode(0o700)).unwrap();
    let home = scratch.path("closed/home");
    let answer = scratch.run_at("--home", home.to_str().unwrap(), &["prepare-home"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains(&format!("pass {}: the run user may not", scratch.path("closed").display())));
}

#[test]
fn work_does_not_grow_with_what_profiles_hold() {
    let Some(root) = Identity::root("work_does_not_grow_with_what_profiles_hold") else { return };
    let calls = |files: usize, profiles: usize| {
        let scratch = Scratch::new(root);
        for profile in 0..profiles {
            scratch.profiles(&[&format!("p{profile}")]);
        }
        fs::create_dir_all(scratch.path("home/profiles/p0/workspace")).unwrap();
        for file in 0..files {
            fs::write(scratch.path(&format!("home/profiles/p0/workspace/{file}")), "").unwrap();
        }
        scratch.run(&["prepare-home"]).ok();
        let command = scratch.command(&["prepare-home"]);
        let trace = scratch.path("trace");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o"]).arg(&trace).arg(command.get_program()).args(command.get_args());
        Answer::of(&mut strace).ok();
        fs::read_to_string(trace).unwrap().lines().count()
    };
    let base = calls(0, 2);
    assert!(calls(3000, 2).abs_diff(base) < 10);
    let (ten, fifty) = (calls(0, 10), calls(0, 50));
    assert!(fifty - ten < 40 * 10, "{ten} and {fifty} calls");
}

#[test]
fn ids_follow_the_environment_and_take_nothing_else_along() {
    let Some(root) = Identity::root("ids_follow_the_environment_and_take_nothing_else_along") else { return };
    for (environment, expected) in [
        (&[("PUID", "1234"), ("PGID", "2345")][..], (1234, 2345)),
        (&[("HERMES_UID", "1234"), ("PUID", "99"), ("HERMES_GID", ""), ("PGID", "")], (1234, 10000)),
        (&[("PGID", "2345")], (10000, 2345)),
        // Ids that somebody has already; usermod wants no process of theirs, though.
        (&[("PUID", "13"), ("PGID", "13")], (13, 13)),
    ] {
        let scratch = Scratch::new(root);
        scratch.profiles(&["coder"]);
        fs::create_dir_all(scratch.path("home/workspace")).unwrap();
        fs::write(scratch.path("home/workspace/file"), "").unwrap();
        Answer::of(Command::new("chown").args(["-hR", "10000:10000"]).arg(scratch.path("home"))).ok();
        let answer = with_own_etc(&scratch, environment, "").ok();
        let home = scratch.path("home").display().to_string();
        let line = format!("hermes:x:{}:{}::{home}:/bin/sh\n", expected.0, expected.1);
        assert!(answer.out.ends_with(&line), "{environment:?}: {answer:?}");
        for path in ["home", "home/logs/gateways", "home/profiles/coder"] {
            assert_eq!(owner(&scratch.path(path)), expected, "{environment:?}: {path}");
        }
        for path in ["home/workspace", "home/workspace/file", "home/SOUL.md"] {
            assert_eq!(owner(&scratch.path(path)), (10000, 10000), "{environment:?}: {path}");
        }
    }
}

#[test]
fn ids_that_make_no_sense_are_told_and_ignored() {
    let Some(root) = Identity::root("ids_that_make_no_sense_are_told_and_ignored") else { return };
    for bad in ["0", "root", "70000", "-1"] {
        let scratch = Scratch::new(root);
        let answer = with_own_etc(&scratch, &[("PUID", bad)], "");
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(answer.err.contains(&format!("use PUID={bad}: is not a number from 1 to 65534")), "{answer:?}");
        assert!(answer.out.contains("hermes:x:10000:10000:"), "{answer:?}");
        assert_eq!(owner(&scratch.path("home/logs")), (10000, 10000));
    }
}

#[test]
fn a_passwd_file_that_cannot_be_written_is_told() {
    let Some(root) = Identity::root("a_passwd_file_that_cannot_be_written_is_told") else { return };
    let scratch = Scratch::new(root);
    let command = scratch.command(&["prepare-home"]);
    let script = "mount --bind /etc /etc && mount -o remount,ro,bind /etc || exit 99\nexec \"$@\"";
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]);
    unshare.arg(command.get_program()).args(command.get_args()).env("PUID", "1234");
    let answer = Answer::of(&mut unshare).fails(2, "run usermod: ");
    assert!(answer.err.contains("try: let /etc be written at boot"), "{answer:?}");
}

#[test]
fn an_ordinary_user_is_told_that_ids_stay() {
    let scratch = Scratch::new(Identity::Ordinary);
    let answer = Answer::of(scratch.command(&["prepare-home"]).args(["--puid", "1234"]));
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("this container does not run as root"), "{answer:?}");
    assert!(scratch.path("home/logs/gateways").is_dir());
}
