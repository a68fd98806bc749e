//! `lint`

mod rules;
mod tree;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use hermes_s6gen::lint::RULES;

use super::support::{Answer, Identity, Scratch, wait_until};
use tree::{Base, Tree};

fn lint(arguments: &[&str]) -> Answer {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hermes-s6gen"));
    Answer::of(command.env_clear().arg("lint").args(arguments))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_built_in_templates_and_the_examples_have_no_finding() {
    assert_eq!(lint(&[]).ok().out, "");
    for scenario in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/generated-examples")).unwrap() {
        let output = scenario.unwrap().path().join("output");
        // Where git left them their modes are git's, elsewhere they have to be the right ones.
        if Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.git")).exists() {
            assert_eq!(lint(&[text(&output)]).ok().out, "", "{}", output.display());
        }
        let copy = tempfile::tempdir().unwrap();
        Answer::of(std::process::Command::new("cp").arg("-r").arg(&output).arg(copy.path())).ok();
        for entry in walkdir::WalkDir::new(copy.path()).into_iter().map(Result::unwrap) {
            let may_run = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
            let is_value = entry.path().components().any(|part| part.as_os_str() == "env");
            let mode = if may_run { 0o755 } else { 0o644 };
            let mode = if is_value { mode & 0o750 } else { mode };
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(lint(&[text(&copy.path().join("output"))]).ok().out, "", "{}", output.display());
    }
}

#[test]
fn live_slots_have_no_finding() {
    for who in Identity::everybody("live_slots_have_no_finding") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder"]);
        let _svscan = scratch.svscan();
        scratch.run(&["register", "coder", "--env", "API_KEY=secret"]).ok();
        wait_until("the gateway runs", || scratch.starts("coder") > 0);
        for path in ["scan", "scan/gateway-coder"] {
            let answer = Answer::of(scratch.command(&["lint"]).arg(scratch.path(path)));
            assert_eq!(answer.ok().out, "", "{path} for {who:?}");
        }
    }
}

#[test]
fn execline_and_other_peoples_trees_have_no_finding() {
    let tree = Tree::new(Base::Image);
    tree.script(
        "etc/services.d/klogd/run",
        "#!/bin/execlineb -S0\nfdmove -c 2 1\nredirfd -r 0 /proc/kmsg\nucspilogd\n",
    );
    tree.script("bin/execlineb", "\x7fELF");
    tree.script("command/with-contenv", "\x7fELF");
    tree.write("etc/services.d/klogd/notification-fd", "3\n");
    tree.script(
        "etc/services.d/klogd/log/run",
        "#!/bin/execlineb -P\ns6-setuidgid log\ns6-log t s1000000 n20 /var/log/k\n",
    );
    let contenv = "#!/command/with-contenv sh\ncd /app || exit 1\nexec s6-setuidgid app ./serve $OPTIONS\n";
    tree.write("etc/s6-overlay/s6-rc.d/app/run", contenv);
    tree.write("etc/s6-overlay/s6-rc.d/app/type", "longrun\n");
    tree.write("etc/s6-overlay/s6-rc.d/app/producer-for", "app-log\n");
    tree.write("etc/s6-overlay/s6-rc.d/app-log/type", "longrun");
    tree.write("etc/s6-overlay/s6-rc.d/app-log/consumer-for", "app");
    tree.write("etc/s6-overlay/s6-rc.d/app-log/pipeline-name", "app-pipeline");
    tree.write("etc/s6-overlay/s6-rc.d/app-log/run", "#!/command/with-contenv sh\nexec logutil-service /var/log/app\n");
    tree.write("etc/s6-overlay/s6-rc.d/user2/contents.d/app", "");
    tree.write("etc/s6-overlay/s6-rc.d/.empty", "");
    tree.write("etc/s6-overlay/s6-rc.d/init/type", "oneshot");
    tree.write("etc/s6-overlay/s6-rc.d/init/up", "/etc/s6-overlay/s6-rc.d/init/run");
    tree.script(
        "etc/s6-overlay/s6-rc.d/init/run",
        "#!/command/with-contenv bash\n[[ -d /x ]] || mkdir /x\necho done\n",
    );
    tree.write("etc/services.d/getty/run", "#!/bin/sh\nexec chpst -u x getty\n");
    tree.mode("etc/services.d/getty/run", 0o755);
    tree.link("/run/supervise.getty", "etc/services.d/getty/supervise");
    tree.write("etc/services.d/getty/.meta/bin", "/sbin/getty\n");
    assert_eq!(tree.lint(), []);
    // Without the image below it, nothing is known of interpreters.
    tree.remove("bin");
    tree.remove("command");
    assert_eq!(tree.lint(), []);
}

