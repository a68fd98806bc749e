//! Size, memory, system calls.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::boot::{Boot, home, large};
use super::support::{Answer, variables};
use super::table::Table;
use super::tools::Tools;

pub(crate) const NOTE: &str = "System calls are those of the program's own threads, counted by strace at 10 and at 110 new \
slots; the difference is what a slot costs.";

const SIZES: [usize; 2] = [10, 110];

pub(crate) fn measure(boots: &[Boot]) -> Table {
    let [few, many] = SIZES.map(calls);
    let a_slot = |wanted: &dyn Fn(&str) -> bool| {
        let count = |calls: &BTreeMap<String, usize>| {
            calls.iter().filter(|(call, _)| wanted(call)).map(|(_, count)| count).sum::<usize>()
        };
        // Tenths, rounded down.
        let tenths = 10 * count(&many).saturating_sub(count(&few)) / (SIZES[1] - SIZES[0]);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let mut table = Table::new(&["what", "figure"]);
    let mut row = |what: &str, figure: String| table.row(vec![what.to_owned(), figure]);
    row("release binary", format!("{} bytes", fs::metadata(Tools::release()).unwrap().len()));
    for boot in boots {
        row(&format!("peak memory, {} profiles", boot.profiles), format!("{} KiB", boot.ours.peak));
    }
    row("system calls a slot", a_slot(&|_| true));
    row("fsyncs a slot", a_slot(&|call| call.contains("sync")));
    let mut most: Vec<_> = many.iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (call, _) in most.into_iter().take(12) {
        row(&format!("{call} a slot"), a_slot(&|other| other == call));
    }
    table
}

/// How often a reconciliation of so many profiles makes each system call.
fn calls(profiles: usize) -> BTreeMap<String, usize> {
    let scratch = home(profiles - 1);
    let _svscan = large(&scratch);
    let ours = Tools::ours(&scratch, &["reconcile", "--proc", "/nonexistent"]);
    let log = scratch.path("calls");
    let mut command = Command::new("/usr/bin/strace");
    command.args(["-f", "-qq", "-o"]).arg(&log).arg(ours.get_program()).args(ours.get_args()).env_clear();
    command.envs(variables(&ours));
    Answer::of(&mut command).ok();
    let mut calls = BTreeMap::new();
    let mut others = Vec::new();
    for line in fs::read_to_string(log).unwrap().lines() {
        let (pid, rest) = line.split_once(' ').unwrap();
        let name = rest.trim_start().split('(').next().unwrap_or_default();
        // What has become another program is not ours any more.
        if name == "execve" && rest.contains("/s6-") {
            others.push(pid.to_owned());
        }
        let is_call = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_call && !others.iter().any(|other| other == pid) {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
    }
    calls
}
