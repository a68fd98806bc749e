//! Start, stop and restart, on real s6.

use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::support::{Answer, Identity, Scratch, Svscan, processes_in, wait_until, write_script};

/// A tree with the slot of `coder`, whose gateway behaves as told; registered down.
fn coder(who: Identity, behaviour: &str) -> (Scratch, Svscan) {
    coder_with(who, behaviour, &[])
}

/// The same, registered with more `options`.
fn coder_with(who: Identity, behaviour: &str, options: &[&str]) -> (Scratch, Svscan) {
    let scratch = Scratch::new(who);
    scratch.profiles(&["coder"]);
    scratch.behave("coder", behaviour);
    let svscan = scratch.svscan();
    scratch.run(&[&["register", "coder", "--down"], options].concat()).ok();
    (scratch, svscan)
}

fn status(scratch: &Scratch, profile: &str) -> Value {
    scratch.run(&["gateway", "status", "-p", profile, "--format", "json"]).json()["gateways"][0].clone()
}

#[track_caller]
fn assert_state(scratch: &Scratch, profile: &str, expected: &str) {
    wait_until(&format!("{profile} is {expected}"), || status(scratch, profile)["state"] == expected);
}

fn intent(scratch: &Scratch, profile: &str) -> Value {
    let text = fs::read(scratch.profile_path(profile).join("gateway_state.json")).unwrap_or_default();
    serde_json::from_slice::<Value>(&text).unwrap_or_default()["desired_state"].clone()
}

/// The gateways that run, as opposed to those that wait for their next try.
fn gateways(scratch: &Scratch) -> usize {
    processes_in(&scratch.path("home")).iter().filter(|(_, line)| line.starts_with("sleep 3600")).count()
}

const QUICK: [&str; 4] = ["--grace", "1", "--settle", "0.3"];

#[test]
fn start_and_stop_are_verified_and_recorded() {
    for who in Identity::everybody("start_and_stop_are_verified_and_recorded") {
        let (scratch, _svscan) = coder(who, "run");
        let state = r#"{"pid":1,"gateway_state":"stopped","é":[1,2]}"#;
        scratch.write("home/profiles/coder/gateway_state.json", state);
        assert_eq!(scratch.run(&["gateway", "start", "-p", "coder"]).ok().out, "coder started\n");
        wait_until("it has started", || scratch.starts("coder") == 1);
        assert!(!scratch.slot("coder").join("down").exists());
        let text = fs::read_to_string(scratch.path("home/profiles/coder/gateway_state.json")).unwrap();
        let expected = "{\"pid\":1,\"gateway_state\":\"stopped\",\"é\":[1,2],\"desired_state\":\"running\"}\n";
        assert_eq!(text, expected);
        assert_eq!(scratch.run(&["gateway", "start", "-p", "coder"]).ok().out, "coder is already running\n");
        assert_eq!(scratch.starts("coder"), 1);

        assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder stopped\n");
        assert!(scratch.slot("coder").join("down").exists());
        assert_eq!(intent(&scratch, "coder"), "stopped");
        assert_eq!(gateways(&scratch), 0);
        assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder is already stopped\n");
    }
}

#[test]
fn a_stopped_gateway_leaves_no_word_that_it_runs() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    for (left, then) in [("running", "stopped"), ("draining", "stopped"), ("startup_failed", "startup_failed")] {
        scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
        let state = format!(r#"{{"gateway_state":"{left}","other":1,"desired_state":"running"}}"#);
        scratch.write("home/profiles/coder/gateway_state.json", state);
        scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
        let text = fs::read_to_string(scratch.path("home/profiles/coder/gateway_state.json")).unwrap();
        let expected = format!("{{\"gateway_state\":\"{then}\",\"other\":1,\"desired_state\":\"stopped\"}}\n");
        assert_eq!(text, expected);
    }
}

#[test]
fn the_state_file_keeps_owner_and_mode() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    for who in Identity::everybody("the_state_file_keeps_owner_and_mode") {
        let (scratch, _svscan) = coder(who, "run");
        scratch.write("home/profiles/coder/gateway_state.json", "{}");
        let path = scratch.path("home/profiles/coder/gateway_state.json");
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.mode() & 0o7777, found.uid()), (0o600, who.uids().1));
    }
}

