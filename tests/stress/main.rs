//! Many operators at once, and daemons that are killed under them. One reconciliation later the tree is what is wanted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chance;
mod gateway;
#[allow(dead_code, unused_imports, reason = "the suite uses more of it")]
#[path = "../suite/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use chance::Chance;
use support::{Answer, Identity, Scratch, processes_in, what_stays};

const OPERATORS: u64 = 16;
const PROFILES: usize = 20;
/// How long it lasts unless `HERMES_S6GEN_STRESS` says otherwise, in seconds.
const SECONDS: u64 = 120;
/// How often an s6-supervise is killed.
const KILLS: Duration = Duration::from_millis(700);

/// What happened: how often each verb gave each exit code, and how many s6-supervise were killed.
#[derive(Default)]
struct Tally {
    codes: BTreeMap<(&'static str, i64), usize>,
    slowest: BTreeMap<&'static str, Duration>,
    killed: usize,
    wrong: Vec<String>,
}

#[test]
#[ignore = "takes minutes: make test-stress"]
fn sixteen_operators_leave_what_is_wanted() {
    let setting = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let seconds = setting("HERMES_S6GEN_STRESS", SECONDS);
    let seed = setting("HERMES_S6GEN_SEED", u64::from(std::process::id()));
    let scratch = Scratch::new(Identity::root("stress").unwrap_or(Identity::Ordinary));
    let names: Vec<String> = (0..PROFILES).map(|n| format!("p{n:02}")).collect();
    for name in &names {
        scratch.profiles(&[name]);
        gateway::behaves(&scratch, name);
    }
    gateway::make_unreliable(&scratch);
    let svscan = scratch.svscan();
    let tally = Mutex::new(Tally::default());
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        let (scratch, names, tally) = (&scratch, &names, &tally);
        for operator in 0..OPERATORS {
            scope.spawn(move || operate(scratch, names, tally, end, Chance::new(seed + operator)));
        }
        scope.spawn(move || kill_supervisors(scratch, tally, end, Chance::new(seed + OPERATORS)));
    });
    let mut tally = tally.into_inner().unwrap();
    gateway::make_reliable(&scratch);
    let answer = scratch.run(&["reconcile", "--proc", "/nonexistent"]);
    tally.wrong.extend((answer.code != 0).then(|| format!("the last reconciliation fails: {answer:?}")));
    // What is wrong for good stays so. A gateway that was killed often comes when its back-off is over, after five minutes
    // at the most.
    let limit = Duration::from_secs(if tally.wrong.is_empty() { 360 } else { 0 });
    tally.wrong.extend(what_stays(limit, || not_as_wanted(&scratch, &names)));
    drop(svscan);
    println!("{seconds} s, {OPERATORS} operators, {PROFILES} profiles, seed {seed}");
    println!("{:<12} {:>7} {:>7} {:>7} {:>7} {:>7} {:>10}", "verb", "exit 0", "1", "2", "3", "4", "slowest");
    for (verb, slowest) in &tally.slowest {
        let count = |code| tally.codes.get(&(*verb, code)).copied().unwrap_or_default();
        println!(
            "{verb:<12} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8.1} s",
            count(0),
            count(1),
            count(2),
            count(3),
            count(4),
            slowest.as_secs_f64()
        );
    }
    let runs: usize = tally.codes.values().sum();
    println!("{runs} runs, {} s6-supervise killed; wrong: {:#?}", tally.killed, tally.wrong);
    assert!(tally.wrong.is_empty());
}

fn operate(scratch: &Scratch, names: &[String], tally: &Mutex<Tally>, end: Instant, mut chance: Chance) {
    const LIMITS: [&str; 2] = ["--timeout", "20"];
    while Instant::now() < end {
        let name = names[chance.below(names.len())].as_str();
        let (verb, args): (&'static str, Vec<&str>) = match chance.below(20) {
            0..3 => ("register", [&["register", name][..], &LIMITS].concat()),
            3..6 => ("unregister", [&["unregister", name, "--grace", "5"][..], &LIMITS].concat()),
            6..10 => ("start", [&["gateway", "start", "-p", name, "--settle", "0.2"][..], &LIMITS].concat()),
            10..13 => ("stop", [&["gateway", "stop", "-p", name, "--grace", "5"][..], &LIMITS].concat()),
            13..16 => ("restart", [&["gateway", "restart", "-p", name, "--settle", "0.2"][..], &LIMITS].concat()),
            16 => ("reconcile", vec!["reconcile", "--timeout", "30", "--proc", "/nonexistent"]),
            17 if chance.below(10) == 0 => ("drain", vec!["drain", "--timeout", "5"]),
            18 if chance.below(4) == 0 => {
                ("deleted", [&["profile", "deleted", name, "--grace", "5"][..], &LIMITS].concat())
            }
            _ => ("status", vec!["gateway", "status", "--all"]),
        };
        run(scratch, tally, verb, &args);
        if verb == "deleted" {
            // As one that is made again under its old name.
            let directory = scratch.profile_path(name);
            let _ = fs::rename(directory.join("SOUL.md.deleted"), directory.join("SOUL.md"));
            run(scratch, tally, "created", &[&["profile", "created", name][..], &LIMITS].concat());
        }
    }
}

