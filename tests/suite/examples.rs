//! The committed trees are what the program renders today.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::Answer;

fn scenarios() -> Vec<PathBuf> {
    let entries = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/generated-examples")).unwrap();
    let scenarios: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(scenarios.len() >= 6);
    scenarios
}

/// Path to bytes and whether it may be executed: what git keeps of a tree.
fn tree(root: &Path) -> Vec<(PathBuf, Vec<u8>, bool)> {
    use std::os::unix::fs::PermissionsExt;
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    let node = |entry: walkdir::DirEntry| {
        let executable = entry.metadata().unwrap().permissions().mode() & 0o111 != 0;
        let bytes = fs::read(entry.path()).unwrap();
        (entry.path().strip_prefix(root).unwrap().to_owned(), bytes, executable)
    };
    files.map(node).collect()
}

#[test]
fn rendered_again_they_are_the_same() {
    for scenario in scenarios() {
        let scratch = tempfile::tempdir().unwrap();
        let out = scratch.path().join("output");
        let arguments = fs::read_to_string(scenario.join("arguments")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hermes-s6gen"));
        command.current_dir(&scenario).env_clear().arg("--home").arg(scenario.join("home")).arg("render");
        command.args(arguments.lines());
        Answer::of(
            Command::new(command.get_program())
                .current_dir(&scenario)
                .env_clear()
                .args(command.get_args())
                .arg("--check")
                .arg(scenario.join("output")),
        )
        .ok();
        Answer::of(command.arg("--out").arg(&out)).ok();
        // Modes beyond that are in the manifests, which are among the files.
        assert_eq!(tree(&out), tree(&scenario.join("output")), "{}", scenario.display());
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    // Debian 13's root has none; the scripts are the same there.
    if Command::new("shellcheck").arg("--version").output().is_err() {
        assert!(!Path::new("/usr/bin/shellcheck").exists());
        eprintln!("skipped: shellcheck_has_nothing_to_say needs shellcheck");
        return;
    }
    for scenario in scenarios() {
        for (path, bytes, executable) in tree(&scenario.join("output")) {
            assert_eq!(executable, bytes.starts_with(b"#!/bin/sh\n"), "{}", path.display());
            if executable {
                let script = scenario.join("output").join(path);
                Answer::of(Command::new("shellcheck").arg(&script)).ok();
                Answer::of(Command::new("/bin/sh").arg("-n").arg(&script)).ok();
            }
        }
    }
}
