//! The image as a container: what works in it, and what an agent in it cannot do.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::support::{Answer, Identity, ImageContainer, wait_until, write_script};

/// As root, as uid 10000 altogether, and with the capabilities that are left to careful people.
const FIVE: &str = "--bounding-set=-all,+chown,+dac_override,+setuid,+setgid,+kill";

#[test]
fn it_boots_and_serves_root_and_hermes() {
    let Some(_) = Identity::root("it_boots_and_serves_root_and_hermes") else { return };
    let kinds = [
        ImageContainer::new(),
        ImageContainer::new().read_only(),
        ImageContainer::new().through(&["/usr/bin/setpriv", FIVE, "--inh-caps=-all"]),
    ];
    for container in kinds {
        let running = container.start();
        for directory in ["", "logs", "logs/gateways", "profiles"] {
            assert_eq!(fs::metadata(container.volume(directory)).unwrap().uid(), 10000, "{directory}");
        }
        for name in ["coder", "writer"] {
            let create = format!("mkdir /opt/data/profiles/{name} && echo soul >/opt/data/profiles/{name}/SOUL.md");
            running.exec_as_hermes(&["/bin/sh", "-c", &create]).ok();
        }
        // Root's exec, through the front, is hermes' own; hermes goes through the broker.
        assert_eq!(running.exec(&["hermes", "-p", "coder", "gateway", "start"]).ok().out, "coder started\n");
        running.exec_as_hermes(&["hermes-s6gen", "register", "writer", "--down"]).ok();
        let status = running.exec(&["hermes", "gateway", "status", "-p", "coder"]).ok().out;
        assert!(status.contains("coder    running"), "{status}");
        wait_until("the gateway's log is there", || {
            fs::read_to_string(container.volume("logs/gateways/coder/current"))
                .is_ok_and(|log| log.contains("gateway of 10000"))
        });
        assert_eq!(running.exec(&["hermes", "chat"]).ok().out, "hermes chat\n");
        running.exec_as_hermes(&["hermes-s6gen", "unregister", "writer"]).ok();
        running.stop();
    }
}

#[test]
fn it_works_without_root() {
    let Some(_) = Identity::root("it_works_without_root") else { return };
    let chain = ["/usr/bin/setpriv", "--reuid=10000", "--regid=10000", "--clear-groups"];
    let container = ImageContainer::new().through(&chain);
    std::os::unix::fs::chown(container.volume(""), Some(10000), Some(10000)).unwrap();
    let running = container.start();
    running.exec_as_hermes(&["/bin/sh", "-c", "cd /opt/data/profiles && mkdir coder && echo x >coder/SOUL.md"]).ok();
    assert_eq!(running.exec_as_hermes(&["hermes", "-p", "coder", "gateway", "start"]).ok().out, "coder started\n");
    let stat = ["/command/s6-svstat", "-o", "up,wantedup", "/run/service/hermes-registrar"];
    wait_until("the registrar is left down", || running.exec_as_hermes(&stat).out == "false false\n");
    running.exec_as_hermes(&["hermes-s6gen", "unregister", "coder"]).ok();
    running.stop();
}

#[test]
fn ten_thousand_profiles_cost_nobody_anything() {
    let Some(_) = Identity::root("ten_thousand_profiles_cost_nobody_anything") else { return };
    let container = ImageContainer::new();
    let running = container.start();
    // As many processes would take a slow machine minutes.
    let create = "cd /opt/data/profiles && seq -f p%g 10000 19999 | xargs mkdir && \
        seq -f p%g/SOUL.md 10000 19999 | xargs touch";
    running.exec_as_hermes(&["/bin/sh", "-c", create]).ok();
    let answer = running.exec(&["hermes-s6gen", "reconcile"]);
    assert_eq!(answer.code, 1);
    let named = answer.err.matches("takes no more services").count();
    let registered = answer.out.matches("action=registered").count();
    // The default profile is one of those that are kept.
    assert_eq!(named + registered, 10_000);
    assert!((490..=500).contains(&registered), "{registered}");
    for profile in ["p19000", "p19999"] {
        let answer = running.exec_as_hermes(&["hermes-s6gen", "register", profile]);
        assert!(answer.code == 2 && answer.err.contains("takes no more services"), "{answer:?}");
    }
    // One out, one in, and everybody else as before.
    running.exec_as_hermes(&["hermes-s6gen", "unregister", "p10000"]).ok();
    running.exec_as_hermes(&["hermes-s6gen", "gateway", "start", "-p", "p19999"]).ok();
    assert_eq!(running.exec(&["hermes-s6gen", "list"]).ok().out.lines().count(), registered + 1);
    running.stop();
}

