//! launchd's manager.

use std::time::Duration;

use hermes_s6gen::error::exit_of;
use hermes_s6gen::exit::Exit;
use hermes_s6gen::manager::{Kind, Launchd, ServiceManager};

use super::{StandIn, assert_host, profile};

fn launchd(tool: &StandIn) -> Launchd {
    Launchd { tool: tool.tool(), uid: 501, agents: "/agents".into() }
}

#[test]
fn launchd_is_asked_for_hermes_own_agents() {
    let launchctl = StandIn::new("case $1 in list) echo '\t\"PID\" = 42;' ;; esac");
    let manager = launchd(&launchctl);
    assert_host(&manager, Kind::Launchd);
    manager.start(&profile("default")).unwrap();
    manager.restart(&profile("coder")).unwrap();
    assert!(manager.is_running(&profile("coder")).unwrap());
    let expected = [
        "print gui/501/ai.hermes.gateway",
        "kickstart gui/501/ai.hermes.gateway",
        "print gui/501/ai.hermes.gateway-coder",
        "kickstart -k gui/501/ai.hermes.gateway-coder",
        "list ai.hermes.gateway-coder",
    ];
    assert_eq!(launchctl.calls(), expected);
}

#[test]
fn launchd_loads_what_is_not_loaded() {
    for code in [3, 113, 125] {
        for (session, domain) in [("Aqua", "gui/501"), ("Background", "user/501")] {
            let loaded = "\"$0\".loaded";
            let launchctl = StandIn::new(&format!(
                "case $1 in managername) echo {session} ;; bootstrap) touch {loaded} ;; *) [ -e {loaded} ] || exit {code} ;; esac"
            ));
            let manager = launchd(&launchctl);
            // Not loaded is stopped.
            manager.stop(&profile("coder")).unwrap();
            assert!(launchctl.calls().contains(&format!("bootout {domain}/ai.hermes.gateway-coder")));
            manager.start(&profile("coder")).unwrap();
            let expected = [
                "print gui/501/ai.hermes.gateway-coder".to_owned(),
                "print user/501/ai.hermes.gateway-coder".to_owned(),
                "managername".to_owned(),
                format!("kickstart {domain}/ai.hermes.gateway-coder"),
                format!("bootstrap {domain} /agents/ai.hermes.gateway-coder.plist"),
                format!("kickstart {domain}/ai.hermes.gateway-coder"),
            ];
            assert_eq!(launchctl.calls(), expected);
            // Listed without a pid is not running.
            assert!(!manager.is_running(&profile("coder")).unwrap());
        }
    }
}

#[test]
fn launchd_has_the_job_in_the_other_domain() {
    let launchctl = StandIn::new("case $1$2 in printgui*) exit 113 ;; esac");
    launchd(&launchctl).restart(&profile("coder")).unwrap();
    assert_eq!(launchctl.calls()[2..], ["kickstart -k user/501/ai.hermes.gateway-coder"]);
}

#[test]
fn launchd_is_waited_for_until_the_process_has_gone() {
    // Bootout has begun; the process ends while it is asked for the third time.
    let launchctl = StandIn::new(
        "case $1 in bootout) exit 36 ;; list) echo >>\"$0.n\"; \
         [ $(wc -l <\"$0.n\") -gt 2 ] && exit 113; echo '\"PID\" = 42;' ;; esac",
    );
    launchd(&launchctl).stop(&profile("coder")).unwrap();
    let asked = launchctl.calls().iter().filter(|call| *call == "list ai.hermes.gateway-coder").count();
    assert_eq!(asked, 3);
    let launchctl = StandIn::new("case $1 in list) echo '\"PID\" = 42;' ;; esac");
    let manager = Launchd { tool: launchctl.tool().within(Duration::from_secs(5)), ..launchd(&launchctl) };
    let error = manager.stop(&profile("coder")).unwrap_err();
    assert_eq!(error.to_string(), "stop gateway coder: launchd still runs it");
    assert_eq!(exit_of(&error), Exit::No);
}
