//! `doctor`: each trouble made on purpose, and told under its own code and no other.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::support::{Answer, Identity, Scratch, Svscan, await_silence, write_script};

const TOKEN: &str = "123456:never-to-be-shown";

/// A tree of two profiles beside the default one, with everything as it has to be.
fn healthy(who: Identity) -> (Scratch, Svscan) {
    let scratch = Scratch::new(who);
    scratch.profiles(&["coder", "writer"]);
    let svscan = scratch.svscan();
    scratch.run(&["register", "coder", "--down"]).ok();
    (scratch, svscan)
}

/// The checks of a JSON answer by code, and the codes of those that found trouble.
#[track_caller]
fn troubles(answer: &Answer) -> Vec<String> {
    assert!(answer.err.is_empty(), "{answer:?}");
    let report = answer.json();
    let checks = report["checks"].as_array().unwrap().iter();
    let troubles: Vec<_> = checks.filter(|check| check["verdict"] == "trouble").collect();
    assert!(troubles.iter().all(|check| !check["advice"].as_str().unwrap().is_empty()), "{troubles:?}");
    assert_eq!(answer.code, i64::from(!troubles.is_empty()), "{answer:?}");
    troubles.iter().map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}

fn text_of(answer: &Answer, code: &str) -> String {
    let report = answer.json();
    let mut checks = report["checks"].as_array().unwrap().iter();
    checks.find(|check| check["code"] == code).unwrap()["text"].as_str().unwrap().to_owned()
}

/// Fails unless `doctor` finds just `code`, and says `words`.
#[track_caller]
fn finds(scratch: &Scratch, args: &[&str], code: &str, words: &str) {
    let answer = scratch.run(&[&["doctor", "--format", "json"], args].concat());
    told(&answer, code, words);
}

#[track_caller]
fn told(answer: &Answer, code: &str, words: &str) {
    assert_eq!(troubles(answer), [code], "{answer:?}");
    let text = text_of(answer, code);
    assert!(text.contains(words), "{words:?} is not in {text:?}");
}

#[track_caller]
fn finds_nothing(scratch: &Scratch, args: &[&str]) -> Answer {
    let answer = scratch.run(&[&["doctor", "--format", "json"], args].concat());
    assert_eq!(troubles(&answer), Vec::<String>::new(), "{answer:?}");
    answer
}

#[test]
fn where_all_is_well_there_is_no_trouble() {
    for who in Identity::everybody("where_all_is_well_there_is_no_trouble") {
        let (scratch, _svscan) = healthy(who);
        let answer = finds_nothing(&scratch, &[]);
        assert!(text_of(&answer, "HD021").starts_with("1 of "), "{answer:?}");
        let text = scratch.run(&["doctor"]).ok().out;
        assert!(text.contains("\n0 trouble, ") && text.lines().count() <= 25, "{text}");
    }
}

#[test]
fn trouble_comes_first_with_what_helps() {
    let (scratch, svscan) = healthy(Identity::Ordinary);
    drop(svscan);
    let answer = scratch.run(&["doctor"]);
    let lines: Vec<_> = answer.out.lines().collect();
    assert!(answer.code == 1 && lines[0].starts_with("trouble  HD001  supervision"), "{answer:?}");
    assert!(lines[1].trim_start().starts_with("try: s6-svscan "), "{answer:?}");
    finds(&scratch, &[], "HD001", "no s6-svscan watches it");
}

#[test]
fn a_slot_that_nobody_supervises() {
    for who in Identity::everybody("a_slot_that_nobody_supervises") {
        let (scratch, svscan) = healthy(who);
        // The scan of the registration may still go on, and would find the new one.
        let scanner = Pid::from_raw(svscan.pid().cast_signed()).unwrap();
        kill_process(scanner, Signal::STOP).unwrap();
        fs::create_dir(scratch.slot("writer")).unwrap();
        finds(&scratch, &[], "HD002", "no s6-supervise watches writer");
        kill_process(scanner, Signal::CONT).unwrap();
    }
}

