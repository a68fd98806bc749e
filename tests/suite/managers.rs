//! The managers of hosts, against stand-ins that record how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};
use hermes_s6gen::environment::Environment;
use hermes_s6gen::manager::{
    HostTool, Install, Kind, Launchd, NotSupported, S6Manager, Scope, ServiceManager, Systemd, Windows,
};
use hermes_s6gen::profile::ProfileName;
use tempfile::TempDir;

fn profile(name: &str) -> ProfileName {
    ProfileName::parse(name.as_ref()).unwrap()
}

/// A directory with a tool in it that records its arguments and answers as `script` says.
struct StandIn(TempDir);

impl StandIn {
    fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let tool = directory.path().join("tool");
        let record = directory.path().join("calls").display().to_string();
        fs::write(&tool, format!("#!/bin/sh\necho \"$*\" >>{record}\n{script}\n")).unwrap();
        fs::set_permissions(&tool, PermissionsExt::from_mode(0o755)).unwrap();
        Self(directory)
    }

    fn path(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.0.path()).unwrap().join("tool")
    }

    fn tool(&self) -> HostTool {
        HostTool::new(&self.path())
    }

    /// What it was called with since it was last asked.
    fn calls(&self) -> Vec<String> {
        let record = self.0.path().join("calls");
        let calls = fs::read_to_string(&record).unwrap_or_default();
        let _ = fs::remove_file(record);
        calls.lines().map(str::to_owned).collect()
    }
}

fn assert_host(manager: &dyn ServiceManager, kind: Kind) {
    assert_eq!(manager.kind(), kind);
    assert!(!manager.supports_runtime_registration());
    assert!(manager.list().unwrap().is_empty());
    let error = manager.register(&profile("coder"), true, Environment::default()).unwrap_err();
    let typed = error.downcast_ref::<NotSupported>().unwrap();
    assert_eq!(*typed, NotSupported { kind, what: "registration" });
    let error = manager.unregister(&profile("coder")).unwrap_err();
    assert_eq!(error.to_string(), format!("{kind} does not support runtime gateway unregistration (containers only)"));
}

#[test]
fn systemd_is_asked_for_hermes_own_units() {
    let systemctl = StandIn::new("exit 0");
    let user = Systemd { tool: systemctl.tool(), scope: Scope::User };
    assert_host(&user, Kind::Systemd);
    user.start(&profile("default")).unwrap();
    user.stop(&profile("coder")).unwrap();
    user.restart(&profile("coder")).unwrap();
    assert!(user.is_running(&profile("coder")).unwrap());
    let expected = [
        "--user start hermes-gateway.service",
        "--user stop hermes-gateway-coder.service",
        "--user restart hermes-gateway-coder.service",
        "--user is-active --quiet hermes-gateway-coder.service",
    ];
    assert_eq!(systemctl.calls(), expected);
    let system = Systemd { tool: systemctl.tool(), scope: Scope::System };
    system.start(&profile("coder")).unwrap();
    assert_eq!(systemctl.calls(), ["start hermes-gateway-coder.service"]);
}

#[test]
fn what_a_tool_says_when_it_fails_is_told() {
    let systemctl = StandIn::new("echo 'Unit not found.' >&2; exit 5");
    let manager = Systemd { tool: systemctl.tool(), scope: Scope::User };
    let error = format!("{:#}", manager.start(&profile("coder")).unwrap_err());
    assert_eq!(error, format!("run {}: exit code 5: Unit not found.", systemctl.path()));
    assert!(!manager.is_running(&profile("coder")).unwrap());
    let missing = Systemd { tool: HostTool::new(Utf8Path::new("/nowhere/systemctl")), scope: Scope::User };
    let error = format!("{:#}", missing.start(&profile("coder")).unwrap_err());
    assert!(error.starts_with("run /nowhere/systemctl: "), "{error}");
}

