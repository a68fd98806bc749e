//! What people read before they do anything.

use std::fs;
use std::process::Command;

use super::support::{Answer, Identity, Scratch, Svscan};

/// Every verb that `help` shows, with its verbs.
fn verbs(scratch: &Scratch, path: &[&str]) -> Vec<Vec<String>> {
    let help = scratch.run(&[path, &["--help"]].concat()).ok().out;
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let mut all = vec![path.iter().map(|word| (*word).to_owned()).collect()];
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        all.extend(verbs(scratch, &[path, &[name]].concat()));
    }
    all
}

#[test]
fn every_help_has_examples_and_every_verb_a_page() {
    let scratch = Scratch::new(Identity::Ordinary);
    let man = tempfile::tempdir().unwrap();
    let pages = man.path().join("new/man1");
    Answer::of(Command::new(env!("CARGO_BIN_EXE_hermes-s6gen")).arg("man").arg(&pages)).ok();
    let verbs = verbs(&scratch, &[]);
    assert!(verbs.len() > 20, "{verbs:?}");
    for verb in &verbs {
        let words: Vec<_> = verb.iter().map(String::as_str).chain(["--help"]).collect();
        let help = scratch.run(&words).ok().out;
        assert!(help.contains("\nExamples:\n  hermes-s6gen"), "{verb:?}: {help}");
        let page = pages.join([&["hermes-s6gen".to_owned()], &**verb].concat().join("-") + ".1");
        let page = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(page.contains(".TH ") && page.contains("Examples:"), "{page}");
    }
    assert!(!pages.join("hermes-s6gen-finish.1").exists());
}

#[test]
fn completions_are_of_every_shell() {
    let scratch = Scratch::new(Identity::Ordinary);
    for shell in ["bash", "zsh", "fish"] {
        let script = scratch.run(&["completions", shell]).ok().out;
        assert!(script.contains("reconcile") && script.contains("restart-changed"), "{shell}");
    }
    let script = scratch.path("completions");
    scratch.write("completions", scratch.run(&["completions", "bash"]).ok().out);
    let line = ". \"$0\"; known=$(complete -p hermes-s6gen); known=${known#*-F }\n\
                COMP_WORDS=(hermes-s6gen gateway sta); COMP_CWORD=2\n\
                ${known%% *} hermes-s6gen sta gateway; echo \"${COMPREPLY[@]}\"";
    let answer = Answer::of(Command::new("bash").args(["-c", line]).arg(script)).ok();
    assert_eq!(answer.out, "start status\n", "{answer:?}");
    assert_eq!(scratch.run(&["completions", "tcsh"]).code, 2);
}

#[test]
fn misspelt_verbs_and_profiles_are_recognised() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder", "writer", "x"]);
    fs::create_dir(scratch.path("home/profiles/codr")).unwrap();
    let _svscan = scratch.svscan();
    let answer = scratch.run(&["gateway", "restrat"]);
    assert!(answer.code == 2 && answer.err.contains("'restart'"), "{answer:?}");
    scratch.run(&["register", "codre"]).fails(4, "did you mean coder?");
    scratch.run(&["gateway", "start", "-p", "wirter"]).fails(4, "did you mean writer?");
    scratch.run(&["gateway", "logs", "-p", "code"]).fails(4, "did you mean coder?");
    for unlike in ["assistant", "y"] {
        assert!(!scratch.run(&["register", unlike]).fails(4, "there is none").err.contains("did you mean"));
    }
}

#[test]
fn long_work_shows_signs_of_life_on_a_terminal_only() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan: Svscan = scratch.svscan();
    let args = ["gateway", "start", "-p", "coder", "--settle", "1.5"];
    assert_eq!(scratch.run(&args).ok().err, "");
    scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
    let command = scratch.command(&args);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<_> = words.map(|word| format!("'{}'", word.display())).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &line.join(" "), "/dev/null"]).env("SHELL", "/bin/sh");
    let answer = Answer::of(&mut script).ok();
    assert!(
        answer.out.contains("hermes-s6gen: start: at it for 1s") && answer.out.contains("coder started"),
        "{answer:?}"
    );
}