#[test]
fn a_scan_directory_that_is_missing() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    let answer = scratch.run_at("--scandir", "/nowhere", &["doctor", "--format", "json"]);
    told(&answer, "HD003", "open /nowhere");
}

#[test]
fn a_scan_directory_that_others_may_write() {
    let Some(root) = Identity::root("a_scan_directory_that_others_may_write") else { return };
    let (scratch, _svscan) = healthy(root);
    fs::set_permissions(scratch.path("scan"), Permissions::from_mode(0o777)).unwrap();
    finds(&scratch, &[], "HD004", "root would run it");
    // The run user learns the same of root's s6-svscan.
    let asked = Answer::of(&mut scratch.command_as(Identity::Ordinary, &["doctor", "--format", "json"]));
    assert!(troubles(&asked).contains(&"HD004".to_owned()), "{asked:?}");
}

#[test]
fn links_that_lead_nowhere() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    symlink("/nowhere", scratch.path("scan/lost")).unwrap();
    symlink("/nowhere", scratch.path("scan/.hidden")).unwrap();
    finds(&scratch, &[], "HD005", "scan/lost");
}

/// What `doctor` says where the scan directory is a tmpfs of its own, mounted with `options`.
fn on_tmpfs(scratch: &Scratch, options: &str) -> Answer {
    let line = "mount -t tmpfs -o mode=755,$1 tmpfs \"$0\" || exit 99\nshift\n\
                s6-svscan -d 3 \"$0\" 3>\"$0.ready\" &\nwhile ! [ -s \"$0.ready\" ]; do sleep 0.01; done\n\
                \"$@\"; code=$?\ns6-svscanctl -t \"$0\"; wait; exit $code\n";
    let command = scratch.command(&["doctor", "--format", "json"]);
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "/bin/sh", "-c", line]);
    unshare.arg(scratch.path("scan")).arg(options).arg(command.get_program()).args(command.get_args());
    Answer::of(&mut unshare)
}

#[test]
fn a_scan_directory_that_nothing_can_be_started_from() {
    let Some(root) = Identity::root("a_scan_directory_that_nothing_can_be_started_from") else { return };
    told(&on_tmpfs(&Scratch::new(root), "noexec"), "HD006", "is mounted noexec");
}

#[test]
fn a_scan_directory_that_is_full() {
    let Some(root) = Identity::root("a_scan_directory_that_is_full") else { return };
    told(&on_tmpfs(&Scratch::new(root), "size=16k"), "HD007", "No space left on device");
}

#[test]
fn a_run_user_that_does_not_exist() {
    let Some(root) = Identity::root("doctor::a_run_user_that_does_not_exist") else { return };
    let (scratch, _svscan) = healthy(root);
    let answer = scratch.run_at("--user", "nobody-at-all", &["doctor", "--format", "json"]);
    told(&answer, "HD008", "run user nobody-at-all: is not in /etc/passwd");
}

/// The program under test behind `setpriv`.
fn setpriv(scratch: &Scratch, options: &[&str]) -> Answer {
    let command = scratch.command(&["doctor", "--format", "json"]);
    let mut setpriv = Command::new("setpriv");
    setpriv.args(options).arg(command.get_program()).args(command.get_args());
    Answer::of(setpriv.env_clear().env("PATH", "/usr/bin:/bin"))
}

#[test]
fn somebody_who_may_do_nothing() {
    let Some(root) = Identity::root("somebody_who_may_do_nothing") else { return };
    let (scratch, _svscan) = healthy(root);
    fs::create_dir_all(scratch.path("home/logs")).unwrap();
    for directory in ["home", "home/logs", "home/profiles/coder", "home/profiles/writer"] {
        fs::set_permissions(scratch.path(directory), Permissions::from_mode(0o777)).unwrap();
    }
    let stranger = setpriv(&scratch, &["--reuid=65534", "--regid=65534", "--clear-groups"]);
    told(&stranger, "HD009", "may neither register nor start and stop");
    let runner = Answer::of(&mut scratch.command_as(Identity::Ordinary, &["doctor", "--format", "json"]));
    assert!(troubles(&runner).is_empty() && text_of(&runner, "HD009").contains("may start and stop"), "{runner:?}");
}

