//! A container of the image, without a container engine: namespaces, this machine's own root below an overlay, and an
//! init that keeps s6-overlay's contract.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::processes::child_of;
use super::{Answer, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");

/// Stands in for Hermes in the image.
pub(super) const HERMES: &str = "#!/bin/sh\ncase \"$*\" in\n*'gateway run'*) echo gateway of \"$(id -u)\"; exec sleep 3600 ;;\n\
    esac\necho \"hermes $*\"\n";

/// What outlives a container: the volume, and how it is run.
#[derive(Debug)]
pub(crate) struct ImageContainer {
    directory: TempDir,
    /// Programs that init is run through: who it is, what it may do.
    chain: Vec<String>,
    read_only: bool,
    one_id: bool,
    environment: Vec<(String, String)>,
}

/// One that runs; when dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    init: i32,
    one_id: bool,
}

impl ImageContainer {
    /// With an empty volume, run as root.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["volume", "layer"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        fs::write(directory.path().join("init"), include_str!("init.sh")).unwrap();
        fs::write(directory.path().join("hermes"), HERMES).unwrap();
        fs::write(directory.path().join("log"), "").unwrap();
        Self { directory, chain: Vec::new(), read_only: false, one_id: false, environment: Vec::new() }
    }

    /// Run through `chain`.
    pub(crate) fn through(mut self, chain: &[&str]) -> Self {
        self.chain = chain.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// With a root that cannot be written.
    pub(crate) fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// In a user namespace that maps root and nobody else, as rootless podman has it without subordinate ids.
    pub(crate) fn one_id(mut self) -> Self {
        self.one_id = true;
        self
    }

    /// With `-e NAME=VALUE`.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The volume.
    pub(crate) fn volume(&self, relative: &str) -> PathBuf {
        self.directory.path().join("volume").join(relative)
    }

    /// What the container wrote.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    /// Starts it, with a new /run, and waits until it has booted.
    pub(crate) fn start(&self) -> Running {
        let script = "set -e\ncd \"$1\"\nmount -t tmpfs tmpfs layer\nmkdir layer/upper layer/work layer/root\n\
            mount -t overlay overlay -o lowerdir=/,upperdir=\"$PWD\"/layer/upper,workdir=\"$PWD\"/layer/work layer/root\n\
            root=$PWD/layer/root\nmount -t proc proc $root/proc\nmount --rbind /dev $root/dev\n\
            mount -t tmpfs -o mode=755 tmpfs $root/run\nmount -t tmpfs -o mode=1777 tmpfs $root/tmp\n\
            mkdir -p $root/command $root/opt/hermes/.venv/bin $root/opt/data $root/container_environment\n\
            mount --bind volume $root/opt/data\n\
            for tool in /usr/bin/s6-*; do ln -s \"$tool\" $root/command/; done\n\
            printf '#!/bin/sh\\nexec env -i PATH=\"$PATH\" s6-envdir -Lf /run/s6/container_environment \"$@\"\\n' \
            >$root/command/with-contenv\n\
            cp init $root/init\ncp hermes $root/opt/hermes/.venv/bin/hermes\ncp \"$2\" $root/usr/local/bin/hermes-s6gen\n\
            chmod 755 $root/init $root/opt/hermes/.venv/bin/hermes $root/command/with-contenv\n\
            cp -R environment/. $root/container_environment/\n\
            echo hermes:x:10000: >>$root/etc/group\necho hermes:x:10000:10000::/opt/data:/bin/sh >>$root/etc/passwd\n\
            chroot $root hermes-s6gen compile --root /\nchroot $root hermes-s6gen lint /\nchroot $root hermes-s6gen verify\n\
            [ \"$3\" = rw ] || mount -o remount,bind,ro $root\n[ \"$4\" = root ] || chown 10000:10000 $root/run\nnamespace=$5; shift 5\n\
            exec $namespace chroot $root \"$@\" /init\n";
        let environment = self.directory.path().join("environment");
        let _ = fs::remove_dir_all(&environment);
        fs::create_dir(&environment).unwrap();
        let usual = [("HERMES_HOME", "/opt/data"), ("PATH", "/usr/local/bin:/usr/bin:/bin")];
        let own = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in usual.into_iter().chain(own) {
            fs::write(environment.join(name), format!("{value}\n")).unwrap();
        }
        let log = fs::File::options().append(true).open(self.directory.path().join("log")).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]);
        command.args(["/bin/sh", "-c", script, "sh"]).arg(self.directory.path()).arg(PROGRAM);
        let owner = if self.chain.iter().any(|word| word.contains("reuid")) { "hermes" } else { "root" };
        command.arg(if self.read_only { "ro" } else { "rw" }).arg(owner);
        command.arg(if self.one_id { "unshare --user --map-root-user" } else { "" }).args(&self.chain);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        wait_until("the container has a PID 1", || child_of(child.id()).is_some());
        let init = child_of(child.id()).unwrap();
        let running = Running { child, init, one_id: self.one_id };
        let end = Instant::now() + Duration::from_secs(60);
        while running.exec(&["/usr/bin/test", "-e", "/run/booted"]).code != 0 {
            assert!(Instant::now() < end, "the container does not boot: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }
}

impl Running {
    /// `docker exec`: as root, with the image's PATH.
    pub(crate) fn exec(&self, args: &[&str]) -> Answer {
        self.exec_through(&[], args)
    }

    /// `docker exec -u hermes`.
    pub(crate) fn exec_as_hermes(&self, args: &[&str]) -> Answer {
        self.exec_through(&["/usr/bin/setpriv", "--reuid=10000", "--regid=10000", "--clear-groups"], args)
    }

    fn exec_through(&self, chain: &[&str], args: &[&str]) -> Answer {
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--pid", "--ipc", "--uts", "--root", "--wd=/", "--target"]).arg(self.init.to_string());
        command.args(self.one_id.then_some("--user"));
        command.args(["/usr/bin/env", "-i", "HERMES_HOME=/opt/data"]);
        command.arg("PATH=/usr/local/bin:/usr/bin:/bin:/command").args(chain).args(args);
        Answer::of(&mut command)
    }

    /// `docker stop`: waits until nothing is left of it.
    pub(crate) fn stop(mut self) {
        let init = rustix::process::Pid::from_raw(self.init).unwrap();
        rustix::process::kill_process(init, rustix::process::Signal::TERM).unwrap();
        wait_until("the container stops", || self.child.try_wait().unwrap().is_some());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its PID 1 goes with it (--kill-child), and everything else with that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
