//! `gateway logs` on directories that a real s6-log writes.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use super::support::{Answer, Identity, Scratch, wait_until};

/// A tree with a log of `coder`, and the s6-log that writes it, rotating often.
fn logger(scratch: &Scratch, archives: usize) -> Child {
    scratch.profiles(&["coder"]);
    let directory = scratch.path("home/logs/gateways/coder");
    let mut shell = Identity::Ordinary.command("/bin/sh");
    Answer::of(shell.args(["-c", "mkdir -p \"$1\"", "sh"]).arg(&directory)).ok();
    let mut command = Identity::Ordinary.command("s6-log");
    command.args([&format!("n{archives}"), "s4096", "T"]).arg(directory).stdin(Stdio::piped()).spawn().unwrap()
}

fn write_lines(logger: &mut Child, lines: std::ops::Range<usize>) {
    let input = logger.stdin.as_mut().unwrap();
    for line in lines {
        writeln!(input, "line {line}").unwrap();
    }
}

/// How many rotated files there are.
fn archives(scratch: &Scratch) -> usize {
    let entries = fs::read_dir(scratch.path("home/logs/gateways/coder")).into_iter().flatten();
    entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"@")))
        .count()
}

/// The numbers of the lines shown.
fn numbers(text: &str) -> Vec<usize> {
    text.lines().map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect()
}

fn finish(mut logger: Child) {
    drop(logger.stdin.take());
    assert!(logger.wait().unwrap().success());
}

#[test]
fn the_last_lines_come_from_all_files() {
    let scratch = Scratch::new(Identity::Ordinary);
    let mut logger = logger(&scratch, 100);
    for batch in 0..6 {
        // s6-log rotates at most once for what it reads at once, and that may be all of it.
        let before = archives(&scratch);
        write_lines(&mut logger, batch * 500..(batch + 1) * 500);
        wait_until("the log is rotated", || archives(&scratch) > before);
    }
    finish(logger);
    // How many lines are shown; they are the last ones.
    let shown = |args: &[&str]| {
        let numbers = numbers(&scratch.run(&[&["gateway", "logs", "-p", "coder"], args].concat()).ok().out);
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{args:?}");
        assert!(numbers.last().is_none_or(|last| *last == 2999), "{args:?}");
        numbers.len()
    };
    assert_eq!(shown(&["-n", "0"]), 0);
    assert_eq!(shown(&["-n", "1"]), 1);
    assert_eq!(shown(&[]), 100);
    assert_eq!(shown(&["-n", "1850"]), 1850);
    assert_eq!(shown(&["-n", "100000"]), 3000);
    assert_eq!(shown(&["--since", "1h"]), 3000);
    assert_eq!(shown(&["--since", "2020-01-01", "-n", "3"]), 3);
    assert_eq!(shown(&["--since", "0s"]), 0);
}

#[test]
fn following_over_rotations_shows_every_line_once() {
    let scratch = Scratch::new(Identity::Ordinary);
    let mut logger = logger(&scratch, 10);
    write_lines(&mut logger, 0..10);
    let current = scratch.path("home/logs/gateways/coder/current");
    wait_until("the lines are logged", || fs::read(&current).is_ok_and(|found| found.ends_with(b"line 9\n")));
    let mut follower = scratch.command(&["gateway", "logs", "-p", "coder", "-n", "5", "-f"]);
    let mut follower = follower.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || numbers(&lines.next().unwrap().unwrap())[0];
    for expected in 5..10 {
        assert_eq!(next(), expected);
    }
    // Each batch rotates several times, but fewer than s6-log keeps files.
    for batch in 0..40 {
        let (from, to) = (10 + batch * 400, 10 + (batch + 1) * 400);
        write_lines(&mut logger, from..to);
        for expected in from..to {
            assert_eq!(next(), expected);
        }
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
    finish(logger);
}

#[test]
fn bytes_go_through_a_pipe_as_they_are() {
    let scratch = Scratch::new(Identity::Ordinary);
    let mut logger = logger(&scratch, 3);
    logger.stdin.as_mut().unwrap().write_all(b"\xff\x1b[2J\x01 end\n").unwrap();
    finish(logger);
    let output = scratch.command(&["gateway", "logs", "-p", "coder"]).output().unwrap();
    assert!(output.stdout.ends_with(b"  \xff\x1b[2J\x01 end\n"), "{:?}", output.stdout.escape_ascii().to_string());
}

#[test]
fn what_is_no_log_is_not_read() {
    for (make, words) in [
        ("mkfifo \"$1\"", "is not a regular file"),
        ("mkdir \"$1\"", "is not a regular file"),
        ("ln -s /etc/passwd \"$1\"", "open"),
    ] {
        let scratch = Scratch::new(Identity::Ordinary);
        finish(logger(&scratch, 3));
        let current = scratch.path("home/logs/gateways/coder/current");
        fs::remove_file(&current).unwrap();
        Answer::of(Identity::Ordinary.command("/bin/sh").args(["-c", make, "sh"]).arg(&current)).ok();
        let answer = scratch.run(&["gateway", "logs", "-p", "coder"]).fails(2, words);
        assert!(!answer.out.contains("root:"), "{answer:?}");
    }
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    scratch.run(&["gateway", "logs", "-p", "coder"]).fails(4, "has no log yet");
    scratch.run(&["gateway", "logs", "-p", "typo"]).fails(4, "profile typo: there is none");
    scratch.run(&["gateway", "logs", "--since", "yesterday"]).fails(2, "is neither a span nor a time");
    std::os::unix::fs::symlink("/etc", scratch.path("home/logs")).unwrap();
    let answer = scratch.run(&["gateway", "logs", "-p", "coder"]);
    assert_eq!(answer.code, 2, "{answer:?}");
}

#[test]
fn a_terminal_is_not_the_gateways_to_command() {
    let scratch = Scratch::new(Identity::Ordinary);
    let mut logger = logger(&scratch, 3);
    logger.stdin.as_mut().unwrap().write_all(b"\x1b[2Jcleared\n").unwrap();
    finish(logger);
    let command = scratch.command(&["gateway", "logs", "-p", "coder"]);
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let line = words.iter().map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ");
    // script(1) gives it a terminal.
    let answer = Answer::of(std::process::Command::new("script").args(["-qec", &line, "/dev/null"])).ok();
    assert!(answer.out.contains("\\u{1b}[2Jcleared"), "{answer:?}");
}