#[test]
fn capabilities_that_root_lacks() {
    let Some(root) = Identity::root("capabilities_that_root_lacks") else { return };
    let (scratch, _svscan) = healthy(root);
    told(&setpriv(&scratch, &["--bounding-set=-kill,-chown,-net_raw"]), "HD010", "root lacks CHOWN, KILL");
}

#[test]
fn programs_of_the_run_user_before_the_systems() {
    let Some(root) = Identity::root("programs_of_the_run_user_before_the_systems") else { return };
    let (scratch, _svscan) = healthy(root);
    let home = scratch.path("home").display().to_string();
    let with = |path: &str| Answer::of(scratch.command(&["doctor", "--format", "json"]).env("PATH", path));
    for path in
        [format!("/sbin/x:{home}/bin:/usr/bin"), format!("{home}:/bin"), ":/bin".to_owned(), "/tmp/x:/bin".to_owned()]
    {
        told(&with(&path), "HD011", "the run user can put programs");
    }
    for path in [format!("/usr/bin:{home}"), "/usr/bin:".to_owned(), format!("{}:/bin", scratch.path("bin").display())]
    {
        assert_eq!(troubles(&with(&path)), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn a_home_that_is_missing() {
    for who in Identity::everybody("a_home_that_is_missing") {
        let (scratch, _svscan) = healthy(who);
        let answer = scratch.run_at("--home", "/nowhere/home", &["doctor", "--format", "json"]);
        told(&answer, "HD012", "there is no /nowhere");
    }
}

#[test]
fn a_home_behind_a_closed_door() {
    let Some(root) = Identity::root("a_home_behind_a_closed_door") else { return };
    let (scratch, _svscan) = healthy(root);
    fs::set_permissions(scratch.root(), Permissions::from_mode(0o700)).unwrap();
    finds(&scratch, &[], "HD012", &format!("daemon may not pass {}", scratch.root().display()));
}

#[test]
fn files_that_the_run_user_cannot_read() {
    for who in Identity::everybody("files_that_the_run_user_cannot_read") {
        let (scratch, _svscan) = healthy(who);
        scratch.write("home/profiles/coder/.env", "A=1\n");
        fs::set_permissions(scratch.path("home/profiles/coder/.env"), Permissions::from_mode(0o000)).unwrap();
        finds(&scratch, &[], "HD013", "home/profiles/coder/.env");
    }
}

#[test]
fn a_directory_that_is_no_profile() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    scratch.profiles(&["Coder"]);
    finds(&scratch, &[], "HD014", "profile name \"Coder\"");
}

#[test]
fn ports_that_two_profiles_have() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    scratch.write("home/profiles/writer/.env", "API_SERVER_PORT=9570\n");
    finds(&scratch, &[], "HD015", "port 9570 is that of several gateways, of which one can have it: coder, writer");
    // The default gateway has Hermes' own where nothing sets another.
    scratch.write("home/profiles/writer/.env", "API_SERVER_PORT=8642\n");
    finds(&scratch, &[], "HD015", "port 8642 is that of several gateways, of which one can have it: default, writer");
}

#[test]
fn tokens_that_two_profiles_have_are_told_and_not_shown() {
    for who in Identity::everybody("tokens_that_two_profiles_have_are_told_and_not_shown") {
        let (scratch, _svscan) = healthy(who);
        scratch.write("home/.env", "TELEGRAM_BOT_TOKEN=another\nDISCORD_BOT_TOKEN=\n");
        let line = format!("TELEGRAM_BOT_TOKEN=\"{TOKEN}\"\nDISCORD_BOT_TOKEN=\n");
        scratch.write("home/profiles/coder/.env", &line);
        scratch.write("home/profiles/writer/.env", format!("A=1\nexport TELEGRAM_BOT_TOKEN={TOKEN}\n"));
        finds(&scratch, &[], "HD016", "TELEGRAM_BOT_TOKEN of coder, writer");
        for answer in [scratch.run(&["doctor"]), scratch.run(&["doctor", "--format", "json"])] {
            assert!(!format!("{answer:?}").contains("never-to-be-shown"), "{answer:?}");
        }
    }
}

#[test]
fn a_slot_whose_profile_is_gone() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    fs::rename(scratch.profile_path("coder"), scratch.path("elsewhere")).unwrap();
    finds(&scratch, &[], "HD017", "slots whose profile is gone: coder");
}

