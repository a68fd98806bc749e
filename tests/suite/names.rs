//! Bad names and assignments are refused in one clear line, whatever verb they come to.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::support::{Answer, Identity, Scratch};

#[test]
fn bad_profile_names_are_refused() {
    let scratch = Scratch::new(Identity::Ordinary);
    let _svscan = scratch.svscan();
    let long = "a".repeat(244);
    let bad: [&[u8]; 10] = [b"", b"Coder", b"a.b", b"a/b", b"../x", b"_a", b"a b", b"a\n", b"a\xff", long.as_bytes()];
    for name in bad {
        for verb in ["register", "unregister", "render", "port"] {
            let answer = Answer::of(scratch.command(&[verb, "--"]).arg(OsStr::from_bytes(name)));
            answer.fails(2, "profile name");
        }
        let answer = Answer::of(scratch.command(&["gateway", "start", "-p"]).arg(OsStr::from_bytes(name)));
        answer.fails(2, "profile name");
    }
    Answer::of(scratch.command(&["port", "--"]).arg("-leading")).fails(2, "profile name");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}

#[test]
fn the_longest_name_is_supervised() {
    let scratch = Scratch::new(Identity::Ordinary);
    let long = "a".repeat(243);
    scratch.profiles(&[&long]);
    let _svscan = scratch.svscan();
    scratch.run(&["register", &long, "--down"]).ok();
    scratch.s6("s6-svok", &[], &long).ok();
    scratch.run(&["unregister", &long]).ok();
}

#[test]
fn bad_assignments_are_refused() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    for bad in ["A=1; id #"]
        .map(|line| line.replace("A=", "A ="))
        .iter()
        .map(String::as_str)
        .chain(["", "=x", "A", "1A=x", "A-B=x"])
    {
        scratch.run(&["register", "coder", "--env", bad]).fails(2, "environment");
    }
    scratch.write("environment", "A=1\nB\0=2\n");
    let file = scratch.path("environment");
    scratch.run(&["register", "coder", "--env-file", file.to_str().unwrap()]).fails(2, "line 2");
    scratch.write("environment", "A=x\0y\n");
    scratch.run(&["register", "coder", "--env-file", file.to_str().unwrap()]).fails(2, "NUL");
    scratch.write("environment", "A=1\r\n");
    scratch.run(&["register", "coder", "--env-file", file.to_str().unwrap()]).fails(2, "carriage return");
    scratch.run(&["register", "coder", "--env-file", "/nowhere"]).fails(2, "read /nowhere");
    let long = format!("A={}", "x".repeat(131_070));
    scratch.write("environment", long);
    scratch.run(&["register", "coder", "--env-file", file.to_str().unwrap()]).fails(2, "longer than");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
}
