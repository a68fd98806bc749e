//! Harmful edits of what is rendered: each is caught by a rule of `lint`, or else by the snapshots alone.
//! `docs/mutations.md` lists which.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use super::support::Answer;

/// What is done to one file of a rendered slot.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// The first text becomes the second, everywhere.
    Text(&'static str, &'static str),
    /// This is put before all that is there.
    Front(&'static str),
    /// This is put after it.
    Back(&'static str),
    /// The file gets another mode.
    Mode(u32),
    /// It goes.
    Gone,
    /// It becomes a link to /dev/null.
    Link,
}

use Edit::{Back, Front, Gone, Link, Mode, Text};

const SET: &str = "set -- /command/s6-setuidgid hermes \"$@\"";
const EDITS: [(&str, &str, Edit); 46] = [
    ("the last exec is dropped", "run", Text("exec /command/s6-envdir", "/command/s6-envdir")),
    ("the exec of the first pass is dropped", "run", Text("    exec \"$@\"\n", "    \"$@\"\n")),
    ("the gateway goes to the background", "run", Text("gateway run --replace", "gateway run --replace &")),
    ("the gateway is piped away", "run", Text("gateway run --replace", "gateway run --replace | cat")),
    ("the gateway does not replace an old one", "run", Text(" --replace", "")),
    ("another profile's gateway is started", "run", Text("-p coder gateway", "-p writer gateway")),
    ("the privilege drop is missing", "run", Text(SET, ":")),
    ("the privilege drop is for the wrong ones", "run", Text("-eq 0", "-ne 0")),
    ("root's own id is not asked for", "run", Text("\"$(/usr/bin/id -u)\" -eq 0", "0 -eq 1")),
    ("the container's environment comes before the drop", "run", Text(SET, "set -- \"$@\"")),
    ("root looks id up", "run", Text("$(/usr/bin/id -u)", "$(id -u)")),
    ("root makes the home's directories", "run", Text("exec 2>&1\n", "exec 2>&1\nmkdir -p /opt/data/logs\n")),
    ("root gives the home away", "run", Text("exec 2>&1\n", "exec 2>&1\n/bin/chown -R hermes /opt/data\n")),
    (
        "root removes a lock in the home",
        "log/run",
        Text("# First pass", "/bin/rm -f /opt/data/logs/gateways/coder/lock\n# First pass"),
    ),
    ("root reads a file of the home", "run", Text("exec 2>&1\n", "exec 2>&1\n. /opt/data/.env\n")),
    ("root exports PATH", "run", Text("exec 2>&1\n", "exec 2>&1\nexport PATH=/opt/data/bin:$PATH\n")),
    ("the home is baked in", "run", Text("HERMES_HOME=${HERMES_HOME:-/opt/data}", "HERMES_HOME=/opt/data")),
    ("standard error is lost", "run", Text("exec 2>&1\n", "")),
    ("a word loses its quotes", "run", Text("cd \"$HERMES_HOME\"", "cd $HERMES_HOME")),
    ("the slot loses its quotes", "run", Text("\"$slot\"/env", "$slot/env")),
    ("the way home is not looked at", "run", Text("cd \"$HERMES_HOME\" || exit 78\n", "")),
    ("there is no back-off", "run", Text("/usr/local/bin/hermes-s6gen --s6-bin /command backoff \"$slot\" ", "")),
    ("the extra environment is not loaded", "run", Text("/command/s6-envdir -Lf \"$slot\"/env ", "")),
    ("the default's listeners are inherited", "run", Text("unset API_SERVER_CORS_ORIGINS", "unset NOTHING")),
    ("the gateway does not know that it is supervised", "run", Text(" HERMES_S6_SUPERVISED_CHILD=1", "")),
    ("something comes after the last exec", "run", Back("echo done\n")),
    ("a quote is missing", "run", Text("cd \"$HERMES_HOME\" ||", "cd \"$HERMES_HOME ||")),
    ("Windows line ends", "run", Text("\n", "\r\n")),
    ("a byte order mark", "run", Front("\u{feff}")),
    ("another interpreter", "run", Text("#!/bin/sh", "#!/bin/bash")),
    ("an interpreter that is looked up", "run", Text("#!/bin/sh", "#!/usr/bin/env sh")),
    ("no interpreter", "run", Text("#!/bin/sh\n", "")),
    ("it cannot be executed", "run", Mode(0o644)),
    ("everybody may write it", "run", Mode(0o777)),
    ("it is a link", "run", Link),
    ("the logger is not protected", "log/run", Text("s6-log -p 1", "s6-log 1")),
    ("the logger writes no files", "log/run", Text("exec \"$@\" n10 s1000000 T \"$dir\"", "exec \"$@\"")),
    ("the log grows without end", "log/run", Text(" n10 s1000000", "")),
    ("the logger is missing", "log/run", Gone),
    ("finish sleeps", "finish", Text("case $1 in", "/bin/sleep 10\ncase $1 in")),
    ("a wrong configuration is restarted for ever", "finish", Text("78) exit 125 ;;", "78) exit 0 ;;")),
    ("every death is for good", "finish", Text("75) exit 0 ;;", "*) exit 125 ;;")),
    ("finish runs as root what the home holds", "finish", Text(SET, ":")),
    ("the type is another", "type", Text("longrun", "oneshot")),
    ("the type has no newline", "type", Text("longrun\n", "longrun")),
    ("everybody may write a value", "env/API_KEY", Mode(0o666)),
];

impl Edit {
    fn apply(self, file: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let changed = match self {
            Text(from, to) => {
                assert!(text.contains(from), "{from:?} is not in {}", file.display());
                text.replace(from, to)
            }
            Front(front) => front.to_owned() + &text,
            Back(back) => text + back,
            Mode(mode) => return fs::set_permissions(file, PermissionsExt::from_mode(mode)).unwrap(),
            Gone => return fs::remove_file(file).unwrap(),
            Link => {
                fs::remove_file(file).unwrap();
                return symlink("/dev/null", file).unwrap();
            }
        };
        fs::write(file, changed).unwrap();
    }
}

fn program(args: &[&str]) -> Answer {
    Answer::of(Command::new(env!("CARGO_BIN_EXE_hermes-s6gen")).env_clear().env("PATH", "/usr/bin:/bin").args(args))
}

/// The slot of `coder` as it is rendered below `scratch`, as the image has it.
fn render(scratch: &Path, check: bool) -> Answer {
    let (home, out) = (scratch.join("home"), scratch.join("out"));
    fs::create_dir_all(home.join("profiles/coder")).unwrap();
    fs::write(home.join("profiles/coder/SOUL.md"), "").unwrap();
    let places = ["--home", home.to_str().unwrap(), "--s6-bin", "/command", "--user", "hermes"];
    let what = ["render", "coder", "--env", "API_KEY=secret", if check { "--check" } else { "--out" }];
    program(&[&places[..], &what, &[out.to_str().unwrap()]].concat())
}

/// What catches `edit` of `file`: the codes of the rules, or the snapshots.
fn caught(file: &str, edit: Edit) -> String {
    let scratch = tempfile::tempdir().unwrap();
    render(scratch.path(), false).ok();
    let slot = scratch.path().join("out/gateway-coder");
    // With it, every edit is found; a changed template has a changed manifest.
    let manifest = slot.join("data/manifest.json");
    let rendered = fs::read(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    edit.apply(&slot.join(file));
    let found = program(&["lint", slot.to_str().unwrap(), "--format", "json"]);
    let found = found.json();
    let code = |finding: &serde_json::Value| finding["code"].as_str().unwrap().to_owned();
    let mut codes: Vec<_> = found["findings"].as_array().unwrap().iter().map(code).collect();
    codes.sort();
    codes.dedup();
    if !codes.is_empty() {
        return codes.join(", ");
    }
    fs::write(manifest, rendered).unwrap();
    assert_eq!(render(scratch.path(), true).code, 1, "nothing catches {edit:?} of {file}");
    "snapshots".to_owned()
}

#[test]
fn every_harmful_edit_is_caught() {
    if !Path::new("/usr/bin/shellcheck").exists() {
        eprintln!("not applicable: no shellcheck here, which catches some");
        return;
    }
    let work = Mutex::new(EDITS.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((index, (what, file, edit))) = work.lock().unwrap().next() else { return };
                    let line = (index, format!("| {what} | `{file}` | {} |", caught(file, *edit)));
                    done.lock().unwrap().push(line);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort();
    let mut text = String::from("# Harmful edits, and what catches them\n\n");
    text += "The rules of `docs/lint.md`, or else the snapshots (`render --check`, `generated-examples/`).\n\n";
    text += "| edit | file | caught by |\n|---|---|---|\n";
    for (_, line) in done {
        writeln!(text, "{line}").unwrap();
    }
    let listed = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mutations.md")).unwrap_or_default();
    assert!(text == listed, "docs/mutations.md has to be:\n{text}");
}
