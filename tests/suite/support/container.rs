//! A container: namespaces of its own, s6-svscan as PID 1, and a new /run at each start.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::identity::DAEMON;
use super::processes::child_of;
use super::{Answer, Scratch, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");

/// What PID 1 does before it becomes s6-svscan, as s6-linux-init does.
const INIT: &str = "mount -t tmpfs -o mode=755 tmpfs /run || exit 99
mkdir -p /run/service /run/s6/basedir
mkfifo /run/ready
exec 4<>/run/ready
rc_init=$1
shift
/bin/sh -e \"$rc_init\" top /opt/hermes/docker/main-wrapper.sh \"$@\" &
exec s6-svscan -d4 -- /run/service
";

/// A running container on the home of a scratch tree.
#[derive(Debug)]
pub(crate) struct Container {
    unshare: Child,
    init: Pid,
    environment: Vec<(&'static str, String)>,
    boot: PathBuf,
}

impl Container {
    /// Starts it with `command`, and waits until the boot's reconciliation is over.
    pub(crate) fn boot(scratch: &Scratch, command: &str, more: &[(&'static str, &str)]) -> Self {
        let boot = tempfile::Builder::new().prefix("boot").tempdir_in(scratch.root()).unwrap().keep();
        let place = |name: &str| scratch.path(name).to_str().unwrap().to_owned();
        let mut environment = vec![
            ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
            ("HERMES_HOME", place("home")),
            ("HERMES_S6_BIN_DIR", place("bin")),
            ("HERMES_USER", DAEMON.0.to_owned()),
            ("HERMES_S6GEN_PROGRAM", PROGRAM.to_owned()),
            ("BOOT", boot.join("boot").to_str().unwrap().to_owned()),
        ];
        environment.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let rc_init = boot.join("rc.init");
        fs::write(&rc_init, include_str!("rc.init")).unwrap();
        let log = fs::File::create(boot.join("container.log")).unwrap();
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--mount", "--propagation", "private", "--fork", "--kill-child", "--mount-proc"]);
        unshare.args(["/bin/sh", "-c", INIT, "init"]).arg(rc_init).args(command.split_whitespace());
        unshare.env_clear().envs(environment.clone()).stdin(Stdio::null());
        unshare.stdout(log.try_clone().unwrap()).stderr(log);
        let unshare = unshare.spawn().unwrap();
        wait_until("the container has a PID 1", || child_of(unshare.id()).is_some());
        let init = child_of(unshare.id()).and_then(Pid::from_raw);
        let container = Self { unshare, init: init.unwrap(), environment, boot: boot.join("boot") };
        wait_until("the boot's reconciliation is over", || container.boot.with_extension("code").exists());
        container
    }

    /// What the boot's reconciliation came to.
    pub(crate) fn reconciled(&self) -> Answer {
        let read = |what: &str| fs::read_to_string(self.boot.with_extension(what)).unwrap();
        wait_until("its code is written", || !read("code").is_empty());
        Answer { code: read("code").trim().parse().unwrap(), out: read("out"), err: read("err") }
    }

    /// Runs the program under test in it, as root.
    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        let mut command = Command::new("nsenter");
        let init = self.init.as_raw_nonzero().to_string();
        command.args(["--target", &init, "--mount", "--pid", "--root", "--", PROGRAM]).args(args);
        Answer::of(command.env_clear().envs(self.environment.clone()))
    }

    /// Ends it with `signal` for its PID 1, and waits until nothing of it is left.
    pub(crate) fn stop(mut self, signal: Signal) {
        kill_process(self.init, signal).unwrap();
        wait_until("the container ends", || self.unshare.try_wait().unwrap().is_some());
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // With its PID 1 the kernel kills everything in it.
        let _ = kill_process(self.init, Signal::KILL);
        let _ = self.unshare.wait();
    }
}