#[test]
fn where_one_id_is_mapped_what_is_missing_is_named() {
    let Some(_) = Identity::root("where_one_id_is_mapped_what_is_missing_is_named") else { return };
    // The kernel makes none for who lives in a chroot, as the tests on Debian 13 do.
    if Answer::of(std::process::Command::new("unshare").args(["--user", "--map-root-user", "true"])).code != 0 {
        eprintln!("not applicable: no user namespace can be made here");
        return;
    }
    let container = ImageContainer::new().one_id().environment("HERMES_DOCKER_EXEC_AS_ROOT", "1");
    let running = container.start();
    assert!(container.log().contains("become the run user (uid 10000, gid 10000)"), "{}", container.log());
    // With the only user that there is, everything works.
    let own = |args: &[&str]| running.exec(&[&["/usr/local/bin/hermes-s6gen", "--user", "root"], args].concat());
    own(&["prepare-home"]).ok();
    running.exec(&["/bin/sh", "-c", "mkdir /opt/data/profiles/coder && echo x >/opt/data/profiles/coder/SOUL.md"]).ok();
    own(&["reconcile"]).ok();
    assert_eq!(own(&["gateway", "start", "-p", "coder"]).ok().out, "coder started\n");
    wait_until("the gateway's log is there", || {
        fs::read_to_string(container.volume("logs/gateways/coder/current"))
            .is_ok_and(|log| log.contains("gateway of 0"))
    });
    own(&["gateway", "stop", "-p", "coder"]).ok();
    own(&["unregister", "coder"]).ok();
    running.stop();
}

/// What upstream's layout, where hermes owns /run/service, lets an agent do; most of it is root in one line.
fn in_upstreams_layout() -> Vec<String> {
    let slot = "/run/service/gateway-coder";
    let proof = "id -u >/tmp/proof";
    vec![
        format!("echo '{proof}' >>{slot}/run"),
        format!("echo '{proof}' >{slot}/finish"),
        format!("echo '{proof}' >{slot}/log/run"),
        format!("cp /bin/true {slot}/run.new && mv {slot}/run.new {slot}/run"),
        format!("mv {slot} /run/service/gateway-x"),
        format!("rm -r {slot}/data"),
        "mkdir -p /run/service/evil && printf '#!/bin/sh\\nid -u >/tmp/proof\\n' >/run/service/evil/run".to_owned(),
        "ln -s /opt/data/evil /run/service/evil".to_owned(),
        "/command/s6-svscanctl -a /run/service".to_owned(),
        format!("ln -sf /etc/shadow {slot}/supervise/status"),
        format!("ln -sf /etc/shadow {slot}/supervise/death_tally"),
        format!("rm {slot}/supervise/control"),
    ]
}

