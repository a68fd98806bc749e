//! For every rule a tree that breaks it and no other, and one that comes near and breaks none.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::chown;
use std::path::Path;

use hermes_s6gen::lint::{Finding, RULES};
use rustix::process::geteuid;

use super::tree::{Base, Tree};

/// A base, an edit that breaks no rule, and one that breaks the rule and no other.
type Case = (&'static str, Base, fn(&Tree), fn(&Tree));

/// The end of the part of `run` that root runs.
const FI: &str = "    exec \"$@\"\nfi\n";
/// What root's part of `run` begins with.
const ROOT: &str = "# First pass";

fn as_it_is(_: &Tree) {}

/// Puts `line` where root runs it.
fn root_runs(tree: &Tree, line: &str) {
    tree.edit("run", ROOT, &format!("{line}\n{ROOT}"));
}

fn layout() -> Vec<Case> {
    use Base::{Scan, Service, Slot};
    vec![
        ("HS001", Slot, |tree| tree.remove("data"), |tree| tree.remove("run")),
        (
            "HS002",
            Service,
            |tree| std::fs::create_dir(tree.path("log")).unwrap(),
            |tree| tree.write("log/type", "longrun\n"),
        ),
        ("HS002", Slot, as_it_is, |tree| tree.remove("log")),
        ("HS003", Slot, |tree| tree.write("data/notes", "x"), |tree| tree.write("notes", "x")),
        ("HS004", Service, |tree| tree.write("check", "x"), |tree| tree.write("timeout_kill", "10000\n")),
        ("HS005", Slot, as_it_is, |tree| tree.link("run", "data/latest")),
        ("HS005", Slot, as_it_is, |tree| tree.link("/tmp", "supervise")),
        ("HS006", Slot, |tree| tree.write("down", ""), |tree| tree.fifo("down")),
        ("HS006", Service, |tree| tree.write("timeout-kill", "1000\n"), |tree| tree.write("timeout-kill/x", "")),
        ("HS007", Slot, as_it_is, |tree| tree.write("lock-fd", "4\n")),
        ("HS007", Slot, as_it_is, |tree| tree.write("flag-newpidns", "")),
        (
            "HS008",
            Service,
            |tree| tree.script("log/run", "#!/bin/sh\nexec s6-log t .\n"),
            |tree| {
                tree.script("log/run", "#!/bin/sh\nexec s6-log t .\n");
                tree.script("log/log/run", "#!/bin/sh\nexec s6-log t .\n");
            },
        ),
        (
            "HS009",
            Slot,
            |tree| tree.write("data/list", vec![b'x'; 1 << 20]),
            |tree| {
                tree.write("data/list", vec![b'x'; (1 << 20) + 1]);
            },
        ),
        (
            "HS010",
            Scan,
            |tree| tree.script("web/run", "#!/bin/sh\nexec web\n"),
            |tree| tree.rename("gateway-coder", "gateway-Coder"),
        ),
        (
            "HS011",
            Scan,
            |tree| tree.script(&format!("{}/run", "w".repeat(251)), "#!/bin/sh\nexec web\n"),
            |tree| {
                tree.script(&format!("{}/run", "w".repeat(252)), "#!/bin/sh\nexec web\n");
            },
        ),
        (
            "HS012",
            Scan,
            |tree| tree.script("web-1.2_x/run", "#!/bin/sh\nexec web\n"),
            |tree| {
                tree.script("we b/run", "#!/bin/sh\nexec web\n");
            },
        ),
        ("HS012", Scan, as_it_is, |tree| {
            std::fs::create_dir(tree.path("").join(OsStr::from_bytes(b"web\xff"))).unwrap();
        }),
    ]
}

fn scan_directories() -> Vec<Case> {
    use Base::{Image, Scan};
    vec![
        ("HS013", Scan, |tree| tree.link("../scan/gateway-coder", "same"), |tree| tree.link("nowhere", "web")),
        (
            "HS013",
            Image,
            |tree| tree.link("/etc/services.d/web", "etc/services.d/same"),
            |tree| {
                tree.link(tree.path("etc/services.d/web"), "etc/services.d/out");
            },
        ),
        (
            "HS014",
            Scan,
            |tree| tree.script("php8.2/run", "#!/bin/sh\nexec php\n"),
            |tree| {
                tree.script("gateway-coder.old/run", "#!/bin/sh\nexec web\n");
            },
        ),
        ("HS014", Scan, as_it_is, |tree| tree.rename("gateway-coder", "coder")),
        (
            "HS015",
            Scan,
            |tree| tree.write(".s6-svscan/crash", ""),
            |tree| tree.script(".new/run", "#!/bin/sh\nexec web\n"),
        ),
        ("HS016", Scan, |tree| tree.link("gateway-coder", "coder"), |tree| tree.link("gateway-coder", "gateway-x")),
        ("HS016", Scan, |tree| tree.write("README", "x"), |tree| tree.write("gateway-x", "x")),
        ("HS017", Scan, |tree| many(tree, 998), |tree| many(tree, 999)),
    ]
}

/// Makes `count` services beside the two that are there.
fn many(tree: &Tree, count: usize) {
    for number in 0..count {
        let path = tree.path(&format!("s{number}"));
        std::fs::create_dir(&path).unwrap();
        std::os::unix::fs::symlink("/bin/true", path.join("run")).unwrap();
    }
}

fn modes() -> Vec<Case> {
    use Base::{Image, Rendered, Scan, Service, Slot, Sources};
    vec![
        ("HS018", Slot, |tree| tree.mode("run", 0o700), |tree| tree.mode("run", 0o644)),
        ("HS018", Service, as_it_is, |tree| tree.mode("run", 0o644)),
        ("HS018", Image, as_it_is, |tree| tree.mode("etc/cont-init.d/01-home", 0o644)),
        (
            "HS018",
            Sources,
            |tree| tree.mode("web/run", 0o644),
            |tree| {
                // It needs no mode itself, but a service directory in its place would.
                tree.remove("prepare");
                tree.remove("user");
                tree.remove("web/type");
                tree.remove("web/dependencies.d");
                tree.mode("web/run", 0o644);
            },
        ),
        ("HS019", Slot, |tree| tree.mode("data", 0o700), |tree| tree.mode("finish", 0o775)),
        ("HS019", Service, as_it_is, |tree| tree.mode("run", 0o777)),
        ("HS019", Scan, |tree| tree.mode("", 0o700), |tree| tree.mode("", 0o777)),
        ("HS019", Slot, |tree| with_mode(tree, "supervise", 0o711), |tree| with_mode(tree, "supervise", 0o777)),
        ("HS020", Slot, as_it_is, |tree| chown(tree.path("run"), Some(1), None).unwrap()),
        (
            "HS021",
            Slot,
            |tree| tree.mode("env/LOG_LEVEL", 0o644),
            |tree| {
                tree.mode("env", 0o755);
                tree.mode("env/LOG_LEVEL", 0o644);
            },
        ),
        ("HS021", Service, |tree| tree.write("env/LEVEL", "x\n"), |tree| tree.write("env/API_KEY", "x\n")),
        ("HS061", Rendered, |tree| tree.write("down", ""), |tree| tree.edit("run", "Rendered by", "Made by")),
        ("HS061", Rendered, as_it_is, |tree| tree.remove("log/type")),
        ("HS061", Rendered, as_it_is, |tree| tree.write("data/notes", "x")),
        ("HS061", Rendered, as_it_is, |tree| tree.edit("env/LOG_LEVEL", "debug", "trace")),
        ("HS062", Slot, as_it_is, |tree| tree.write("data/policy.json", "{\"first\": 0}\n")),
        ("HS062", Rendered, as_it_is, |tree| tree.write("data/manifest.json", "{}\n")),
        ("HS062", Rendered, as_it_is, |tree| tree.edit("data/manifest.json", "\"version\": 1", "\"version\": 2")),
        ("HS063", Slot, |tree| secret(tree, "LOG_LEVEL_2", "x\n"), |tree| secret(tree, "LOG_LEVEL.bak", "x\n")),
        ("HS064", Slot, |tree| secret(tree, "EMPTY", "\n"), |tree| secret(tree, "EMPTY", "")),
    ]
}

fn with_mode(tree: &Tree, name: &str, mode: u32) {
    std::fs::create_dir(tree.path(name)).unwrap();
    tree.mode(name, mode);
}

fn secret(tree: &Tree, name: &str, value: &str) {
    tree.write(&format!("env/{name}"), value);
    tree.mode(&format!("env/{name}"), 0o640);
}

fn settings() -> Vec<Case> {
    use Base::{Service, Slot, Sources};
    vec![
        ("HS022", Slot, |tree| tree.write("timeout-kill", "10000\n"), |tree| tree.write("timeout-kill", "10s\n")),
        ("HS022", Sources, |tree| tree.write("web/timeout-up", "30000"), |tree| tree.write("web/timeout-up", "+5")),
        ("HS023", Slot, |tree| tree.write("max-death-tally", "4096\n"), |tree| tree.write("max-death-tally", "4097\n")),
        ("HS024", Slot, |tree| tree.write("notification-fd", "3\n"), |tree| tree.write("notification-fd", "1\n")),
        ("HS024", Service, |tree| tree.write("notification-fd", "1\n"), |tree| tree.write("notification-fd", "0\n")),
        (
            "HS025",
            Service,
            |tree| tree.write("lock-fd", "3\n"),
            |tree| {
                tree.write("lock-fd", "3\n");
                tree.write("notification-fd", "3\n");
            },
        ),
        ("HS026", Slot, |tree| tree.write("timeout-kill", "10000\n"), |tree| tree.write("timeout-kill", "10\n")),
        ("HS027", Slot, |tree| tree.write("timeout-finish", "5000\n"), |tree| tree.write("timeout-finish", "0\n")),
        ("HS028", Slot, |tree| tree.write("down-signal", "SIGINT\n"), |tree| tree.write("down-signal", "SIGSTOPP\n")),
        ("HS029", Slot, |tree| tree.write("down", ""), |tree| tree.write("down", "no\n")),
        ("HS030", Slot, as_it_is, |tree| tree.edit("run", "\n", "\r\n")),
        ("HS030", Service, |tree| tree.write("timeout-kill", "1000\n"), |tree| tree.write("timeout-kill", "1000\r\n")),
        ("HS031", Slot, as_it_is, |tree| tree.edit("finish", "#!/bin/sh", "\u{feff}#!/bin/sh")),
        ("HS032", Slot, as_it_is, |tree| tree.write("type", "longrun")),
        ("HS032", Service, |tree| tree.write("down-signal", "INT\n"), |tree| tree.write("down-signal", "INT")),
        ("HS033", Slot, as_it_is, |tree| tree.edit("log/run", "# The logger", "# The \0logger")),
        ("HS034", Slot, as_it_is, |tree| tree.write("type", "oneshot\n")),
        ("HS034", Sources, as_it_is, |tree| tree.write("web/type", "longrunn\n")),
        ("HS065", Sources, as_it_is, |tree| tree.remove("web/run")),
        ("HS065", Sources, |tree| tree.write("extra/dependencies.d/web", ""), |tree| tree.remove("prepare/type")),
        (
            "HS066",
            Sources,
            |tree| tree.write("prepare/down", "#!/command/execlineb -P\nrm x\n"),
            |tree| {
                tree.write("prepare/up", "#!/bin/sh\nmkdir /run/x\n");
            },
        ),
    ]
}

fn interpreters() -> Vec<Case> {
    use Base::{Image, Service, Slot};
    vec![
        ("HS035", Service, |tree| tree.script("run", "\x7fELF"), |tree| tree.script("run", "exec web\n")),
        (
            "HS036",
            Service,
            |tree| tree.script("run", "#!/usr/bin/env sh\nexec web\n"),
            |tree| {
                tree.script("run", "#!sh\nexec web\n");
            },
        ),
        (
            "HS037",
            Service,
            |tree| tree.script("run", "#!/usr/local/bin/python3.99 -u\nimport web\n"),
            |tree| {
                tree.script("run", "#!/bin/shh\nexec web\n");
            },
        ),
        ("HS037", Image, as_it_is, |tree| tree.script("etc/services.d/web/run", "#!/bin/bash\nexec web\n")),
        ("HS038", Slot, as_it_is, |tree| tree.edit("run", "#!/bin/sh", "#!/bin/bash")),
        ("HS038", Slot, as_it_is, |tree| tree.edit("run", "#!/bin/sh", "#!/command/with-contenv sh")),
        (
            "HS039",
            Service,
            |tree| tree.script("run", "#!/usr/bin/env -S sh -e\nexec web\n"),
            |tree| {
                tree.script("run", "#!/bin/sh -e -u\nexec web\n");
            },
        ),
    ]
}

fn endings() -> Vec<Case> {
    use Base::{Service, Slot};
    vec![
        ("HS040", Slot, as_it_is, |tree| tree.edit("run", "exec /", "/")),
        ("HS040", Slot, as_it_is, |tree| tree.edit("log/run", "\nexec \"$@\"\n", "\n\"$@\"\n")),
        (
            "HS040",
            Service,
            |tree| tree.script("run", "#!/bin/sh\nif x; then exec y; fi\nsleep 1\n"),
            |tree| {
                tree.script("run", "#!/bin/sh\nexec 2>&1\nweb --foreground\n");
            },
        ),
        (
            "HS041",
            Service,
            |tree| tree.script("run", "#!/bin/sh\nexec x || exit 3\nexec y\n"),
            |tree| {
                tree.append("run", "export A=1\n");
            },
        ),
        ("HS042", Slot, as_it_is, |tree| tree.edit("run", "exec /command", "exec setsid /command")),
        ("HS042", Service, as_it_is, |tree| tree.script("run", "#!/bin/sh\nexec web &\n")),
        ("HS043", Slot, as_it_is, |tree| tree.edit("run", " --replace", "")),
        ("HS043", Slot, as_it_is, |tree| tree.edit("run", "\" hermes -p", "\" -p")),
        ("HS044", Slot, as_it_is, |tree| tree.edit("run", "-p coder", "-p writer")),
        ("HS044", Slot, as_it_is, |tree| tree.edit("run", "-p coder ", "")),
        ("HS044", Slot, as_it_is, |tree| tree.edit("log/run", "gateways/coder", "gateways/writer")),
    ]
}

fn privileges() -> Vec<Case> {
    use Base::{Service, Slot};
    vec![
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "/s6-setuidgid hermes", "/s6-nice")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "-eq 0", "-ne 0")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "s6-setuidgid hermes", "s6-setuidgid")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "/bin/sh ./run as", "/bin/sh as")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "s6-setuidgid hermes", "s6-setuidgid root")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "run as-run-user", "run as-run-usr")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("run", "s6-setuidgid hermes \"$@\"", "s6-setuidgid hermes true")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("log/run", "!= as-run-user", "= as-run-user")),
        ("HS045", Slot, as_it_is, |tree| tree.edit("finish", "s6-setuidgid", "s6-envuidgid")),
        ("HS046", Slot, after_drop_writes, |tree| root_runs(tree, "/bin/mkdir -p \"$HERMES_HOME\"/logs")),
        ("HS046", Slot, as_it_is, |tree| root_runs(tree, "echo x >\"${HERMES_HOME:-/opt/data}\"/x")),
        ("HS046", Slot, as_it_is, |tree| tree.edit("finish", "exit 0\n", "/bin/rm -rf \"$HERMES_HOME\"/x\nexit 0\n")),
        ("HS047", Slot, as_it_is, |tree| root_runs(tree, "export PATH=/opt/venv/bin:/usr/bin")),
        ("HS047", Slot, as_it_is, |tree| {
            tree.edit("run", "set -- /command/s6-setuid", "set -- /command/with-contenv /command/s6-setuid");
        }),
        ("HS048", Slot, as_it_is, |tree| tree.edit("run", "/usr/bin/id", "id")),
        ("HS048", Slot, as_it_is, |tree| root_runs(tree, "hermes-prepare")),
        ("HS049", Slot, as_it_is, |tree| root_runs(tree, "eval \"$SETUP\"")),
        (
            "HS050",
            Service,
            |tree| tree.script("run", "#!/bin/sh\nPATH=/opt/bin:$PATH\nexec web\n"),
            |tree| {
                tree.script("run", "#!/bin/sh\nPATH=.:$PATH\nexec web\n");
            },
        ),
        ("HS051", Slot, as_it_is, |tree| tree.edit("run", "=${HERMES_HOME:-/opt/data}", "=/srv/hermes")),
        ("HS051", Slot, as_it_is, |tree| tree.edit("log/run", "${HERMES_HOME:-/opt/data}", "/opt/data")),
        ("HS051", Slot, as_it_is, |tree| secret(tree, "HERMES_HOME", "/srv/hermes\n")),
    ]
}