#[test]
fn a_stop_is_announced_in_the_targets_home_before_the_signal() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    let record = scratch.path("record/marker");
    let marker = scratch.path("home/profiles/coder/.gateway-planned-stop.json");
    let state = scratch.path("home/profiles/coder/gateway_state.json");
    // On SIGTERM it copies what it then finds.
    let script = format!(
        "#!/bin/sh\ntrap 'cat {} {} >{}; exit 0' TERM\necho $$ >{}.pid\nwhile :; do sleep 0.05; done\n",
        marker.display(),
        state.display(),
        record.display(),
        record.display()
    );
    write_script(&scratch.path("bin/hermes"), &script);
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    let trapped = record.with_extension("pid");
    wait_until("its trap is set", || fs::metadata(&trapped).is_ok_and(|found| found.len() > 0));
    scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
    let found = fs::read_to_string(&record).unwrap();
    let mut values = serde_json::Deserializer::from_str(&found).into_iter::<Value>();
    let marker_found = values.next().unwrap().unwrap();
    let pid: i32 = fs::read_to_string(trapped).unwrap().trim().parse().unwrap();
    assert_eq!(marker_found["target_pid"], pid);
    assert!(marker_found["target_start_time"].as_u64().unwrap() > 0);
    assert!(marker_found["written_at"].as_str().unwrap().ends_with("+00:00"));
    assert_eq!(values.next().unwrap().unwrap()["desired_state"], "stopped");
    assert!(!marker.exists(), "the marker outlives the stop");
    assert!(!scratch.path("home/.gateway-planned-stop.json").exists());
}

#[test]
fn a_gateway_that_ignores_sigterm_is_killed_and_that_is_said() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "ignore-term");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0.3"]).ok();
    wait_until("it ignores signals", || scratch.starts("coder") == 1);
    let answer = scratch.run(&["gateway", "stop", "-p", "coder", "--grace", "0.5"]).ok();
    assert_eq!(answer.out, "coder did not end by itself: killed\n");
    assert_state(&scratch, "coder", "stopped");
    assert_eq!(status(&scratch, "coder")["last_exit"]["signal"], 9);
}

#[test]
fn restart_ends_running_whatever_was_before() {
    let restart = ["gateway", "restart", "-p", "coder", "--grace", "1", "--settle", "0.3"];
    for (case, behaviour, before) in [
        ("running", "run", &["gateway", "start", "-p", "coder"] as &[&str]),
        ("never started", "run", &[]),
        ("stopped", "run", &["gateway", "stop", "-p", "coder"]),
        ("failed", "exit 78", &["gateway", "start", "-p", "coder"]),
        ("backing off", "exit 1", &["gateway", "start", "-p", "coder"]),
        ("exits 0 on SIGTERM", "exit-on-term 0", &["gateway", "start", "-p", "coder"]),
        ("exits 78 on SIGTERM", "exit-on-term 78", &["gateway", "start", "-p", "coder"]),
        ("ignores SIGTERM", "ignore-term", &["gateway", "start", "-p", "coder"]),
    ] {
        let (scratch, _svscan) = coder(Identity::Ordinary, behaviour);
        if !before.is_empty() {
            scratch.run(&[before, &QUICK].concat());
        }
        scratch.behave("coder", "run");
        let answer = scratch.run(&restart);
        assert_eq!((answer.code, &*answer.out), (0, "coder restarted\n"), "{case}: {answer:?}");
        assert_state(&scratch, "coder", "running");
        wait_until(&format!("{case}: one runs"), || gateways(&scratch) == 1);
        assert_eq!(intent(&scratch, "coder"), "running", "{case}");
        assert!(!scratch.slot("coder").join("down").exists(), "{case}");
    }
}

#[test]
fn a_gateway_that_dies_during_restart_is_told_and_comes_up_by_itself() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit 3");
    let answer = scratch.run(&["gateway", "restart", "-p", "coder", "--settle", "20", "--timeout", "120"]);
    answer.fails(1, "gateway does not stay up: exit 3; it is tried again");
    scratch.behave("coder", "run");
    assert_state(&scratch, "coder", "running");
}

