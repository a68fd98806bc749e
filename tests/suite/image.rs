//! The static assets of the image.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::support::{Answer, Identity, Scratch};

/// Path, mode and bytes of every file and directory below `root`.
fn tree(root: &Path) -> Vec<(String, u32, Option<Vec<u8>>)> {
    let entries = walkdir::WalkDir::new(root).min_depth(1).sort_by_file_name().into_iter().map(Result::unwrap);
    let node = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let bytes = entry.file_type().is_file().then(|| fs::read(entry.path()).unwrap());
        (path, entry.metadata().unwrap().permissions().mode() & 0o7777, bytes)
    };
    entries.map(node).collect()
}

fn compiled(scratch: &Scratch, name: &str) -> std::path::PathBuf {
    let root = scratch.path("home").join(name);
    Answer::of(scratch.command(&["compile", "--root"]).arg(&root)).ok();
    root
}

fn on(scratch: &Scratch, verb: &[&str], root: &Path) -> Answer {
    Answer::of(scratch.command(verb).arg("--root").arg(root))
}

#[test]
fn twice_gives_the_same_bytes() {
    let scratch = Scratch::new(Identity::Ordinary);
    let (one, two) = (compiled(&scratch, "one"), compiled(&scratch, "two"));
    assert_eq!(tree(&one), tree(&two));
    let inode = |path: &str| std::os::unix::fs::MetadataExt::ino(&fs::metadata(one.join(path)).unwrap());
    let front = inode("usr/local/bin/hermes");
    compiled(&scratch, "one");
    assert_eq!(inode("usr/local/bin/hermes"), front, "what is the same is not written again");
    assert_eq!(on(&scratch, &["verify"], &one).ok().out, "");
    assert_eq!(on(&scratch, &["compile", "--check"], &one).ok().out, "");
    let paths: Vec<_> = tree(&one).into_iter().filter(|(.., bytes)| bytes.is_some()).map(|(path, ..)| path).collect();
    for expected in [
        "etc/cont-init.d/01-hermes-setup",
        "etc/cont-init.d/02-reconcile-profiles",
        "etc/cont-finish.d/01-hermes-drain",
        "etc/hermes-s6gen/broker/uid/0/allow",
        "etc/hermes-s6gen/broker/uid/default/deny",
        "etc/s6-overlay/s6-rc.d/dashboard/run",
        "etc/s6-overlay/s6-rc.d/hermes-registrar/notification-fd",
        "etc/s6-overlay/s6-rc.d/main-hermes/dependencies.d/base",
        "etc/s6-overlay/s6-rc.d/user/contents.d/dashboard",
        "etc/s6-overlay/s6-rc.d/user/contents.d/hermes-registrar",
        "etc/s6-overlay/s6-rc.d/user/contents.d/main-hermes",
        "opt/hermes/docker/main-wrapper.sh",
        "usr/local/bin/hermes",
        "usr/share/hermes-s6gen/manifest.json",
    ] {
        assert!(paths.iter().any(|path| path == expected), "{expected} is not in {paths:?}");
    }
}

