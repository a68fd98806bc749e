//! `render`: for reading, to a directory, and against one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::support::{Identity, Scratch};

#[test]
fn without_out_it_prints_path_mode_and_content() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let out = scratch.run(&["render", "coder", "--down", "--env", "A=\u{1b}[2J"]).ok().out;
    assert!(out.contains("gateway-coder/run 0755\n| #!/bin/sh\n"), "{out}");
    assert!(out.contains("gateway-coder/down 0644\n"), "{out}");
    assert!(out.contains("gateway-coder/env/A 0640\n| \\u{1b}[2J\n"), "{out}");
    assert!(!out.contains("gateway-default"), "{out}");
    let all = scratch.run(&["render"]).ok().out;
    assert!(all.contains("gateway-coder/run") && all.contains("gateway-default/run"), "{all}");
}

#[test]
fn no_root_of_this_machine_is_rendered() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let out = scratch.run(&["render"]).ok().out;
    assert!(!out.contains(scratch.path("home").to_str().unwrap()), "{out}");
    assert!(!out.contains(scratch.path("scan").to_str().unwrap()), "{out}");
    assert!(out.contains("${HERMES_HOME:-/opt/data}"), "{out}");
}

#[test]
fn an_earlier_rendering_is_replaced_as_a_whole_and_nothing_else_is() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer"]);
    let out = scratch.path("home/out");
    let out_name = out.to_str().unwrap();
    scratch.run(&["render", "--out", out_name]).ok();
    assert!(out.join("gateway-writer/data/manifest.json").exists());
    scratch.run(&["render", "coder", "--out", out_name]).ok();
    assert!(out.join("gateway-coder/run").exists() && !out.join("gateway-writer").exists());
    fs::write(out.join("notes.txt"), "mine").unwrap();
    scratch.run(&["render", "--out", out_name]).fails(2, "notes.txt is not of an earlier rendering");
    assert!(out.join("notes.txt").exists() && out.join("gateway-coder/run").exists());
    let home = scratch.path("home");
    scratch.run(&["render", "--out", home.to_str().unwrap()]).fails(2, "is not of an earlier rendering");
    scratch.run(&["render", "--out", "/nowhere/out"]).fails(2, "make /nowhere");
    let left: Vec<_> = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[test]
fn check_tells_every_drift() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer"]);
    let out = scratch.path("home/out");
    let out_name = out.to_str().unwrap();
    scratch.run(&["render", "--out", out_name]).ok();
    assert_eq!(scratch.run(&["render", "--check", out_name]).ok().out, "");

    let run = out.join("gateway-coder/run");
    let text = fs::read_to_string(&run).unwrap();
    fs::write(&run, text.replace("gateway run", "gateway walk")).unwrap();
    fs::set_permissions(out.join("gateway-writer/finish"), PermissionsExt::from_mode(0o644)).unwrap();
    fs::remove_file(out.join("gateway-default/log/run")).unwrap();
    fs::write(out.join("gateway-default/extra"), "x\n").unwrap();
    let answer = scratch.run(&["render", "--check", out_name]);
    assert_eq!(answer.code, 1, "{answer:?}");
    for expected in [
        "--- a/gateway-coder/run\n+++ b/gateway-coder/run\n",
        "diff a/gateway-writer/finish b/gateway-writer/finish\nold mode 100644\nnew mode 100755\n",
        "diff a/gateway-default/log/run b/gateway-default/log/run\nnew file mode 100755\n",
        "diff a/gateway-default/extra b/gateway-default/extra\ndeleted file mode 100644\n",
    ] {
        assert!(answer.out.contains(expected), "{expected:?} is not in {}", answer.out);
    }
    assert!(answer.out.contains("gateway walk --replace\n+"), "{}", answer.out);
    // Named profiles are compared alone.
    assert_eq!(scratch.run(&["render", "writer", "--check", out_name]).code, 1);
    fs::set_permissions(out.join("gateway-writer/finish"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(scratch.run(&["render", "writer", "--check", out_name]).ok().out, "");
}

#[test]
fn one_bad_profile_does_not_stop_the_others() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "Work", "a.b", "default"]);
    std::os::unix::fs::symlink("coder", scratch.path("home/profiles/link")).unwrap();
    let answer = scratch.run(&["render"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.out.contains("gateway-coder/run") && answer.out.contains("gateway-default/run"));
    for bad in ["Work", "a.b", "profiles/default", "profiles/link"] {
        assert!(answer.err.contains(bad), "{bad} is not in {}", answer.err);
    }
}

#[test]
fn an_unknown_profile_is_exit_4() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.run(&["render", "typo"]).fails(4, "profile typo: there is none under");
}