#[test]
fn ten_restarts_at_once_end_with_one_gateway() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit-on-term 0");
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    wait_until("it has started", || scratch.starts("coder") == 1);
    let lock = fs::File::open(scratch.slot("coder").join("data/lock")).unwrap();
    let waiting = format!(":{} ", lock.metadata().unwrap().ino());
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        // Only a restart that was asked for before another one was done joins it, so all have to be asked for first.
        lock.lock().unwrap();
        let run = || scratch.run(&["gateway", "restart", "-p", "coder", "--settle", "0.5", "--timeout", "120"]).ok();
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(run)).collect();
        wait_until("ten wait for the slot", || {
            let locks = fs::read_to_string("/proc/locks").unwrap();
            locks.lines().filter(|line| line.contains("-> FLOCK") && line.contains(&waiting)).count() == 10
        });
        lock.unlock().unwrap();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let joined = answers.iter().filter(|answer| answer.out.contains("under way")).count();
    assert_eq!(joined, 9, "{answers:?}");
    assert_state(&scratch, "coder", "running");
    wait_until("it has started again", || scratch.starts("coder") == 2);
    wait_until("there is one", || {
        let lines = processes_in(&scratch.path("home"));
        lines.iter().filter(|(_, line)| line.contains("bin/hermes")).count() == 1
    });
    assert_eq!(scratch.starts("coder"), 2);
}

#[test]
fn deaths_back_off() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit 1");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    wait_until("it has died four times", || status(&scratch, "coder")["deaths_last_hour"].as_u64() >= Some(4));
    let tally = scratch.s6("s6-svdt", &[], "coder").ok().out;
    let moments: Vec<f64> = tally.lines().map(|line| moment(&line[1..25])).collect();
    for (index, pair) in moments.windows(2).enumerate() {
        let (gap, least) = (pair[1] - pair[0], f64::from(1 << index));
        assert!(gap >= least && gap < least + 30.0, "try {index} came after {gap} s: {tally}");
    }
}

#[test]
fn a_start_cuts_a_back_off_short() {
    let (scratch, _svscan) = coder_with(Identity::Ordinary, "exit 1", &["--backoff-first", "300"]);
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    assert_state(&scratch, "coder", "backing off");
    let now = status(&scratch, "coder");
    assert!(now["next_try"].is_string() && now["wanted"] == "up" && now["last_exit"]["code"] == 1, "{now}");

    scratch.behave("coder", "run");
    let began = Instant::now();
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0.3"]).ok();
    assert!(began.elapsed() < Duration::from_secs(60), "the start waited for the back-off");
    assert_state(&scratch, "coder", "running");
    wait_until("it runs", || gateways(&scratch) == 1);
}

/// Seconds of a TAI64N label.
fn moment(label: &str) -> f64 {
    let seconds = u64::from_str_radix(&label[1..16], 16).unwrap() & 0xffff_ffff;
    let nanos = u32::from_str_radix(&label[16..], 16).unwrap();
    f64::from(u32::try_from(seconds).unwrap()) + f64::from(nanos) / 1e9
}

#[test]
fn a_waiting_gateway_obeys_sigterm_at_once() {
    let (scratch, _svscan) = coder_with(Identity::Ordinary, "exit 1", &["--backoff-first", "300"]);
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    assert_state(&scratch, "coder", "backing off");
    let began = Instant::now();
    assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder stopped\n");
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_stop_between_two_tries_is_a_stop() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
    // While it runs, the gateway is down and wanted up; a stop ends it.
    let finish = "#!/bin/sh\nuntil [ -e down ]; do /bin/sleep 0.1; done\n";
    write_script(&scratch.slot("coder").join("finish"), finish);
    scratch.write("scan/gateway-coder/timeout-finish", "100000\n");
    scratch.s6("s6-svc", &["-k"], "coder").ok();
    assert_state(&scratch, "coder", "starting");
    assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder stopped\n");
    assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder is already stopped\n");
}

#[test]
fn it_comes_up_by_itself_when_the_cause_is_gone() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit 1");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    wait_until("it has died twice", || scratch.starts("coder") >= 2);
    scratch.behave("coder", "run");
    assert_state(&scratch, "coder", "running");
}

#[test]
fn exit_78_stays_down_and_says_why() {
    for who in Identity::everybody("exit_78_stays_down_and_says_why") {
        let (scratch, _svscan) = coder(who, "exit 78");
        let answer = scratch.run(&["gateway", "start", "-p", "coder", "--settle", "20"]);
        answer.fails(1, "gateway does not stay up: exit 78 (configuration error); it stays down");
        assert_eq!(intent(&scratch, "coder"), Value::Null);
        let now = status(&scratch, "coder");
        assert_eq!(now["state"], "failed");
        assert_eq!(now["reason"], "exit 78: configuration error");
        assert_eq!(now["last_exit"]["meaning"], "configuration error");
        let text = scratch.run(&["gateway", "status", "-p", "coder"]);
        assert_eq!(text.code, 3);
        assert!(text.out.contains("failed") && text.out.contains("exit 78 (configuration error)"), "{text:?}");
        assert_eq!(scratch.run(&["gateway", "status", "--all", "--check"]).code, 1);
        assert_eq!(scratch.starts("coder"), 1);
        // Stopped on purpose, the failure is history.
        scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
        assert_eq!(status(&scratch, "coder")["state"], "stopped");
        scratch.run(&["gateway", "status", "--all", "--check"]).ok();
    }
}