fn after_drop_writes(tree: &Tree) {
    tree.edit("run", FI, &format!("{FI}mkdir -p \"$PWD\"/x\nexport PATH=/opt/venv/bin:/usr/bin\n"));
}

fn others() -> Vec<Case> {
    use Base::{Service, Slot};
    vec![
        ("HS052", Slot, as_it_is, |tree| tree.edit("finish", "exit 0\n", "/bin/sleep 1\nexit 0\n")),
        (
            "HS052",
            Service,
            |tree| tree.script("finish", "#!/bin/sh\nsleep 1\n"),
            |tree| {
                tree.script("finish", "#!/bin/sh\nsleep 5\n");
            },
        ),
        ("HS053", Slot, as_it_is, |tree| tree.edit("finish", "exit 0\n", "/usr/bin/curl http://x/\nexit 0\n")),
        (
            "HS054",
            Service,
            |tree| tree.script("finish", "#!/bin/sh\n[ \"$1\" = 78 ] || exit 0\nexit 125\n"),
            |tree| {
                tree.script("finish", "#!/bin/sh\nexit 125\n");
            },
        ),
        ("HS055", Slot, as_it_is, |tree| tree.edit("log/run", "/command/s6-log -p 1", "/usr/bin/svlogd -tt")),
        ("HS056", Slot, as_it_is, |tree| tree.edit("log/run", "s6-log -p", "s6-log")),
        ("HS057", Slot, as_it_is, |tree| tree.edit("run", "exec 2>&1\n", "")),
        ("HS058", Slot, as_it_is, |tree| tree.edit("run", "\"$slot\"/env", "$slot/env")),
        ("HS058", Slot, as_it_is, |tree| tree.edit("log/run", "exec \"$@\" n", "exec $@ n")),
        ("HS058", Slot, as_it_is, |tree| tree.edit("run", "cd \"$HERMES_HOME\"", "cd $HERMES_HOME")),
        ("HS059", Slot, as_it_is, |tree| tree.edit("run", "\nslot=", "\nif true; then\nslot=")),
        ("HS059", Service, as_it_is, |tree| tree.script("run", "#!/bin/sh\nexec web 'x\n")),
        ("HS060", Slot, as_it_is, |tree| tree.edit("run", FI, &format!("{FI}unused=1\n"))),
        ("HS067", Slot, as_it_is, |tree| tree.edit("log/run", "/command/with-contenv ", "")),
        ("HS068", Slot, as_it_is, |tree| tree.edit("run", "HOME=$HERMES_HOME\n", "")),
        ("HS068", Slot, as_it_is, |tree| tree.edit("run", " HERMES_S6_SUPERVISED_CHILD=1", "")),
        ("HS069", Slot, as_it_is, |tree| tree.edit("run", " API_SERVER_KEY", "")),
        ("HS069", Slot, as_it_is, |tree| tree.edit("run", "export API_SERVER_PORT=9570\n", "")),
        ("HS070", Slot, as_it_is, |tree| tree.edit("run", " backoff \"$slot\"", "")),
        ("HS071", Slot, as_it_is, |tree| tree.edit("run", "s6-envdir -Lf", "s6-envdir")),
        ("HS071", Slot, as_it_is, |tree| tree.edit("run", "s6-envdir -Lf", "s6-envdir -f")),
        ("HS072", Slot, as_it_is, |tree| tree.edit("run", " || exit 78", "")),
        ("HS073", Slot, as_it_is, |tree| tree.remove("finish")),
        ("HS073", Slot, as_it_is, |tree| tree.edit("finish", "78) exit 125", "78) exit 0")),
        ("HS073", Slot, as_it_is, |tree| tree.edit("finish", "    case $? in 125) exit 125 ;; esac\n", "")),
        ("HS074", Slot, as_it_is, |tree| tree.edit("log/run", " s1000000", "")),
        ("HS074", Slot, as_it_is, |tree| tree.edit("log/run", "s6-log -p 1", "s6-log -p")),
    ]
}