#[test]
fn launchd_loads_what_is_not_loaded() {
    let launchd =
        |tool: &StandIn| Launchd { tool: tool.tool(), domain: "gui/501".to_owned(), agents: "/agents".into() };
    let launchctl = StandIn::new("case $1 in list) echo '\t\"PID\" = 42;' ;; esac");
    let manager = launchd(&launchctl);
    assert_host(&manager, Kind::Launchd);
    manager.start(&profile("default")).unwrap();
    manager.restart(&profile("coder")).unwrap();
    assert!(manager.is_running(&profile("coder")).unwrap());
    let expected = [
        "kickstart gui/501/ai.hermes.gateway",
        "kickstart -k gui/501/ai.hermes.gateway-coder",
        "list ai.hermes.gateway-coder",
    ];
    assert_eq!(launchctl.calls(), expected);
    // Bootout did nothing: it still has a process.
    let error = manager.stop(&profile("coder")).unwrap_err().to_string();
    assert_eq!(error, "stop gateway coder: launchd still runs it");

    for code in [3, 113, 125] {
        let flag = "\"$0\".loaded";
        let script = format!(
            "case $1 in bootstrap) touch {flag} ;; kickstart) [ -e {flag} ] || exit {code} ;; list) ;; *) exit {code} ;; esac"
        );
        let launchctl = StandIn::new(&script);
        let manager = launchd(&launchctl);
        manager.start(&profile("coder")).unwrap();
        let expected = [
            "kickstart gui/501/ai.hermes.gateway-coder",
            "bootstrap gui/501 /agents/ai.hermes.gateway-coder.plist",
            "kickstart gui/501/ai.hermes.gateway-coder",
        ];
        assert_eq!(launchctl.calls(), expected);
        // Not loaded is stopped; listed without a pid is not running.
        manager.stop(&profile("coder")).unwrap();
        assert!(!manager.is_running(&profile("coder")).unwrap());
    }
    let launchctl = StandIn::new("echo 'Bootstrap failed: 5' >&2; exit 5");
    assert!(launchd(&launchctl).start(&profile("coder")).is_err());
}

#[test]
fn windows_tasks_and_every_install_option() {
    let schtasks = StandIn::new("case $1 in /Query) echo 'Status: Running' ;; esac");
    let hermes = StandIn::new("exit 0");
    let manager = Windows { schtasks: schtasks.tool(), hermes: hermes.tool() };
    assert_host(&manager, Kind::Windows);
    manager.start(&profile("default")).unwrap();
    manager.restart(&profile("coder")).unwrap();
    let expected = [
        "/Run /TN Hermes_Gateway",
        "/Query /TN Hermes_Gateway_coder /FO LIST /V",
        "/End /TN Hermes_Gateway_coder",
        "/Run /TN Hermes_Gateway_coder",
    ];
    assert_eq!(schtasks.calls(), expected);
    manager.install(&profile("default"), Install::default()).unwrap();
    let all = Install { force: true, start_now: Some(true), start_on_login: Some(false), elevated_handoff: true };
    manager.install(&profile("coder"), all).unwrap();
    let expected =
        ["gateway install", "-p coder gateway install --force --start-now --no-start-on-login --elevated-handoff"];
    assert_eq!(hermes.calls(), expected);
}

/// The one test of a real systemd, where one runs.
#[test]
fn a_real_systemd_answers() {
    if !std::path::Path::new("/run/systemd/system").is_dir() {
        eprintln!("not applicable: a_real_systemd_answers, as no systemd runs here");
        return;
    }
    let manager = Systemd { tool: HostTool::new(Utf8Path::new("systemctl")), scope: Scope::System };
    assert!(!manager.is_running(&profile("no-such-profile")).unwrap());
    assert!(manager.start(&profile("no-such-profile")).is_err());
}

#[test]
fn s6_takes_gateways_in_at_run_time() {
    use super::support::{Identity, Scratch};
    let Some(root) = Identity::root("s6_takes_gateways_in_at_run_time") else { return };
    let scratch = Scratch::new(root);
    scratch.profiles(&["coder"]);
    let _svscan = scratch.svscan();
    let utf8 = |name: &str| Utf8PathBuf::from_path_buf(scratch.path(name)).unwrap();
    let authority = hermes_s6gen::user::Authority::of_process("daemon").unwrap();
    let s6 = hermes_s6gen::s6::S6::new(&utf8("bin"));
    let host = hermes_s6gen::spec::Host {
        s6_bin: utf8("bin"),
        program: env!("CARGO_BIN_EXE_hermes-s6gen").into(),
        user: "daemon".to_owned(),
        policy: hermes_s6gen::policy::Policy::default(),
        log: hermes_s6gen::spec::LogLimits { files: 3, bytes: 65536 },
    };
    let second = std::time::Duration::from_secs(1);
    let manager = S6Manager(hermes_s6gen::lifecycle::Lifecycle {
        home: hermes_s6gen::profile::Home::new(&utf8("home"), authority.clone()),
        scandir: hermes_s6gen::publish::ScanDir::open(&utf8("scan"), s6).unwrap(),
        authority,
        host,
        grace: second,
        settle: second / 4,
        timeout: 10 * second,
    });
    assert!(manager.supports_runtime_registration());
    manager.register(&profile("coder"), false, Environment::default()).unwrap();
    assert_eq!(manager.list().unwrap(), [profile("coder")]);
    assert!(!manager.is_running(&profile("coder")).unwrap());
    manager.start(&profile("coder")).unwrap();
    assert!(manager.is_running(&profile("coder")).unwrap());
    manager.restart(&profile("coder")).unwrap();
    manager.stop(&profile("coder")).unwrap();
    assert!(!manager.is_running(&profile("coder")).unwrap());
    manager.unregister(&profile("coder")).unwrap();
    assert!(manager.list().unwrap().is_empty());
}