#[test]
fn a_stop_takes_until_its_supervisor_knows_of_it() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit 78");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "20"]).fails(1, "it stays down");
    let supervisor = supervisor(&scratch, "coder");
    kill_process(supervisor, Signal::STOP).unwrap();
    let mut stop = scratch.command(&["gateway", "stop", "-p", "coder"]).stdout(Stdio::null()).spawn().unwrap();
    // To look does not take the command out of the FIFO.
    let mut control = fs::OpenOptions::new();
    control.read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let control = control.open(scratch.slot("coder").join("supervise/control")).unwrap();
    wait_until("it is told", || rustix::io::ioctl_fionread(&control).unwrap() > 0);
    // The gateway is down as it is, so who does not wait ends now.
    std::thread::sleep(Duration::from_millis(300));
    assert!(stop.try_wait().unwrap().is_none());
    kill_process(supervisor, Signal::CONT).unwrap();
    assert!(stop.wait().unwrap().success());
    assert_eq!(status(&scratch, "coder")["state"], "stopped");
}

#[test]
fn exit_75_restarts_at_once_and_does_not_count() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "exit 75");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    // With the waits of other deaths, the seventh start would come after 63 s: longer than is waited for here.
    wait_until("it has started seven times", || scratch.starts("coder") >= 7);
    assert_ne!(status(&scratch, "coder")["state"], "backing off");
}

#[test]
fn exit_0_means_what_was_recorded() {
    let recorded = |state: &str| {
        let (scratch, svscan) = coder(Identity::Ordinary, "exit 0");
        scratch.write("home/profiles/coder/gateway_state.json", state);
        scratch.s6("s6-svc", &["-u"], "coder").ok();
        (scratch, svscan)
    };
    let (scratch, _svscan) = recorded(r#"{"gateway_state":"stopped"}"#);
    // Before that, its supervisor may not yet have heard that it is to start.
    wait_until("it has started", || scratch.starts("coder") == 1);
    wait_until("it has exited", || scratch.s6("s6-svstat", &["-o", "up,wantedup"], "coder").out == "false false\n");
    assert_eq!(scratch.starts("coder"), 1);
    for state in [r#"{"gateway_state":"running"}"#, "{}", "[]", "not json"] {
        let (scratch, _svscan) = recorded(state);
        wait_until("it has started twice", || scratch.starts("coder") >= 2);
    }
}

#[test]
fn a_cap_gives_up_and_says_so() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    scratch.behave("coder", "exit 1");
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--cap-deaths", "3", "--cap-seconds", "60"]).ok();
    assert_state(&scratch, "coder", "failed");
    assert_eq!(status(&scratch, "coder")["reason"], "died as often as the cap allows");
    assert_eq!(scratch.starts("coder"), 3);
    scratch.behave("coder", "run");
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    assert_state(&scratch, "coder", "running");
}

/// The s6-supervise of the service of `profile`.
fn supervisor(scratch: &Scratch, profile: &str) -> Pid {
    let name = format!("s6-supervise gateway-{profile}");
    let (pid, _) = processes_in(&scratch.path("scan")).into_iter().find(|(_, line)| *line == name).unwrap();
    Pid::from_raw(pid).unwrap()
}

/// Kills the s6-supervise of the service of `profile`, which is dead then; gives its process id.
fn kill_supervisor(scratch: &Scratch, profile: &str) -> i32 {
    let pid = supervisor(scratch, profile);
    kill_process(pid, Signal::KILL).unwrap();
    let stat = format!("/proc/{pid}/stat");
    wait_until("it is dead", || fs::read_to_string(&stat).map_or(true, |text| text.contains(") Z ")));
    pid.as_raw_nonzero().get()
}

#[test]
fn what_is_wanted_survives_a_new_supervisor() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    kill_supervisor(&scratch, "coder");
    wait_until("it is started again", || scratch.starts("coder") == 2);
    scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
    let old = kill_supervisor(&scratch, "coder");
    // An operator who comes right now waits for the next supervisor.
    assert_eq!(scratch.run(&["gateway", "stop", "-p", "coder"]).ok().out, "coder is already stopped\n");
    let all = processes_in(&scratch.path("scan"));
    assert!(all.iter().any(|(pid, line)| line == "s6-supervise gateway-coder" && *pid != old), "{all:?}");
    assert_eq!(scratch.s6("s6-svstat", &["-o", "up,wantedup"], "coder").ok().out, "false false\n");
    assert_eq!(scratch.starts("coder"), 2);
}