#[test]
fn what_an_interrupted_run_left() {
    for who in Identity::everybody("what_an_interrupted_run_left") {
        let (scratch, _svscan) = healthy(who);
        let staged = scratch.path("scan/.hermes-s6gen/new-1");
        fs::create_dir(&staged).unwrap();
        finds(&scratch, &[], "HD018", "scan/.hermes-s6gen/new-1");
        // Of a run that goes on it is no leftover.
        let lock = fs::File::open(scratch.path("scan/.hermes-s6gen/lock")).unwrap();
        lock.lock().unwrap();
        finds_nothing(&scratch, &[]);
        lock.unlock().unwrap();
        fs::remove_dir(&staged).unwrap();
        fs::write(scratch.slot("coder").join("data/registering"), "").unwrap();
        finds(&scratch, &[], "HD018", "scan/gateway-coder");
    }
}

#[test]
fn the_broker_is_there_or_not() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    let socket = scratch.path("broker");
    let args = ["--broker", socket.to_str().unwrap()];
    assert!(text_of(&finds_nothing(&scratch, &args), "HD019").starts_with("no /"));
    let listener = UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(text_of(&finds_nothing(&scratch, &args), "HD019").ends_with("/broker"));
    // A socket that is left is served by nobody.
    drop(listener);
    await_silence(&socket);
    finds(&scratch, &args, "HD019", "nobody serves");
}

#[test]
fn s6_programs_that_are_missing() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    for program in ["s6-svdt", "s6-permafailon"] {
        fs::remove_file(scratch.path("bin").join(program)).unwrap();
    }
    finds(&scratch, &[], "HD020", "bin lacks s6-permafailon, s6-svdt");
}

#[test]
fn a_program_that_hangs_holds_nothing_up() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    let program = scratch.path("bin/s6-svscan");
    fs::remove_file(&program).unwrap();
    write_script(&program, "#!/bin/sh\nexec /bin/sleep 600\n");
    let began = Instant::now();
    finds(&scratch, &["--timeout", "0.5"], "HD020", "did not end in time");
    assert!(began.elapsed().as_secs() < 20);
}

#[test]
fn a_fifo_for_a_file_holds_nothing_up() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    Answer::of(Command::new("mkfifo").arg(scratch.path("home/profiles/coder/.env"))).ok();
    finds_nothing(&scratch, &[]);
}

#[test]
fn more_profiles_than_fit() {
    let scratch = Scratch::new(Identity::Ordinary);
    scratch.profiles(&["a", "b", "c", "d"]);
    let _svscan = Svscan::start(&scratch, &["-c", "3"]);
    finds(&scratch, &[], "HD021", "0 of 3 gateways, and 5 profiles have none yet");
}

#[test]
fn logs_that_will_not_fit() {
    let (scratch, _svscan) = healthy(Identity::Ordinary);
    finds(&scratch, &["--log-files", "10000", "--log-size", "268435455"], "HD022", "MiB free");
}

#[test]
fn deaths_of_tomorrow() {
    for who in Identity::everybody("deaths_of_tomorrow") {
        let (scratch, _svscan) = healthy(who);
        // An entry of s6's tally: TAI64N, exit code, signal.
        let mut entry = ((1_u64 << 62) + 37 + 4_000_000_000).to_be_bytes().to_vec();
        entry.extend([0, 0, 0, 0, 3, 0]);
        fs::write(scratch.slot("coder").join("supervise/death_tally"), entry).unwrap();
        assert!(scratch.s6("s6-svdt", &[], "coder").ok().out.contains("exitcode 3"));
        finds(&scratch, &[], "HD023", "deaths in the future of coder");
    }
}
