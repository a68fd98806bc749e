//! `review` of a committed rendering.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::support::{Identity, Scratch, variables};

/// A committed rendering in which three files of `coder` drifted.
fn drifted() -> Scratch {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let slots = scratch.path("home/slots");
    scratch.run(&["render", "--out", slots.to_str().unwrap()]).ok();
    fs::write(slots.join("gateway-coder/run"), "#!/bin/sh\nexec false\n").unwrap();
    fs::set_permissions(slots.join("gateway-coder/finish"), PermissionsExt::from_mode(0o644)).unwrap();
    fs::remove_file(slots.join("gateway-coder/log/type")).unwrap();
    scratch
}

const DRIFTED: [&str; 3] = ["gateway-coder/finish", "gateway-coder/log/type", "gateway-coder/run"];

#[test]
fn without_a_terminal_it_prints_the_commands_that_do_it() {
    let scratch = drifted();
    let slots = scratch.path("home/slots");
    let slots = slots.to_str().unwrap();
    let answer = scratch.run(&["review", "--dir", slots]);
    assert_eq!(answer.code, 1, "{answer:?}");
    let expected: Vec<_> =
        DRIFTED.iter().map(|path| format!("hermes-s6gen review --dir {slots} --accept {path}")).collect();
    assert_eq!(answer.out.lines().skip(1).collect::<Vec<_>>(), expected);
    for line in &expected {
        let words: Vec<_> = line.split(' ').skip(1).collect();
        let answer = scratch.run(&words);
        assert!(answer.out.starts_with("accepted "), "{answer:?}");
    }
    assert_eq!(scratch.run(&["render", "--check", slots]).ok().out, "");
    assert_eq!(scratch.run(&["review", "--dir", slots]).ok().out, "");
    scratch.run(&["review", "--dir", slots, "--accept", "gateway-coder/run"]).fails(2, "does not differ");
}

#[test]
fn on_a_terminal_it_asks_for_each() {
    let scratch = drifted();
    let slots = scratch.path("home/slots");
    let slots = slots.to_str().unwrap();
    // `script` has the only terminal here. What is typed: accept, something else, skip, reject.
    let review = scratch.command(&["review", "--dir", slots]);
    let words = std::iter::once(review.get_program()).chain(review.get_args());
    let line = words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("SHELL", "/bin/sh").stdin(Stdio::piped()).stdout(Stdio::piped());
    script.envs(variables(&review));
    let mut child = script.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a\nwhat\ns\nr\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for words in
        ["old mode 100644", "gateway-coder/finish (1 of 3): accept", "(2 of 3)", "(3 of 3)", "gateway-coder/run stays"]
    {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    assert_eq!(text.matches("(2 of 3)").count(), 2, "{text}");
    let left = scratch.run(&["review", "--dir", slots]).out;
    assert!(!left.contains("finish") && left.contains("log/type") && left.contains("gateway-coder/run"), "{left}");
}
