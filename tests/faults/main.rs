//! Every system call on the file system fails in turn, or the program is killed before or after it. Whatever happens,
//! the next run puts it right.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod findings;
mod injector;
mod lane;
mod scenario;
mod slots;
#[allow(dead_code, unused_imports, reason = "the suite uses more of it")]
#[path = "../suite/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use injector::{Fault, Injector};
use lane::Lane;
use scenario::SCENARIOS;

/// Runs wait more than they compute.
const LANES: usize = 4;
/// How many points a run tries unless `HERMES_S6GEN_FAULTS` says otherwise; 0 is all of them.
const POINTS: usize = 1400;
/// Has no divisor in common with the number of faults, so that an even sample has all of them.
const FAULTS: [Fault; 7] = [
    Fault::Error("EIO"),
    Fault::Error("ENOSPC"),
    Fault::Error("EACCES"),
    Fault::Error("EMFILE"),
    Fault::Error("EINTR"),
    Fault::KilledBefore,
    Fault::KilledAfter,
];

#[test]
#[ignore = "takes minutes: make test-faults"]
fn the_next_run_puts_it_right() {
    if cfg!(not(target_arch = "x86_64")) {
        println!("skipped: the injector knows the registers of x86_64 only");
        return;
    }
    let began = Instant::now();
    let injector = Injector::build();
    let only = std::env::var("HERMES_S6GEN_FAULTS_IN").ok();
    let scenarios: Vec<_> =
        SCENARIOS.iter().filter(|scenario| only.as_ref().is_none_or(|only| only == scenario.name)).collect();
    let mut points = Vec::new();
    let mut lane = Lane::new();
    for scenario in &scenarios {
        let calls = lane.record(&injector, scenario);
        println!("{:<12} {:>4} calls", scenario.name, calls.len());
        if std::env::var_os("HERMES_S6GEN_FAULTS_CALLS").is_some() {
            println!("{}", calls.join("\n"));
        }
        points.extend((1..=calls.len()).flat_map(|call| FAULTS.map(|fault| (*scenario, call, fault))));
    }
    drop(lane);
    let most = std::env::var("HERMES_S6GEN_FAULTS").map_or(POINTS, |most| most.parse().unwrap());
    let all = points.len();
    if most > 0 && most < all {
        points = (0..most).map(|index| points[index * all / most]).collect();
    }
    let queue = Mutex::new(points.into_iter());
    let (tried, findings) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    let work = || {
        let mut lane = Lane::new();
        loop {
            let Some((scenario, call, fault)) = queue.lock().unwrap().next() else { return };
            let found = lane.try_point(&injector, scenario, call, fault);
            *tried.lock().unwrap().entry((scenario.name, found.struck)).or_insert(0) += 1;
            if !found.wrong.is_empty() {
                println!("{found}");
                findings.lock().unwrap().push(found);
                // What is left of it is not the next one's fault.
                lane = Lane::new();
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(work);
        }
    });
    let (tried, findings) = (tried.into_inner().unwrap(), findings.into_inner().unwrap());
    for scenario in &scenarios {
        println!("{:<12} {:>4} points", scenario.name, tried.get(&(scenario.name, true)).unwrap_or(&0));
    }
    let struck: usize = tried.iter().filter(|((_, struck), _)| *struck).map(|(_, count)| count).sum();
    let missed: usize = tried.iter().filter(|((_, struck), _)| !*struck).map(|(_, count)| count).sum();
    println!(
        "{struck} points of {all} tried in {} s, {} of them with something wrong; {missed} more came too late",
        began.elapsed().as_secs(),
        findings.len()
    );
    assert!(findings.is_empty());
    // Threads share the work of some, which then make a call more or less than the recorded run.
    let least = if (1..1000).contains(&most) { most.saturating_sub(5) } else { 1000 };
    assert!(only.is_some() || struck >= least);
}