/// Makes the gateway of `coder` one that no supervisor knows of, beside the one that the next supervisor starts.
fn lose_one(scratch: &Scratch) {
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
    wait_until("there is one", || gateways(scratch) == 1);
    let starts = scratch.starts("coder");
    kill_supervisor(scratch, "coder");
    // In life, --replace would end the first one; the stand-in knows nothing of that.
    wait_until("there are two", || scratch.starts("coder") == starts + 1 && gateways(scratch) == 2);
}

#[test]
fn a_gateway_that_outlives_its_supervisor_ends_with_its_slots() {
    const TOLD: &str = "has outlived its s6-supervise; it ends as well";
    for who in Identity::everybody("a_gateway_that_outlives_its_supervisor_ends_with_its_slots") {
        let (scratch, _svscan) = coder(who, "run");
        lose_one(&scratch);
        let answer = scratch.run(&["gateway", "stop", "-p", "coder"]).ok();
        assert!(answer.err.contains(TOLD), "{answer:?}");
        assert_eq!((answer.out.as_str(), gateways(&scratch)), ("coder stopped\n", 0));

        lose_one(&scratch);
        let answer = scratch.run(&["gateway", "restart", "-p", "coder", "--settle", "0"]).ok();
        assert!(answer.err.contains(TOLD), "{answer:?}");
        wait_until("one is left", || gateways(&scratch) == 1);

        lose_one(&scratch);
        scratch.s6("s6-svc", &["-wD", "-T", "20000", "-D"], "coder").ok();
        assert_eq!(gateways(&scratch), 1);
        scratch.write("home/profiles/coder/gateway_state.json", r#"{"desired_state":"stopped"}"#);
        let answer = scratch.run(&["reconcile", "--proc", "/nonexistent"]).ok();
        assert!(answer.err.contains(TOLD), "{answer:?}");
        assert_eq!(gateways(&scratch), 0);

        // Without a moment for the next supervisor.
        scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
        wait_until("there is one", || gateways(&scratch) == 1);
        kill_supervisor(&scratch, "coder");
        scratch.run(&["unregister", "coder"]).ok();
        assert_eq!(gateways(&scratch), 0);
    }
}

#[test]
fn a_lock_makes_nobody_a_gateway_who_is_not_the_run_users() {
    let Some(root) = Identity::root("a_lock_makes_nobody_a_gateway_who_is_not_the_run_users") else { return };
    let (scratch, _svscan) = coder(root, "run");
    // A number that the run user has put into the lock may be anybody's by now; here it is root's from the start.
    let lock = scratch.slot("coder").join("data/gateway");
    let mut holder =
        Command::new("/usr/bin/s6-setlock").args(["-n", "-r"]).arg(&lock).args(["sleep", "600"]).spawn().unwrap();
    let comm = format!("/proc/{}/comm", holder.id());
    wait_until("the lock is taken", || fs::read_to_string(&comm).is_ok_and(|comm| comm == "sleep\n"));
    for args in [
        &["gateway", "start", "-p", "coder", "--settle", "0"][..],
        &["gateway", "restart", "-p", "coder", "--settle", "0"],
        &["gateway", "stop", "-p", "coder"],
        &["reconcile", "--proc", "/nonexistent"],
        &["unregister", "coder"],
    ] {
        let answer = scratch.run(args).ok();
        assert!(!answer.err.contains("outlived"), "{answer:?}");
        assert!(holder.try_wait().unwrap().is_none(), "{args:?}");
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
}

#[test]
fn one_that_will_not_end_is_killed_whoever_supervises_it() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "ignore-term");
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0.3"]).ok();
    kill_supervisor(&scratch, "coder");
    wait_until("there are two", || scratch.starts("coder") == 2);
    let answer = scratch.run(&["gateway", "stop", "-p", "coder", "--grace", "0.3"]).ok();
    assert_eq!(answer.out, "coder did not end by itself: killed\n");
    wait_until("none is left", || {
        !processes_in(&scratch.path("home")).iter().any(|(_, line)| line.contains("gateway run"))
    });
}