fn run(scratch: &Scratch, tally: &Mutex<Tally>, verb: &'static str, args: &[&str]) {
    let began = Instant::now();
    let answer = Answer::of(&mut scratch.command(args));
    let took = began.elapsed();
    let mut tally = tally.lock().unwrap();
    *tally.codes.entry((verb, answer.code)).or_default() += 1;
    let slowest = tally.slowest.entry(verb).or_default();
    *slowest = took.max(*slowest);
    if !(0..=4).contains(&answer.code) || answer.err.contains("panicked") {
        tally.wrong.push(format!("{args:?}: {answer:?}"));
    }
    if answer.code != 0 && std::env::var_os("HERMES_S6GEN_STRESS_TELL").is_some() {
        println!("{verb} {}: {}", answer.code, answer.err.trim_end());
    }
}

fn kill_supervisors(scratch: &Scratch, tally: &Mutex<Tally>, end: Instant, mut chance: Chance) {
    while Instant::now() < end {
        let mut supervisors = processes_in(&scratch.path("scan"));
        supervisors.retain(|(_, line)| line.starts_with("s6-supervise"));
        if !supervisors.is_empty() {
            let (pid, _) = supervisors[chance.below(supervisors.len())];
            let killed = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
            tally.lock().unwrap().killed += usize::from(killed.is_ok());
        }
        std::thread::sleep(KILLS);
    }
}

/// Each gateway runs once if it is wanted and not at all otherwise; there is nothing else.
fn not_as_wanted(scratch: &Scratch, names: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut slots: Vec<_> = fs::read_dir(scratch.path("scan"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    slots.sort();
    let known = [".hermes-s6gen", ".s6-svscan", "gateway-default"].into_iter().map(str::to_owned);
    let expected: Vec<_> = known.chain(names.iter().map(|name| format!("gateway-{name}"))).collect();
    if slots != expected {
        wrong.push(format!("the scan directory has {slots:?}"));
    }
    let room: Vec<_> = fs::read_dir(scratch.path("scan/.hermes-s6gen")).unwrap().flatten().collect();
    if room.len() != 1 {
        wrong.push(format!("staging is left: {room:?}"));
    }
    let processes = processes_in(scratch.root());
    let supervisors = processes.iter().filter(|(_, line)| line.starts_with("s6-supervise")).count();
    if supervisors != 2 * (PROFILES + 1) {
        wrong.push(format!("{supervisors} s6-supervise: {processes:#?}"));
    }
    for name in names {
        let state = fs::read_to_string(scratch.profile_path(name).join("gateway_state.json")).unwrap_or_default();
        let wanted = state.contains("\"desired_state\":\"running\"");
        if !state.is_empty() && !wanted && !state.contains("\"desired_state\":\"stopped\"") {
            wrong.push(format!("{name}: the state file has {state:?}"));
        }
        let stat = scratch.s6("s6-svstat", &["-o", "up,wantedup"], name);
        if stat.out != format!("{wanted} {wanted}\n") {
            wrong.push(format!("{name}: {state:?} is wanted, and s6-svstat says {stat:?}"));
        }
        if scratch.slot(name).join("data/registering").exists() {
            wrong.push(format!("{name}: is still being registered"));
        }
        let running = gateway::running(scratch, name);
        if running.len() != usize::from(wanted) {
            wrong.push(format!("{name}: gateways {running:?}, wanted {wanted}"));
        }
        let left = fs::read_dir(scratch.profile_path(name)).unwrap().flatten().map(|entry| entry.file_name());
        wrong.extend(
            left.filter(|file| file.as_encoded_bytes().starts_with(b"."))
                .map(|file| format!("{name} has {}", file.display())),
        );
    }
    if scratch.run(&["gateway", "status", "--all", "--check"]).code != 0 {
        wrong.push("a gateway does not settle".to_owned());
    }
    wrong
}
