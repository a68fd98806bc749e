//! A container engine of the test's own: a dockerd without a network, and the image built by the project's Dockerfile
//! on a Debian 13 that is there already.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{Answer, wait_within};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");
/// Debian's own: it has `BuildKit`, which leaves out the stages that need a network.
const DOCKER: &str = "/usr/bin/docker";

/// PID 1 of the image: as s6-overlay, it keeps the container's environment in files.
const INIT: &str = "#!/bin/sh
if [ \"$1\" != stage2 ]; then
    env | while IFS='=' read -r name value; do printf '%s\\n' \"$value\" >/container_environment/\"$name\"; done
fi
. /init.sh
";

/// A running dockerd; when dropped, nothing of it is left.
#[derive(Debug)]
pub(crate) struct Engine {
    directory: TempDir,
    daemon: Child,
}

impl Engine {
    /// Starts one, where one can run; otherwise says why not.
    pub(crate) fn start() -> Result<Self, String> {
        if !Path::new("/usr/sbin/dockerd").exists() {
            return Err("dockerd is not here".to_owned());
        }
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let log = fs::File::create(path("log")).unwrap();
        let mut command = Command::new("/usr/sbin/dockerd");
        command.arg("--data-root").arg(path("data")).arg("--exec-root").arg(path("exec"));
        command.arg("--pidfile").arg(path("pid")).arg(format!("--host=unix://{}", path("socket").display()));
        command.args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=overlay2"]);
        command.arg("--exec-opt=native.cgroupdriver=cgroupfs").stdin(Stdio::null());
        let daemon = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut engine = Self { directory, daemon };
        let mut ended = false;
        wait_within(Duration::from_secs(120), "dockerd answers or ends", || {
            ended = engine.daemon.try_wait().unwrap().is_some();
            ended || engine.docker(&["info"]).code == 0
        });
        if !ended {
            return Ok(engine);
        }
        let log = fs::read_to_string(engine.directory.path().join("log")).unwrap_or_default();
        Err(format!("dockerd cannot run here: {}", log.lines().last().unwrap_or_default()))
    }

    /// Runs docker.
    pub(crate) fn docker(&self, args: &[&str]) -> Answer {
        let mut command = Command::new(DOCKER);
        command.env("DOCKER_HOST", format!("unix://{}", self.directory.path().join("socket").display()));
        Answer::of(command.env("DOCKER_BUILDKIT", "1").env("HOME", self.directory.path()).args(args))
    }

    /// Builds the last stage of the Dockerfile as `image`, on the Debian 13 at `root`.
    pub(crate) fn build(&self, root: &Path) {
        let base = self.directory.path().join("base");
        let program = self.directory.path().join("program");
        Answer::of(Command::new("cp").args(["-a", "--reflink=auto"]).arg(root).arg(&base)).ok();
        for directory in ["command", "container_environment", "opt/hermes/.venv/bin", "opt/data"] {
            fs::create_dir_all(base.join(directory)).unwrap();
        }
        for entry in fs::read_dir(base.join("usr/bin")).unwrap().flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("s6-") {
                symlink(Path::new("/usr/bin").join(&name), base.join("command").join(&name)).unwrap();
            }
        }
        let script = |path: &str, text: &str| {
            fs::write(base.join(path), text).unwrap();
            fs::set_permissions(base.join(path), PermissionsExt::from_mode(0o755)).unwrap();
        };
        script("init", INIT);
        script("init.sh", &include_str!("init.sh").replace("\"$0\" stage2", "/init stage2"));
        script("opt/hermes/.venv/bin/hermes", super::image_container::HERMES);
        script(
            "command/with-contenv",
            "#!/bin/sh\nexec env -i PATH=\"$PATH\" s6-envdir -Lf /run/s6/container_environment \"$@\"\n",
        );
        // In a container that is not root's, PID 1 is not root either.
        fs::set_permissions(base.join("container_environment"), PermissionsExt::from_mode(0o777)).unwrap();
        std::os::unix::fs::chown(base.join("opt/data"), Some(10000), Some(10000)).unwrap();
        for (name, line) in [("passwd", "hermes:x:10000:10000::/opt/data:/bin/sh\n"), ("group", "hermes:x:10000:\n")] {
            let text = fs::read_to_string(base.join("etc").join(name)).unwrap() + line;
            fs::write(base.join("etc").join(name), text).unwrap();
        }
        fs::create_dir_all(program.join("src/target/release")).unwrap();
        fs::copy(PROGRAM, program.join("src/target/release/hermes-s6gen")).unwrap();
        self.import("tests-base", &base);
        self.import("tests-program", &program);
        let docker = concat!(env!("CARGO_MANIFEST_DIR"), "/docker");
        let dockerfile = format!("{docker}/Dockerfile");
        let args = ["build", "--network=none", "--build-arg=BASE=tests-base", "--build-arg=PROGRAM=tests-program"];
        self.docker(&[&args[..], &["-f", &dockerfile, "-t", "image", docker]].concat()).ok();
    }

    /// Makes the image `name` of what lies in `tree`, which goes.
    fn import(&self, name: &str, tree: &Path) {
        let archive: PathBuf = self.directory.path().join(format!("{name}.tar"));
        Answer::of(Command::new("tar").arg("-C").arg(tree).arg("-cf").arg(&archive).arg(".")).ok();
        self.docker(&["import", archive.to_str().unwrap(), name]).ok();
        fs::remove_file(archive).unwrap();
        fs::remove_dir_all(tree).unwrap();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let containers = self.docker(&["ps", "-aq"]).out;
        for container in containers.split_whitespace() {
            self.docker(&["rm", "-f", "-v", container]);
        }
        let pid = Pid::from_raw(i32::try_from(self.daemon.id()).unwrap()).unwrap();
        let _ = kill_process(pid, Signal::TERM);
        let _ = self.daemon.wait();
    }
}
