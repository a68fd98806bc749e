//! The managers of hosts, against stand-ins that record how they were called.

mod launchd;
mod real_systemd;
mod windows;

use std::fs;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use hermes_s6gen::environment::Environment;
use hermes_s6gen::error::exit_of;
use hermes_s6gen::exit::Exit;
use hermes_s6gen::manager::{
    HostTool, Kind, Launchd, NotSupported, S6Manager, Scope, ServiceManager, Systemd, Windows,
};
use hermes_s6gen::profile::ProfileName;
use tempfile::TempDir;

use super::support::write_script;

fn profile(name: &str) -> ProfileName {
    ProfileName::parse(name.as_ref()).unwrap()
}

/// A directory with a tool in it that records its arguments and answers as `script` says.
struct StandIn(TempDir);

impl StandIn {
    fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let record = directory.path().join("calls").display().to_string();
        let this = Self(directory);
        this.program("tool", &format!("echo \"$*\" >>{record}\n{script}"));
        this
    }

    /// Puts another program beside it.
    fn program(&self, name: &str, script: &str) {
        write_script(&self.0.path().join(name), &format!("#!/bin/sh\n{script}\n"));
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
    for (code, answer) in [(0, Some(true)), (1, None), (3, Some(false)), (4, Some(false)), (5, None)] {
        let systemctl = StandIn::new(&format!("exit {code}"));
        let manager = Systemd { tool: systemctl.tool(), scope: Scope::User };
        assert_eq!(manager.is_running(&profile("coder")).ok(), answer, "{code}");
    }
    let missing = Systemd { tool: HostTool::new(Utf8Path::new("/nowhere/systemctl")), scope: Scope::User };
    let error = format!("{:#}", missing.start(&profile("coder")).unwrap_err());
    assert!(error.starts_with("run /nowhere/systemctl: "), "{error}");
}

/// Every manager whose only tool is `tool`.
fn managers(tool: &HostTool) -> [Box<dyn ServiceManager>; 3] {
    [
        Box::new(Systemd { tool: tool.clone(), scope: Scope::User }),
        Box::new(Launchd { tool: tool.clone(), uid: 501, agents: "/agents".into() }),
        Box::new(Windows { schtasks: tool.clone(), hermes: tool.clone() }),
    ]
}

type Work = fn(&dyn ServiceManager, &ProfileName) -> anyhow::Result<()>;
const WORK: [Work; 3] = [|it, name| it.start(name), |it, name| it.stop(name), |it, name| it.restart(name)];

#[test]
fn every_operation_tells_the_tool_s_failure() {
    let tool = StandIn::new("echo 'Out of cheese.' >&2; exit 5");
    for manager in managers(&tool.tool()) {
        for work in WORK {
            let error = format!("{:#}", work(&*manager, &profile("coder")).unwrap_err());
            assert_eq!(error, format!("run {}: exit code 5: Out of cheese.", tool.path()), "{}", manager.kind());
        }
        // schtasks has one code for all; where there are more, no answer is not taken for one.
        assert_eq!(manager.is_running(&profile("coder")).is_err(), manager.kind() != Kind::Windows);
    }
}

#[test]
fn every_operation_ends_in_time() {
    let tool = StandIn::new("exec sleep 60");
    let began = Instant::now();
    for manager in managers(&tool.tool().within(Duration::from_millis(200))) {
        for work in WORK {
            let error = work(&*manager, &profile("coder")).unwrap_err();
            assert_eq!(error.to_string(), format!("run {}: did not end in time, killed", tool.path()));
            assert_eq!(exit_of(&error), Exit::No);
        }
    }
    assert!(began.elapsed() < Duration::from_secs(30));
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
        broker: None,
        multiplex: None,
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