#[test]
fn every_kind_of_change_is_named() {
    let scratch = Scratch::new(Identity::Ordinary);
    let root = compiled(&scratch, "root");
    let services = root.join("etc/s6-overlay/s6-rc.d");
    fs::remove_file(root.join("etc/cont-init.d/01-hermes-setup")).unwrap();
    fs::write(root.join("etc/cont-init.d/99-others"), "").unwrap();
    fs::write(services.join("dashboard/up"), "x\n").unwrap();
    fs::write(root.join("etc/hermes-s6gen/broker/uid/0/deny"), "").unwrap();
    let front = root.join("usr/local/bin/hermes");
    fs::write(&front, fs::read_to_string(&front).unwrap().replace("126", "125")).unwrap();
    fs::set_permissions(services.join("main-hermes/run"), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(services.join("dashboard"), Permissions::from_mode(0o775)).unwrap();
    fs::remove_file(services.join("dashboard/finish")).unwrap();
    symlink("/bin/true", services.join("dashboard/finish")).unwrap();

    let answer = on(&scratch, &["verify"], &root);
    assert_eq!(answer.code, 1, "{answer:?}");
    let mut lines: Vec<_> = answer.out.lines().collect();
    lines.sort_unstable();
    let expected = [
        "changed etc/s6-overlay/s6-rc.d/dashboard/finish: is something else",
        "changed usr/local/bin/hermes",
        "extra etc/hermes-s6gen/broker/uid/0/deny",
        "extra etc/s6-overlay/s6-rc.d/dashboard/up",
        "missing etc/cont-init.d/01-hermes-setup",
        "mode etc/s6-overlay/s6-rc.d/dashboard: is 0775, was 0755",
        "mode etc/s6-overlay/s6-rc.d/main-hermes/run: is 0777, was 0755",
    ];
    assert_eq!(lines, expected);

    let check = on(&scratch, &["compile", "--check"], &root);
    assert_eq!(check.code, 1, "{check:?}");
    for expected in [
        "--- a/usr/local/bin/hermes\n+++ b/usr/local/bin/hermes\n",
        "diff a/etc/cont-init.d/01-hermes-setup b/etc/cont-init.d/01-hermes-setup\nnew file mode 100755\n",
        "diff a/etc/s6-overlay/s6-rc.d/dashboard/up b/etc/s6-overlay/s6-rc.d/dashboard/up\ndeleted file mode 100644\n",
        "diff a/etc/s6-overlay/s6-rc.d/main-hermes/run b/etc/s6-overlay/s6-rc.d/main-hermes/run\n\
         old mode 0777\nnew mode 0755\n",
    ] {
        assert!(check.out.contains(expected), "{expected:?} is not in {}", check.out);
    }
    on(&scratch, &["verify"], &scratch.path("scan")).fails(2, "manifest.json");
}

#[test]
fn a_link_does_not_lead_out_of_the_image() {
    let scratch = Scratch::new(Identity::Ordinary);
    fs::create_dir(scratch.path("home/root")).unwrap();
    symlink(scratch.path("record"), scratch.path("home/root/etc")).unwrap();
    std::os::unix::fs::chown(scratch.path("home/root"), Some(Identity::Ordinary.uids().1), None).unwrap();
    on(&scratch, &["compile"], &scratch.path("home/root")).fails(2, "is not a directory");
    assert_eq!(fs::read_dir(scratch.path("record")).unwrap().count(), 0);
}

#[test]
fn every_script_passes_sh_and_shellcheck() {
    let scratch = Scratch::new(Identity::Ordinary);
    let plain = compiled(&scratch, "plain");
    let odd = scratch.path("home/odd");
    let odd_places = ["--s6-bin", "/a b/$(id)", "--user", "o'brien;id", "--broker", "/run/a b/'x'/socket"];
    let odd_programs = ["--program", "/o p/`id`", "--hermes", "/\"h\"/hermes"];
    Answer::of(
        scratch
            .who()
            .command(env!("CARGO_BIN_EXE_hermes-s6gen"))
            .arg("compile")
            .args(odd_places)
            .args(odd_programs)
            .arg("--root")
            .arg(&odd),
    )
    .ok();
    let has_shellcheck = Path::new("/usr/bin/shellcheck").exists();
    let mut scripts = 0;
    for root in [&plain, &odd] {
        // That nothing expands in the odd paths is what is wanted.
        let exclude: Vec<_> = (root == &odd).then_some("--exclude=SC2016").into_iter().collect();
        for (path, mode, bytes) in tree(root) {
            let Some(bytes) = bytes else { continue };
            assert_eq!(mode, if bytes.starts_with(b"#!/bin/sh\n") { 0o755 } else { 0o644 }, "{path}");
            if mode == 0o644 {
                continue;
            }
            scripts += 1;
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains('\r') && !text.contains("{{") && text.ends_with('\n') && !text.ends_with("\n\n"));
            Answer::of(Command::new("/bin/sh").arg("-n").arg(root.join(&path))).ok();
            if has_shellcheck {
                Answer::of(Command::new("shellcheck").args(&exclude).arg(root.join(&path))).ok();
            }
        }
    }
    assert_eq!(scripts, 20);
}
