//! How many instructions a reconciliation takes, counted by valgrind: the same on every run, whatever else the machine
//! does. `budget` has what it may take.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, unused_imports, reason = "the suite uses more of it")]
#[path = "../suite/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::Command;

use support::{Answer, Identity, Scratch, variables};

/// Profiles without, and with, those whose cost is asked for.
const SIZES: [usize; 2] = [10, 60];

#[test]
#[ignore = "needs valgrind and the release binary: make test-instructions"]
fn a_reconciliation_keeps_to_its_budget() {
    if cfg!(not(target_arch = "x86_64")) {
        println!("skipped: the budget is that of x86_64");
        return;
    }
    let [few, many] = SIZES.map(instructions);
    let slot = (many - few) / u64::try_from(SIZES[1] - SIZES[0]).unwrap();
    let base = few - slot * u64::try_from(SIZES[0]).unwrap();
    println!("{slot} instructions a slot that is kept, {base} beside them");
    let budget: Vec<u64> = include_str!("budget").split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(slot <= budget[0], "{slot} instructions a slot, and the budget is {}", budget[0]);
    assert!(base <= budget[1], "{base} instructions beside the slots, and the budget is {}", budget[1]);
}

/// Instructions of a reconciliation that finds all of `profiles` as they have to be.
fn instructions(profiles: usize) -> u64 {
    let scratch = Scratch::new(Identity::root("instructions").unwrap_or(Identity::Ordinary));
    for index in 0..profiles {
        scratch.profiles(&[&format!("p{index:02}")]);
    }
    let _svscan = scratch.svscan();
    let args = ["reconcile", "--proc", "/nonexistent"];
    scratch.run(&args).ok();
    let plain = scratch.command(&args);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let release = target.join("release/hermes-s6gen");
    // On one processor, so that it is the same on machines with more.
    let mut valgrind = Command::new("/usr/bin/taskset");
    valgrind.args(["--cpu-list", &first_processor(), "/usr/bin/valgrind"]);
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    // Another user's program is started through one that becomes that user.
    let debug = env!("CARGO_BIN_EXE_hermes-s6gen");
    let words = std::iter::once(plain.get_program()).chain(plain.get_args());
    valgrind.args(words.map(|word| if word == debug { release.as_os_str() } else { word }));
    valgrind.env_clear().envs(variables(&plain));
    let answer = Answer::of(&mut valgrind).ok();
    let mut collected = answer.err.lines().filter_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok());
    collected.next_back().unwrap()
}

/// The first processor that this process may use.
fn first_processor() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap();
    allowed.trim().split(['-', ',']).next().unwrap().to_owned()
}
