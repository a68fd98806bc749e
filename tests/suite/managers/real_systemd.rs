//! A real systemd of the kind that every user has, in mount and pid namespaces and a cgroup of its own.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hermes_s6gen::manager::{Scope, Systemd};
use rustix::process::geteuid;
use walkdir::WalkDir;

use super::{ServiceManager, StandIn, profile};
use crate::support::wait_until;

const UNIT: &str = "[Service]\nExecStart=/bin/sleep 600\n";

/// It wants to see a machine that systemd has booted; its own /run says so, and the machine's stays as it is.
const BOOT: &str = r#"
set -e
for tree in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if [ -w "$tree/cgroup.procs" ]; then
        mkdir "$tree/$CGROUP" && echo $$ >"$tree/$CGROUP/cgroup.procs" || :
    fi
done
exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc /bin/sh -ec '
    mount -t tmpfs tmpfs /run
    mkdir -p /run/systemd/system
    /usr/lib/systemd/systemd --user &
    wait'
"#;

/// When dropped, no process and no cgroup of it is left.
struct UserSystemd {
    child: Child,
    cgroup: String,
    systemctl: StandIn,
}

impl UserSystemd {
    /// Nothing where none can be run.
    fn start() -> Option<Self> {
        if !geteuid().is_root() || !Path::new("/usr/lib/systemd/systemd").exists() {
            return None;
        }
        let systemctl = StandIn::new("exec \"$0.real\" \"$@\"");
        let home = systemctl.path().parent().unwrap().to_owned();
        fs::create_dir_all(home.join("systemd/user")).unwrap();
        fs::create_dir(home.join("run")).unwrap();
        for (unit, text) in [("hermes-gateway-coder.service", UNIT), ("hermes-gateway-bad.service", "[Service]\n")] {
            fs::write(home.join("systemd/user").join(unit), text).unwrap();
        }
        let cgroup = format!("hermes-s6gen-{}", std::process::id());
        let log = fs::File::create(home.join("log")).unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", BOOT]).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("XDG_RUNTIME_DIR", home.join("run"));
        command.env("CGROUP", &cgroup).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap();
        let enter = format!(
            "export XDG_RUNTIME_DIR={home}/run\nns=/proc/{}/ns\n\
             exec nsenter --mount=$ns/mnt --pid=$ns/pid_for_children systemctl \"$@\"",
            child.id()
        );
        systemctl.program("tool.real", &enter);
        let mut this = Self { child, cgroup, systemctl };
        let end = Instant::now() + Duration::from_secs(10);
        while !home.join("run/systemd/private").exists() {
            if Instant::now() > end || this.child.try_wait().unwrap().is_some() {
                eprintln!("{}", fs::read_to_string(home.join("log")).unwrap());
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(this)
    }
}

impl Drop for UserSystemd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let trees = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten().map(|tree| tree.path());
        for tree in trees.chain(["/sys/fs/cgroup".into()]) {
            let own = tree.join(&self.cgroup);
            // A cgroup goes only after the last of its processes has.
            wait_until("the cgroups are gone", || {
                for entry in WalkDir::new(&own).contents_first(true).into_iter().flatten() {
                    if entry.file_type().is_dir() {
                        let _ = fs::remove_dir(entry.path());
                    }
                }
                !own.exists()
            });
        }
    }
}

#[test]
fn a_real_systemd_does_what_it_is_told() {
    let Some(systemd) = UserSystemd::start() else {
        eprintln!("skipped: a_real_systemd_does_what_it_is_told, as no systemd runs here");
        return;
    };
    let manager = Systemd { tool: systemd.systemctl.tool(), scope: Scope::User };
    let coder = profile("coder");
    let pid = || {
        let unit = "hermes-gateway-coder.service";
        let show = Command::new(systemd.systemctl.path()).args(["--user", "show", "-P", "MainPID", unit]).output();
        String::from_utf8(show.unwrap().stdout).unwrap().trim().to_owned()
    };
    assert!(!manager.is_running(&coder).unwrap());
    manager.start(&coder).unwrap();
    assert!(manager.is_running(&coder).unwrap());
    let first = pid();
    manager.start(&coder).unwrap();
    assert_eq!(pid(), first);
    manager.restart(&coder).unwrap();
    assert!(manager.is_running(&coder).unwrap());
    assert_ne!(pid(), first);
    manager.stop(&coder).unwrap();
    assert!(!manager.is_running(&coder).unwrap());
    manager.stop(&coder).unwrap();
    manager.restart(&coder).unwrap();
    assert!(manager.is_running(&coder).unwrap());

    assert!(!manager.is_running(&profile("nobody")).unwrap());
    for work in [Systemd::start, Systemd::stop, Systemd::restart] {
        let error = format!("{:#}", work(&manager, &profile("nobody")).unwrap_err());
        assert!(error.contains("hermes-gateway-nobody.service"), "{error}");
    }
    let error = format!("{:#}", manager.start(&profile("bad")).unwrap_err());
    assert!(error.contains("hermes-gateway-bad.service"), "{error}");

    // One that has gone is no answer, and above all not the answer "stopped".
    systemd.systemctl.program("tool.real", "XDG_RUNTIME_DIR=/nowhere exec systemctl \"$@\"");
    assert!(manager.is_running(&coder).is_err());
}
