//! The Windows task scheduler's manager.

use std::time::{Duration, Instant};

use hermes_s6gen::manager::{Install, Kind, ServiceManager, Windows};

use super::{StandIn, assert_host, profile};

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

#[test]
fn a_windows_task_runs_when_its_state_says_so() {
    for (answer, runs) in [
        ("Status:          Running", true),
        ("Letztes Ergebnis:          267009", true),
        ("Status:          Ready", false),
        ("Task To Run:          C:\\Running 267009 x\\gateway.vbs", false),
        ("Comment:          Running", false),
        ("", false),
    ] {
        let schtasks = StandIn::new(&format!("printf '%s\\r\\n' '{answer}'"));
        let manager = Windows { hermes: schtasks.tool(), schtasks: schtasks.tool() };
        assert_eq!(manager.is_running(&profile("coder")).unwrap(), runs, "{answer}");
    }
    // Not running is stopped; not there is not.
    for (query, stopped) in [("echo Status: Ready", true), ("echo Status: Running", false), ("exit 1", false)] {
        let schtasks = StandIn::new(&format!("case $1 in /Query) {query} ;; *) exit 1 ;; esac"));
        let manager = Windows { hermes: schtasks.tool(), schtasks: schtasks.tool() };
        assert_eq!(manager.stop(&profile("coder")).is_ok(), stopped, "{query}");
    }
}

#[test]
fn an_output_that_is_held_open_is_not_waited_for() {
    let hermes = StandIn::new("sleep 60 & exit 0");
    let manager = Windows { schtasks: hermes.tool(), hermes: hermes.tool() };
    let began = Instant::now();
    manager.install(&profile("coder"), Install::default()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(50));
}