#[test]
fn stop_all_reaches_every_home_and_tells_what_failed() {
    for who in Identity::everybody("stop_all_reaches_every_home_and_tells_what_failed") {
        let scratch = Scratch::new(who);
        let names: Vec<String> = (0..20).map(|n| format!("p{n:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        scratch.profiles(&names);
        let _svscan = scratch.svscan();
        for name in &names {
            scratch.behave(name, "record-marker");
            scratch.run(&["register", name]).ok();
        }
        wait_until("all run", || names.iter().all(|name| scratch.starts(name) == 1));
        // One home whose intent cannot be recorded.
        fs::create_dir(scratch.path("home/profiles/p07/gateway_state.json")).unwrap();
        let home = scratch.path("home/profiles/p03");
        let answer = scratch.run_at("--home", home.to_str().unwrap(), &["gateway", "stop", "--all"]);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert_eq!(answer.out.lines().count(), 19, "{answer:?}");
        assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
        assert!(answer.err.contains("p07"), "{answer:?}");
        for name in &names {
            let marker: Value = serde_json::from_slice(&scratch.recorded(name, "marker")).unwrap();
            let pid = String::from_utf8(scratch.recorded(name, "starts")).unwrap();
            assert_eq!(marker["target_pid"].to_string(), pid.trim(), "{name}");
            assert_eq!(scratch.s6("s6-svstat", &["-o", "up"], name).ok().out, "false\n", "{name}");
            assert!(*name == "p07" || intent(&scratch, name) == "stopped", "{name}");
        }
        assert!(!scratch.path("home/gateway_state.json").exists());
    }
}

#[test]
fn start_registers_a_real_profile_and_mints_no_other() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["gateway", "stop", "-p", "coder"]).fails(4, "has no slot");
    scratch.run(&["gateway", "restart", "-p", "coder"]).fails(4, "has no slot");
    scratch.write("home/profiles/coder/gateway_state.json", r#"{"gateway_state":"running"}"#);
    scratch.run(&["gateway", "stop", "-p", "coder"]).fails(4, "another container may own it");
    scratch.run(&["gateway", "start", "-p", "typo"]).fails(4, "profile typo: there is none");
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    scratch.run(&["gateway", "start", "-p", "coder"]).ok();
    assert_eq!(scratch.run(&["list"]).ok().out, "coder\n");
}

#[test]
fn restart_from_inside_the_gateway_is_done_from_outside() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    let restart = scratch.command(&["gateway", "restart", "-p", "coder", "--settle", "0.3"]);
    let words = restart.get_args().map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ");
    // As the ordinary user the command begins with setpriv; inside, the gateway is that user already.
    let words = words.split_once("hermes-s6gen' ").map_or(words.clone(), |(_, rest)| rest.to_owned());
    let program = env!("CARGO_BIN_EXE_hermes-s6gen");
    let (said, go) = (scratch.path("record/said"), scratch.path("record/go"));
    let script = format!(
        "#!/bin/sh\necho $$ >>{0}/record/coder.starts\nif [ ! -e {said} ]; then \
         while [ ! -e {go} ]; do sleep 0.05; done; HERMES_S6GEN_PROGRAM={program} {program} {words} >{said}; fi\nsleep 3600\n",
        scratch.root().display(),
        said = said.display(),
        go = go.display(),
    );
    write_script(&scratch.path("bin/hermes"), &script);
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0.3"]).ok();
    fs::write(go, "").unwrap();
    wait_until("it was restarted", || scratch.starts("coder") == 2);
    wait_until("it is told who does it", || {
        fs::read_to_string(&said).unwrap().contains("is left to a process outside of it")
    });
    assert_state(&scratch, "coder", "running");
    wait_until("intent is recorded", || intent(&scratch, "coder") == "running");
}

