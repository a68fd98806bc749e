//! One scratch tree with its s6-svscan, on which points are tried one after the other.

use std::time::{Duration, Instant};

use super::findings::Findings;
use super::injector::{Fault, Injector};
use super::scenario::{Scenario, command};
use super::slots::{Slots, left_in_home};
use super::support::{Answer, Identity, Scratch, Svscan};

/// No fault may make a run wait for long.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Lane {
    // Dropped first: it uses the tree.
    _svscan: Svscan,
    scratch: Scratch,
    pristine: Slots,
}

impl Lane {
    pub(crate) fn new() -> Self {
        let scratch = Scratch::new(Identity::root("faults").unwrap_or(Identity::Ordinary));
        scratch.profiles(&["coder"]);
        let svscan = scratch.svscan();
        scratch.run(&["reconcile"]).ok();
        let pristine = Slots::of(&scratch);
        Self { _svscan: svscan, scratch, pristine }
    }

    /// The calls of a run that nothing happens to.
    pub(crate) fn record(&mut self, injector: &Injector, scenario: &Scenario) -> Vec<String> {
        (scenario.prepare)(&self.scratch);
        let (answer, calls) = injector.run(&self.scratch, scenario.args, 0, Fault::KilledBefore);
        answer.ok();
        run(scenario.again, &self.scratch).ok();
        calls
    }

    pub(crate) fn try_point(
        &mut self,
        injector: &Injector,
        scenario: &'static Scenario,
        call: usize,
        fault: Fault,
    ) -> Findings {
        let scratch = &self.scratch;
        (scenario.prepare)(scratch);
        let began = Instant::now();
        let (answer, calls) = injector.run(scratch, scenario.args, call, fault);
        let mut wrong = Vec::new();
        let struck = calls.len() >= call;
        let killed = struck && matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
        if began.elapsed() > PATIENCE {
            wrong.push(format!("took {} s", began.elapsed().as_secs()));
        }
        let codes: &[i64] = if killed { &[137] } else { &[0, 1, 2] };
        if !codes.contains(&answer.code) {
            wrong.push("the exit code is another".to_owned());
        }
        if answer.err.contains("panicked") {
            wrong.push("it panicked".to_owned());
        }
        if answer.code == 1 || answer.code == 2 {
            let told = answer.err.lines().chain(answer.out.lines()).any(|line| line.contains('/'));
            if !told {
                wrong.push("the message names no path".to_owned());
            }
        }
        if answer.code == 0 {
            wrong.extend((scenario.wrong)(scratch).map(|what| format!("it says that it is done, but {what}")));
        }
        let clean = run(scenario.again, scratch);
        if clean.code != 0 {
            wrong.push(format!("the next run fails: {clean:?}"));
        }
        wrong.extend((scenario.wrong)(scratch).map(|what| format!("after the next run {what}")));
        wrong.extend(self.pristine.wrong(&Slots::of(scratch), scratch));
        wrong.extend(left_in_home(scratch));
        let line = calls.last().cloned().unwrap_or_default();
        Findings { scenario: scenario.name, call, fault, line, struck, answer, wrong }
    }
}

fn run(words: &[&str], scratch: &Scratch) -> Answer {
    Answer::of(&mut command(words, scratch))
}