fn cases() -> Vec<Case> {
    [layout(), scan_directories(), modes(), settings(), interpreters(), endings(), privileges(), others()].concat()
}

#[test]
fn every_rule_is_broken_by_a_tree_that_breaks_no_other() {
    for rule in RULES {
        assert!(cases().iter().any(|(code, ..)| *code == rule.code), "{} has no pair", rule.code);
    }
    let mut wrong = Vec::new();
    for (index, (code, base, good, bad)) in cases().into_iter().enumerate() {
        let skipped = match code {
            "HS020" => !geteuid().is_root(),
            "HS060" => !Path::new("/usr/bin/shellcheck").exists(),
            _ => false,
        };
        if skipped {
            eprintln!("skipped: {code} needs root or shellcheck");
            continue;
        }
        let sound = Tree::new(base);
        good(&sound);
        let broken = Tree::new(base);
        bad(&broken);
        let (none, some) = (sound.lint(), broken.lint());
        if !none.is_empty() || some.is_empty() || some.iter().any(|finding| finding.rule.code != code) {
            let told = |found: &[Finding]| {
                let line = |one: &Finding| format!("  {} {:?} {}", one.rule.code, one.line, one.message);
                found.iter().map(line).collect::<Vec<_>>().join("\n")
            };
            wrong.push(format!("case {index}, {code} {base:?}\nsound:\n{}\nbroken:\n{}", told(&none), told(&some)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