#[test]
fn every_bad_state_file_is_survived() {
    let good = r#"{"desired_state":"running"}"#;
    for (bad, replaced) in [
        (b"".as_slice(), true),
        (b"{", true),
        (b"[]", true),
        (b"null", true),
        (b"\xff\xfe{}", true),
        (b"\xef\xbb\xbf{\"a\":1}", true),
        (b"{\"desired_state\":[\"running\"]}", true),
        (&[b"[".repeat(100_000), b"]".repeat(100_000)].concat(), true),
        (&vec![b' '; 2 * 1024 * 1024], false),
    ] {
        let (scratch, _svscan) = coder(Identity::Ordinary, "run");
        scratch.write("home/profiles/coder/gateway_state.json", bad);
        let answer = scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
        let shown = bad[..bad.len().min(20)].escape_ascii();
        assert_state(&scratch, "coder", "running");
        if replaced {
            assert_eq!(answer.code, 0, "{shown}: {answer:?}");
            assert_eq!(intent(&scratch, "coder"), "running", "{shown}");
        } else {
            answer.fails(2, "is larger than");
            assert_eq!(fs::read(scratch.path("home/profiles/coder/gateway_state.json")).unwrap(), bad);
        }
        let kept = fs::read(scratch.path("home/profiles/coder/gateway_state.json.unreadable"));
        let parses = serde_json::from_slice::<Value>(bad.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bad));
        if replaced && !parses.is_ok_and(|value| value.is_object()) {
            assert_eq!(kept.unwrap(), bad, "{shown}");
        }
    }
    for make in ["mkfifo \"$1\"", "mkdir \"$1\"", "ln -s /etc/passwd \"$1\"", "ln -s nowhere \"$1\""] {
        let (scratch, _svscan) = coder(Identity::Ordinary, "run");
        let path = scratch.path("home/profiles/coder/gateway_state.json");
        let mut shell = Identity::Ordinary.command("/bin/sh");
        Answer::of(shell.args(["-c", make, "sh"]).arg(&path)).ok();
        let before = fs::symlink_metadata(&path).unwrap().file_type();
        let answer = scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
        answer.fails(2, "gateway_state.json");
        assert_eq!(fs::symlink_metadata(&path).unwrap().file_type(), before, "{make}");
        assert_state(&scratch, "coder", "running");
        // Nobody else's gateway minds.
        scratch.run(&["gateway", "start", "-p", "default", "--settle", "0"]).ok();
        assert_eq!(fs::read_to_string(scratch.path("home/gateway_state.json")).unwrap(), format!("{good}\n"));
    }
}

#[test]
fn a_state_file_of_roots_is_left_alone() {
    let Some(root) = Identity::root("a_state_file_of_roots_is_left_alone") else { return };
    let (scratch, _svscan) = coder(root, "run");
    let path = scratch.path("home/profiles/coder/gateway_state.json");
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let answer = scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    answer.fails(2, "gateway_state.json: Permission denied");
    assert_eq!(fs::read_to_string(path).unwrap(), "{}");
}

#[test]
fn the_hooks_follow_a_profile() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    // Nothing to do where s6 does not run.
    assert_eq!(scratch.run(&["profile", "created", "coder"]).ok().out, "");
    let _svscan = scratch.svscan();
    scratch.run(&["profile", "created", "typo"]).fails(4, "there is none");
    assert_eq!(scratch.run(&["profile", "created", "coder"]).ok().out, "registered coder, down\n");
    scratch.run(&["profile", "created", "coder"]).ok();
    assert_eq!(scratch.starts("coder"), 0);

    for wanted in [true, false] {
        let (old, new) = if wanted { ("coder", "writer") } else { ("writer", "coder") };
        let verb = if wanted { "start" } else { "stop" };
        scratch.run(&["gateway", verb, "-p", old]).ok();
        fs::rename(scratch.profile_path(old), scratch.profile_path(new)).unwrap();
        scratch.run(&["profile", "renamed", old, new]).ok();
        assert_eq!(scratch.run(&["list"]).ok().out, format!("{new}\n"));
        assert_state(&scratch, new, if wanted { "running" } else { "stopped" });
    }
    scratch.run(&["profile", "deleted", "default"]).fails(2, "stays");
}

#[test]
fn a_rename_that_was_interrupted_still_starts_what_is_wanted() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
    wait_until("it is up", || gateways(&scratch) == 1);
    fs::rename(scratch.profile_path("coder"), scratch.profile_path("writer")).unwrap();
    // That is how far it came.
    scratch.write("home/profiles/writer/.gateway-renaming", "coder");
    scratch.s6("s6-svc", &["-wD", "-T", "20000", "-D"], "coder").ok();
    let answer = scratch.run(&["profile", "renamed", "coder", "writer"]).ok();
    assert_eq!(answer.out, "renamed coder to writer\nwriter started\n");
    assert_eq!(intent(&scratch, "writer"), "running");
    assert!(!scratch.profile_path("writer").join(".gateway-renaming").exists());
    // One that is recorded as wanted and is down here, as another container's or for now, is not for a rename to start.
    scratch.s6("s6-svc", &["-wD", "-T", "20000", "-d"], "writer").ok();
    fs::rename(scratch.profile_path("writer"), scratch.profile_path("coder")).unwrap();
    scratch.write("home/profiles/coder/.gateway-renaming", "another");
    assert_eq!(scratch.run(&["profile", "renamed", "writer", "coder"]).ok().out, "renamed writer to coder\n");
    assert_eq!(scratch.starts("coder"), 1);
}