#[test]
fn findings_are_told_in_four_forms() {
    let tree = Tree::new(Base::Slot);
    tree.edit("run", " --replace", "");
    tree.write("timeout-kill", "10\n");
    let path = tree.path("");
    let run = tree.path("run");
    let answer = lint(&[text(&path)]);
    assert_eq!(answer.code, 1, "{answer:?}");
    let line = format!("{}:30: error HS043: ", run.display());
    assert!(answer.out.lines().any(|found| found.starts_with(&line)), "{answer:?}");
    let gcc = lint(&[text(&path), "--format", "gcc"]);
    assert!(gcc.out.contains(&format!("{}:30:1: error: ", run.display())), "{gcc:?}");
    assert!(gcc.out.contains("timeout-kill:1:1: warning: 10 is 10 milliseconds [HS026]\n"), "{gcc:?}");
    let json = lint(&[text(&path), "--format", "json"]).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
    assert_eq!(json["findings"][0]["code"], "HS043");
    assert_eq!(json["findings"][0]["line"], 30);
    let sarif = lint(&[text(&path), "--format", "sarif"]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), RULES.len());
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn severity_says_what_counts() {
    let tree = Tree::new(Base::Slot);
    tree.write("timeout-kill", "10\n");
    let path = tree.path("");
    assert_eq!(lint(&[text(&path), "--severity", "warning"]).code, 1);
    assert_eq!(lint(&[text(&path), "--severity", "error"]).ok().out, "");
}

#[test]
fn rules_are_explained() {
    assert!(lint(&["--explain", "hs045"]).ok().out.starts_with("## HS045: no privilege drop"));
    lint(&["--explain", "HS999"]).fails(2, "there is no such rule");
}

#[test]
fn what_cannot_be_linted_is_exit_2_and_does_not_stop_the_rest() {
    let tree = Tree::new(Base::Slot);
    tree.write("type", "oneshot\n");
    let empty = tempfile::tempdir().unwrap();
    lint(&["/nowhere"]).fails(2, "open /nowhere: ");
    lint(&["/etc/passwd"]).fails(2, "open /etc/passwd: ");
    lint(&[text(empty.path())]).fails(2, "is no service directory");
    let both = lint(&["/nowhere", text(&tree.path(""))]);
    assert_eq!(both.code, 2, "{both:?}");
    assert!(both.out.contains("HS034"), "{both:?}");
}

#[test]
fn an_untrusted_tree_cannot_hang_it_lead_it_out_or_write_on_the_terminal() {
    let tree = Tree::new(Base::Slot);
    for name in ["run", "log/run", "type", "data/policy.json", "env/LOG_LEVEL"] {
        tree.remove(name);
        tree.fifo(name);
    }
    tree.remove("finish");
    tree.link("/dev/zero", "finish");
    tree.link("/", "data/root");
    tree.write("\u{1b}[2J\n", "x");
    let answer = lint(&[text(&tree.path(""))]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(!answer.out.contains('\u{1b}') && !answer.out.contains("/data/root/"), "{answer:?}");
    for code in ["HS005", "HS006"] {
        assert!(answer.out.contains(code), "{answer:?}");
    }
}

#[test]
fn a_secret_is_never_told() {
    let tree = Tree::new(Base::Slot);
    tree.write("env/API_KEY", "hush-hush\r\n\0");
    tree.mode("env", 0o755);
    for format in ["text", "json", "gcc", "sarif"] {
        let answer = lint(&[text(&tree.path("")), "--format", format]);
        assert!(answer.out.contains("HS021") && !answer.out.contains("hush"), "{answer:?}");
    }
}