/// What would be as good, and is nobody's but root's.
fn elsewhere() -> Vec<String> {
    vec![
        "/command/s6-svscanctl -t /run/service",
        "kill 1",
        "kill $(cat /proc/1/task/1/children)",
        "echo x >/run/hermes-s6gen/rules/uid/65534/allow",
        "rm /run/hermes-s6gen/registrar",
        "mv /run/hermes-s6gen /run/other",
        "echo x >/run/s6/container_environment/HERMES_HOME",
        "echo x >>/etc/cont-init.d/01-hermes-setup",
        "echo x >>/usr/local/bin/hermes",
        "/command/s6-sudo /run/hermes-s6gen/registrar register ../evil",
        "/command/s6-sudo /run/hermes-s6gen/registrar --scandir=/opt/data register coder",
    ]
    .into_iter()
    .map(str::to_owned)
    .collect()
}

#[test]
fn in_upstreams_layout_an_agent_becomes_root() {
    let Some(_) = Identity::root("in_upstreams_layout_an_agent_becomes_root") else { return };
    // Each on a container of its own, as it would spoil it for the next.
    for attempt in in_upstreams_layout() {
        let container = ImageContainer::new();
        let running = container.start();
        running
            .exec_as_hermes(&["/bin/sh", "-c", "cd /opt/data/profiles && mkdir coder && echo x >coder/SOUL.md"])
            .ok();
        running.exec_as_hermes(&["hermes-s6gen", "register", "coder", "--down"]).ok();
        // s6-supervise may replace a file while chown is about to come to it.
        wait_until("all is hermes'", || running.exec(&["/bin/chown", "-R", "hermes:hermes", "/run/service"]).code == 0);
        let answer = running.exec_as_hermes(&["/bin/sh", "-c", &attempt]);
        assert_eq!(answer.code, 0, "{attempt}: {answer:?}");
    }
}

