//! One change at a time.

use std::fs;
use std::process::Command;

use super::boot::{home, large};
use super::support::{Answer, Scratch, wait_until};
use super::table::{Table, millis, ratio};
use super::tools::{Tools, median};

pub(crate) const NOTE: &str = "Each verb against a shell script of the s6 commands that it cannot do without, in turn on \
the same slot, whose gateway has come to rest. `--settle 0`, as the scripts do not look again.";

const TIMES: usize = 15;

/// `$0` is the slot, `$1` the scan directory, `$2` a service directory to copy.
const START: &str = "s6-svok \"$0\" && s6-svstat -o up,wantedup \"$0\" && s6-svdt \"$0\" && s6-svdt-clear \"$0\" &&
    s6-svc -wu -T 5000 -U \"$0\" && s6-svdt \"$0\"";
const STOP: &str = "s6-svok \"$0\" && s6-svstat -o pid \"$0\" && s6-svc -wD -T 5000 -D \"$0\"";
const RESTART: &str =
    "s6-svok \"$0\" && s6-svstat -o pid \"$0\" && s6-svc -wD -T 5000 -d \"$0\" && s6-svdt-clear \"$0\" &&
    s6-svc -wu -T 5000 -U \"$0\" && s6-svdt \"$0\"";
const REGISTER: &str = "cp -a \"$2\" \"$1\"/.new && mv -T \"$1\"/.new \"$0\" && s6-svscanctl -a \"$1\" &&
    until s6-svok \"$0\" && s6-svok \"$0\"/log; do :; done";
const UNREGISTER: &str = "s6-svc -wD -T 5000 -D \"$0\" && mv -T \"$0\" \"$1\"/.old && s6-svscanctl -an \"$1\" &&
    while s6-svok \"$1\"/.old || s6-svok \"$1\"/.old/log; do :; done; rm -rf \"$1\"/.old";

pub(crate) fn measure(tools: &Tools) -> Table {
    let scratch = home(1);
    let _svscan = large(&scratch);
    scratch.run(&["register", "p0000", "--down"]).ok();
    let example = scratch.path("example");
    // A service directory that nobody has supervised yet.
    scratch.run(&["render", "p0000", "--down", "--out", example.to_str().unwrap()]).ok();
    let example = example.join("gateway-p0000");
    let mut table = Table::new(&["verb", "ours", "s6 commands", "ratio"]);
    let rounds: [(&str, &[&str], &str, &[&str]); 5] = [
        ("start", &["gateway", "start", "-p", "p0000", "--settle", "0"], START, &["gateway", "stop", "-p", "p0000"]),
        ("restart", &["gateway", "restart", "-p", "p0000", "--settle", "0"], RESTART, &[]),
        ("stop", &["gateway", "stop", "-p", "p0000"], STOP, &["gateway", "start", "-p", "p0000", "--settle", "0"]),
        ("unregister", &["unregister", "p0000"], UNREGISTER, &["register", "p0000", "--down"]),
        ("register", &["register", "p0000", "--down"], REGISTER, &["unregister", "p0000"]),
    ];
    for (verb, args, script, back) in rounds {
        if verb == "stop" || verb == "restart" {
            scratch.run(&["gateway", "start", "-p", "p0000", "--settle", "0"]).ok();
        }
        if verb == "unregister" {
            scratch.run(&["gateway", "stop", "-p", "p0000"]).ok();
        }
        if verb == "register" {
            scratch.run(&["unregister", "p0000"]).ok();
        }
        let mut shell = Command::new("/bin/sh");
        shell.arg("-ec").arg(script).arg(scratch.slot("p0000")).arg(scratch.path("scan")).arg(&example);
        shell.env("PATH", "/usr/bin:/bin");
        let ours = Tools::ours(&scratch, args);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            for (command, samples) in [(&ours, &mut a), (&shell, &mut b)] {
                come_to_rest(&scratch);
                samples.push(tools.run(command));
                if !back.is_empty() {
                    scratch.run(back).ok();
                }
            }
        }
        let (ours, theirs) = (median(&a), median(&b));
        table.row(vec![verb.to_owned(), millis(ours.wall), millis(theirs.wall), ratio(ours.wall, theirs.wall)]);
    }
    table
}

/// Waits until the gateway, if there is one, is the program that it ends as.
fn come_to_rest(scratch: &Scratch) {
    wait_until("the gateway is at rest", || {
        let stat = Answer::of(Command::new("s6-svstat").args(["-o", "pid"]).arg(scratch.slot("p0000")));
        let pid = stat.out.trim();
        stat.code != 0
            || pid == "-1"
            || fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm == "sleep\n")
    });
}
