//! The status of many slots.

use std::process::Command;

use super::boot::{home, large};
use super::table::{Table, millis, ratio};
use super::tools::{Tools, median};

pub(crate) const NOTE: &str = "`gateway status --all` against a shell loop of as many `s6-svstat`, and against one \
`hermes gateway status`, which tells of one gateway.";

const SIZES: [(usize, usize); 3] = [(1, 15), (50, 9), (500, 5)];

pub(crate) fn measure(tools: &Tools) -> Table {
    let mut table =
        Table::new(&["slots", "ours", "s6-svstat loop", "ours/loop", "loop / processors", "hermes", "hermes/ours"]);
    let processors = u32::try_from(std::thread::available_parallelism().map_or(1, usize::from)).unwrap();
    for (slots, times) in SIZES {
        let scratch = home(slots - 1);
        let _svscan = large(&scratch);
        tools.run(&Tools::ours(&scratch, &["reconcile", "--proc", "/nonexistent"]));
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "for slot in \"$0\"/gateway-*; do /usr/bin/s6-svstat \"$slot\"; done"]);
        shell.arg(scratch.path("scan"));
        let hermes = tools.hermes.as_ref().filter(|_| slots == 1).map(|program| {
            let mut command = Command::new(program);
            command.args(["gateway", "status"]).env("HERMES_HOME", scratch.path("home")).env("PATH", "/usr/bin:/bin");
            command.env("HOME", scratch.path("home"));
            command
        });
        let ours = Tools::ours(&scratch, &["gateway", "status", "--all"]);
        let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            a.push(tools.run(&ours));
            b.push(tools.run(&shell));
            c.extend(hermes.iter().map(|command| tools.run(command)));
        }
        let (a, b) = (median(&a).wall, median(&b).wall);
        let hermes = (!c.is_empty()).then(|| median(&c).wall);
        table.row(vec![
            slots.to_string(),
            millis(a),
            millis(b),
            ratio(a, b),
            millis(b / processors),
            hermes.map_or("-".to_owned(), millis),
            hermes.map_or("-".to_owned(), |hermes| ratio(hermes, a)),
        ]);
    }
    table
}
