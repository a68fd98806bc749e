//! What a volume or a machine can do to a boot. In each case the others get their slots, and the trouble is named.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::{Command, Stdio};

use super::{actions, profile, reconcile};
use crate::support::{Answer, Identity, Scratch, wait_until};

fn make_fifo(path: &std::path::Path) {
    Answer::of(Command::new("mkfifo").arg("-m").arg("666").arg(path)).ok();
}

#[test]
fn odd_directories_cost_nobody_a_slot() {
    for who in Identity::everybody("odd_directories_cost_nobody_a_slot") {
        let scratch = Scratch::new(who);
        for name in ["alpha", "zeta"] {
            profile(&scratch, name, r#"{"desired_state":"running"}"#);
        }
        let odd = ["Work", "a.b", "-x", "default", "new\nline", "name-that-is-quite-fine"];
        scratch.profiles(&odd[..5]);
        for (name, make) in [("souldir", 0), ("soullink", 1), ("soulfifo", 2), ("closed", 3), ("plain", 4)] {
            let directory = scratch.path("home/profiles").join(name);
            fs::create_dir(&directory).unwrap();
            match make {
                0 => fs::create_dir(directory.join("SOUL.md")).unwrap(),
                1 => symlink("/etc/passwd", directory.join("SOUL.md")).unwrap(),
                2 => make_fifo(&directory.join("SOUL.md")),
                3 => {
                    fs::write(directory.join("SOUL.md"), "").unwrap();
                    let mode = fs::Permissions::from_mode(0o000);
                    chown(&directory, Some(who.uids().1), None).unwrap();
                    fs::set_permissions(&directory, mode).unwrap();
                }
                _ => {}
            }
        }
        symlink(scratch.path("home/profiles/alpha"), scratch.path("home/profiles/linked")).unwrap();
        fs::write(scratch.path("home/profiles/file"), "").unwrap();
        let _svscan = scratch.svscan();
        let answer = reconcile(&scratch, &[]);
        assert_eq!(answer.code, 1, "{answer:?}");
        let told = actions(&answer);
        assert_eq!(told.keys().collect::<Vec<_>>(), ["alpha", "default", "zeta"], "{answer:?}");
        for name in
            ["Work", "a.b", "-x", "default", "new\\nline", "souldir", "soullink", "soulfifo", "closed", "linked"]
        {
            assert!(answer.err.contains(&format!("profiles/{name}")), "{name} is not in {answer:?}");
        }
        for name in ["plain", "file"] {
            assert!(!answer.err.contains(&format!("profiles/{name}")), "{name} is in {answer:?}");
        }
        wait_until("the others start", || scratch.starts("alpha") == 1 && scratch.starts("zeta") == 1);
        assert_eq!(fs::read_to_string(scratch.path("home/logs/container-boot.log")).unwrap().lines().count(), 3);
    }
}

#[test]
fn odd_state_files_cost_nobody_a_slot() {
    let scratch = Scratch::new(Identity::Ordinary);
    let odd: [(&str, &[u8], bool); 10] = [
        ("list", b"[]", true),
        ("null", b"null", true),
        ("void", b"", true),
        ("cut", b"{\"desired_state\": \"run", true),
        ("latin", b"{\"desired_state\": \"running\xff\"}", true),
        ("states", b"{\"desired_state\": [\"running\"]}", true),
        ("number", b"{\"gateway_state\": 1}", true),
        ("spaced", b"{\"desired_state\": \" running\"}", false),
        ("upper", b"{\"desired_state\": \"RUNNING\"}", false),
        ("evil", b"{\"desired_state\": \"x\\naction=started profile=default\"}", false),
    ];
    for (name, bytes, _) in &odd {
        scratch.profiles(&[name]);
        scratch.write(&format!("home/profiles/{name}/gateway_state.json"), bytes);
    }
    let state = |name: &str| {
        scratch.profiles(&[name]);
        scratch.profile_path(name).join("gateway_state.json")
    };
    fs::write(state("deep"), "[".repeat(200_000)).unwrap();
    let big = fs::File::create(state("big")).unwrap();
    big.set_len(100 * 1024 * 1024).unwrap();
    make_fifo(&state("fifo"));
    fs::create_dir(state("dir")).unwrap();
    symlink("/etc/passwd", state("link")).unwrap();
    fs::write(state("closed"), r#"{"desired_state":"running"}"#).unwrap();
    chown(scratch.profile_path("closed").join("gateway_state.json"), Some(0), Some(0)).unwrap_or_default();
    fs::set_permissions(state("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    profile(&scratch, "zeta", r#"{"desired_state":"running"}"#);
    let _svscan = scratch.svscan();
    let answer = reconcile(&scratch, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    let told = actions(&answer);
    assert_eq!(told.len(), odd.len() + 8, "{told:?}");
    for (name, action) in &told {
        assert_eq!(action, if name == "zeta" { "started" } else { "registered" }, "{name}");
    }
    let named = odd.iter().filter(|(.., named)| *named).map(|(name, ..)| *name);
    for name in named.chain(["deep", "big", "fifo", "dir", "link", "closed"]) {
        assert!(answer.err.contains(&format!("profiles/{name}/gateway_state.json")), "{name} is not in {answer:?}");
    }
    assert_eq!(answer.out.lines().count(), odd.len() + 8);
    assert!(answer.err.len() < 4096, "{answer:?}");
}

#[test]
fn a_boot_log_that_cannot_be_written_is_no_reason_to_fail() {
    let Some(root) = Identity::root("a_boot_log_that_cannot_be_written_is_no_reason_to_fail") else { return };
    let victim = tempfile::NamedTempFile::new().unwrap();
    fs::write(victim.path(), "precious\n").unwrap();
    for (what, words) in [
        ("link", "is a symbolic link"),
        ("directory", "open"),
        ("roots", "ermission denied"),
        ("fifo", "open"),
        ("logs link", "open"),
        ("logs file", "open"),
        ("logs closed", "ermission denied"),
    ] {
        let scratch = Scratch::new(root);
        profile(&scratch, "coder", r#"{"desired_state":"running"}"#);
        let logs = scratch.path("home/logs");
        let log = logs.join("container-boot.log");
        if !what.starts_with("logs") {
            fs::create_dir(&logs).unwrap();
            chown(&logs, Some(1), Some(1)).unwrap();
        }
        match what {
            "link" => symlink(victim.path(), &log).unwrap(),
            "directory" => fs::create_dir(&log).unwrap(),
            "roots" => fs::write(&log, "").unwrap(),
            "fifo" => make_fifo(&log),
            "logs link" => symlink(victim.path().parent().unwrap(), &logs).unwrap(),
            "logs file" => fs::write(&logs, "").unwrap(),
            _ => {
                fs::create_dir(&logs).unwrap();
                fs::set_permissions(&logs, fs::Permissions::from_mode(0o700)).unwrap();
            }
        }
        let _svscan = scratch.svscan();
        let answer = reconcile(&scratch, &[]).ok();
        assert!(answer.err.contains(words) && answer.err.contains("home/logs"), "{what}: {answer:?}");
        assert_eq!(actions(&answer)["coder"], "started", "{what}");
        wait_until("it starts", || scratch.starts("coder") == 1);
        assert_eq!(fs::read_to_string(victim.path()).unwrap(), "precious\n", "{what}");
    }
}

#[test]
fn the_boot_log_rotates_and_is_the_run_users() {
    for who in Identity::everybody("the_boot_log_rotates_and_is_the_run_users") {
        let scratch = Scratch::new(who);
        let _svscan = scratch.svscan();
        reconcile(&scratch, &[]).ok();
        let log = scratch.path("home/logs/container-boot.log");
        let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&log).unwrap());
        assert_eq!(owner, who.uids().1);
        scratch.write("home/logs/container-boot.log", "x".repeat(262_143) + "\n");
        reconcile(&scratch, &[]).ok();
        assert_eq!(fs::metadata(scratch.path("home/logs/container-boot.log.1")).unwrap().len(), 262_144);
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 1);
        // Boots that come together lose no line.
        let boot = |_| {
            let mut command = scratch.command(&["reconcile", "--proc", "/nonexistent"]);
            command.stdout(Stdio::null()).spawn().unwrap()
        };
        let boots: Vec<_> = (0..8).map(boot).collect();
        for mut boot in boots {
            assert!(boot.wait().unwrap().success());
        }
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 9);
    }
}

#[test]
fn homes_that_are_none() {
    let scratch = Scratch::new(Identity::Ordinary);
    let _svscan = scratch.svscan();
    scratch.write("file", "");
    for (home, words) in [("missing", "No such file"), ("file", "Not a directory"), ("closed/home", "ermission denied")]
    {
        fs::create_dir_all(scratch.path("closed/home")).unwrap();
        fs::set_permissions(scratch.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
        let home = scratch.path(home);
        let answer = scratch.run_at("--home", home.to_str().unwrap(), &["reconcile", "--proc", "/nonexistent"]);
        answer.fails(2, words);
    }
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    // A volume that is empty gets its default slot, and a profiles/ that is a link hides only what it hides.
    fs::remove_file(scratch.path("home/SOUL.md")).unwrap();
    fs::remove_dir_all(scratch.path("home/profiles")).unwrap_or_default();
    symlink("/etc", scratch.path("home/profiles")).unwrap();
    let answer = reconcile(&scratch, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.err.contains("home/profiles"), "{answer:?}");
    assert_eq!(actions(&answer)["default"], "registered");
}

/// Runs `reconcile` where /scan is a new tmpfs with `options` and an s6-svscan on it.
fn in_tmpfs(scratch: &Scratch, options: &str) -> Answer {
    let mut line = String::from("mount -t tmpfs -o \"$1\" tmpfs \"$2\" || exit 99\nready=$3; scan=$2; shift 3\n");
    line += "s6-svscan -d 3 \"$scan\" 3>\"$ready\" &\nwhile ! [ -s \"$ready\" ]; do sleep 0.01; done\n";
    line += "\"$@\"; code=$?\nls -A \"$scan\" \"$scan\"/.hermes-s6gen\n";
    line += "for s in \"$scan\"/gateway-*; do s6-svc -wD -T 5000 -d \"$s\"; done; s6-svscanctl -t \"$scan\"; wait; exit $code\n";
    let command = scratch.command(&["reconcile", "--proc", "/nonexistent"]);
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", &line, "sh", options]);
    unshare.arg(scratch.path("scan")).arg(scratch.path("ready"));
    unshare.arg(command.get_program()).args(command.get_args());
    unshare.env("HERMES_S6GEN_PROGRAM", env!("CARGO_BIN_EXE_hermes-s6gen"));
    Answer::of(&mut unshare)
}

#[test]
fn a_run_that_is_noexec_or_full() {
    let Some(root) = Identity::root("a_run_that_is_noexec_or_full") else { return };
    let scratch = Scratch::new(root);
    for number in 0..20 {
        profile(&scratch, &format!("p{number:02}"), r#"{"desired_state":"running"}"#);
    }
    let answer = in_tmpfs(&scratch, "mode=755,noexec");
    assert_eq!(answer.code, 2, "{answer:?}");
    assert!(answer.err.contains("is mounted noexec"), "{answer:?}");
    // However little there is, those that come first have it, and always as many.
    for size in ["100k", "120k", "200k", "400k"] {
        let kept: Vec<_> = (0..4).map(|_| kept_in(root, size)).collect();
        assert!(kept.iter().all(|count| *count == kept[0]), "{size}: {kept:?}");
    }
}

/// Of twenty gateways, those that a tmpfs of that size has room for; they are the first.
fn kept_in(root: Identity, size: &str) -> usize {
    let scratch = Scratch::new(root);
    for number in 0..20 {
        profile(&scratch, &format!("p{number:02}"), r#"{"desired_state":"running"}"#);
    }
    let answer = in_tmpfs(&scratch, &format!("mode=755,size={size}"));
    assert_eq!(answer.code, 1, "{size}: {answer:?}");
    let told = actions(&answer);
    let kept: Vec<_> = told.iter().filter(|(_, action)| *action != "failed").map(|(name, _)| name.clone()).collect();
    let failed = told.len() - kept.len();
    assert!(failed > 0 && !kept.is_empty(), "{size}: {told:?}");
    assert_eq!(kept, (0..kept.len()).map(|number| format!("p{number:02}")).collect::<Vec<_>>(), "{size}");
    assert_eq!(answer.err.matches("No space left on device").count(), failed, "{size}: {answer:?}");
    let slots = answer.out.lines().filter(|line| line.starts_with("gateway-")).count();
    assert_eq!(slots, kept.len(), "{size}: {answer:?}");
    assert!(!answer.out.lines().any(|line| line.starts_with("new-")), "{size}: {answer:?}");
    kept.len()
}