#[test]
fn an_interrupted_registration_is_no_slot_to_operators() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    let marker = scratch.slot("coder").join("data/registering");
    let interrupt = || fs::write(&marker, "").unwrap();
    interrupt();
    for verb in ["stop", "restart"] {
        scratch.run(&["gateway", verb, "-p", "coder"]).fails(4, "has no slot");
    }
    scratch.run(&["gateway", "start", "-p", "coder", "--settle", "0"]).ok();
    assert!(!marker.exists());
    assert_state(&scratch, "coder", "running");
    interrupt();
    assert_eq!(scratch.run(&["profile", "created", "coder"]).ok().out, "registered coder, down\n");
    assert!(!marker.exists());
    interrupt();
    assert_eq!(scratch.run(&["unregister", "coder"]).ok().out, "unregistered coder\n");
    assert!(!scratch.slot("coder").exists());
}

#[test]
fn a_deleted_profile_is_not_brought_back_by_its_gateway() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["coder"]);
    let script = "#!/bin/sh\ntrap '' TERM\nwhile :; do mkdir -p \"$HERMES_HOME/profiles/coder\"; \
        date >\"$HERMES_HOME/profiles/coder/busy\"; sleep 0.02; done\n";
    write_script(&scratch.path("bin/hermes"), script);
    let _svscan = scratch.svscan();
    scratch.run(&["register", "coder"]).ok();
    wait_until("it writes", || scratch.path("home/profiles/coder/busy").exists());
    scratch.run(&["profile", "deleted", "coder", "--grace", "0.3"]).ok();
    fs::remove_dir_all(scratch.profile_path("coder")).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(!scratch.profile_path("coder").exists());
    assert_eq!(scratch.run(&["list"]).ok().out, "");
    // Twice is no error, as the directory has gone.
    scratch.run(&["profile", "deleted", "coder"]).ok();
}

#[test]
fn a_full_disk_keeps_the_old_intent() {
    let Some(root) = Identity::root("a_full_disk_keeps_the_old_intent") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    // A home of the profile's own with room for two small files, in a mount namespace with its own s6-svscan.
    let command = scratch.command(&["gateway", "start", "-p", "coder", "--settle", "0"]);
    let script = "
        mount -t tmpfs -o size=8k,mode=755,uid=1,gid=1 tmpfs \"$1/home/profiles/coder\" || exit 99
        cd \"$1/home/profiles/coder\"
        echo soul >SOUL.md; echo '{\"desired_state\":\"stopped\"}' >gateway_state.json; chown 1:1 *
        s6-svscan -d 3 \"$1/scan\" 3>\"$1/ready\" &
        while ! [ -s \"$1/ready\" ]; do sleep 0.01; done
        tree=$1; shift
        \"$@\"; code=$?
        ls -A; cat gateway_state.json; s6-svstat -o up \"$tree/scan/gateway-coder\"
        s6-svc -wD -D \"$tree/scan/gateway-coder\"; s6-svscanctl -t \"$tree/scan\"; wait
        exit $code";
    let mut unshare = std::process::Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", script, "sh"]).arg(scratch.root());
    unshare.arg(command.get_program()).args(command.get_args());
    unshare.env("HERMES_S6GEN_PROGRAM", env!("CARGO_BIN_EXE_hermes-s6gen"));
    let answer = Answer::of(&mut unshare);
    assert_eq!(answer.code, 2, "{answer:?}");
    assert_eq!(answer.out, "SOUL.md\ngateway_state.json\n{\"desired_state\":\"stopped\"}\ntrue\n", "{answer:?}");
    assert!(answer.err.contains("write") && answer.err.contains("gateway_state.json: No space left"), "{answer:?}");
}

#[test]
fn an_s6_svc_that_hangs_is_given_up_on() {
    let (scratch, _svscan) = coder(Identity::Ordinary, "run");
    let bin = scratch.path("bin");
    fs::remove_file(bin.join("s6-svc")).unwrap();
    write_script(&bin.join("s6-svc"), "#!/bin/sh\nexec /bin/sleep 600\n");
    let answer = scratch.run(&["gateway", "start", "-p", "coder", "--timeout", "5", "--grace", "0"]);
    answer.fails(1, "s6-svc: did not end in time");
    assert_eq!(intent(&scratch, "coder"), Value::Null);
}