#[test]
fn an_agent_cannot_become_root() {
    let Some(_) = Identity::root("an_agent_cannot_become_root") else { return };
    let container = ImageContainer::new()
        .environment("LD_PRELOAD", "/opt/data/evil/preload.so")
        .environment("PATH", "/opt/data/evil:/usr/local/bin:/usr/bin:/bin")
        .environment("ENV", "/opt/data/evil/id")
        .environment("BASH_ENV", "/opt/data/evil/id")
        .environment("PYTHONPATH", "/opt/data/evil");
    // Planted before the boot: whoever runs one says who it is.
    fs::create_dir(container.volume("evil")).unwrap();
    for name in ["sh", "id", "mkdir", "cat", "s6-log", "s6-sudod", "s6-ipcserver", "hermes", "usermod", "env", "stat"] {
        let path = container.volume("evil").join(name);
        let real = if name == "hermes" { "/usr/local/bin/hermes".to_owned() } else { format!("/usr/bin/{name}") };
        write_script(&path, &format!("#!/bin/sh\n/usr/bin/id -u >>/opt/data/evil/trace\nexec {real} \"$@\"\n"));
    }
    fs::write(container.volume("evil/trace"), "").unwrap();
    fs::set_permissions(container.volume("evil/trace"), std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let running = container.start();
    running.exec_as_hermes(&["/bin/sh", "-c", "cd /opt/data/profiles && mkdir coder && echo x >coder/SOUL.md"]).ok();
    running.exec_as_hermes(&["hermes", "-p", "coder", "gateway", "start"]).ok();
    for attempt in in_upstreams_layout().into_iter().chain(elsewhere()) {
        let answer = running.exec_as_hermes(&["/bin/sh", "-c", &attempt]);
        assert_ne!(answer.code, 0, "{attempt}: {answer:?}");
    }
    running.exec_as_hermes(&["hermes-s6gen", "gateway", "restart", "-p", "coder"]).ok();
    running.exec_as_hermes(&["hermes-s6gen", "unregister", "coder"]).ok();
    running.exec(&["hermes", "-p", "coder", "gateway", "start"]).ok();
    let traced = running.exec(&["/bin/cat", "/opt/data/evil/trace"]).out;
    assert!(traced.lines().count() > 0, "the planted programs were not reached at all");
    assert!(traced.lines().all(|uid| uid == "10000"), "{traced}");
    assert_ne!(running.exec(&["/usr/bin/test", "-e", "/tmp/proof"]).code, 0);
    running.exec(&["hermes-s6gen", "verify"]).ok();
    running.stop();
}

#[test]
fn restarts_keep_what_is_wanted_and_stops_drain() {
    let Some(_) = Identity::root("restarts_keep_what_is_wanted_and_stops_drain") else { return };
    // The first boot changes the ids, as every new container does.
    let container = ImageContainer::new().environment("PUID", "1500").environment("PGID", "1500");
    // What s6-overlay allows by itself is little for a slow machine.
    let container = container.environment("S6_KILL_FINISH_MAXTIME", "15000").environment("API_SERVER_PORT", "9000");
    fs::create_dir_all(container.volume("profiles/coder")).unwrap();
    fs::write(container.volume("profiles/coder/SOUL.md"), "soul\n").unwrap();
    for boot in 1..=3 {
        let running = container.start();
        assert_eq!(running.exec(&["/usr/bin/id", "-u", "hermes"]).ok().out, "1500\n");
        for directory in ["", "logs/gateways", "profiles/coder"] {
            assert_eq!(fs::metadata(container.volume(directory)).unwrap().uid(), 1500, "boot {boot}: {directory}");
        }
        let (started, stopped) = if boot == 1 { ("registered", "started") } else { ("started", "is already running") };
        assert!(container.log().contains("profile=coder prior_state="), "{}", container.log());
        let line = container.log().lines().rfind(|line| line.contains("profile=coder")).unwrap().to_owned();
        assert!(line.contains(&format!("action={started}")), "boot {boot}: {line}");
        let status = || running.exec(&["hermes-s6gen", "gateway", "status", "-p", "coder"]);
        wait_until("its gateway is back", || boot == 1 || status().code == 0);
        let answer = running.exec(&["hermes", "-p", "coder", "gateway", "start"]).ok();
        assert_eq!(answer.out, format!("coder {stopped}\n"), "boot {boot}");
        let default = running.exec(&["hermes", "gateway", "status", "-p", "default"]).out;
        assert!(default.contains("  9000  "), "the default gateway has the container's port: {default}");
        running.exec(&["hermes", "gateway", "stop"]).ok();
        running.stop();
        // Told by the drain, before the supervisors were told anything.
        assert_eq!(container.log().matches("coder stopped\n").count(), boot, "{}", container.log());
    }
}

#[test]
fn what_the_boot_decided_is_hermes_to_override_through_the_broker() {
    let Some(_) = Identity::root("what_the_boot_decided_is_hermes_to_override_through_the_broker") else { return };
    let container = ImageContainer::new().environment("HERMES_GATEWAY_STAGGER", "3600");
    for name in ["coder", "writer"] {
        fs::create_dir_all(container.volume("profiles").join(name)).unwrap();
        fs::write(container.volume("profiles").join(name).join("SOUL.md"), "soul\n").unwrap();
        let state = container.volume("profiles").join(name).join("gateway_state.json");
        fs::write(state, "{\"desired_state\":\"running\"}\n").unwrap();
    }
    let running = container.start();
    // Its turn would come in an hour.
    let answer = running.exec_as_hermes(&["hermes-s6gen", "gateway", "start", "-p", "writer"]).ok();
    assert_eq!(answer.out, "writer started\n");
    wait_until("it runs", || {
        fs::read_to_string(container.volume("logs/gateways/writer/current")).is_ok_and(|log| log.contains("gateway of"))
    });
    running.stop();

    let container = container.environment("GATEWAY_MULTIPLEX_PROFILES", "true");
    let running = container.start();
    running.exec_as_hermes(&["/bin/sh", "-c", "cd /opt/data/profiles && mkdir late && echo x >late/SOUL.md"]).ok();
    let answer = running.exec_as_hermes(&["hermes-s6gen", "register", "late"]).ok();
    assert_eq!(answer.out, "registered late, down: the default gateway serves it\n");
    running.stop();
}
