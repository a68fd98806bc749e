//! The broker, as the image runs it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use super::{Answer, Scratch, Svscan, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");

/// An s6-svscan of root's with the service `hermes-registrar` in it, in a mount namespace where /etc and /run are an
/// image's.
#[derive(Debug)]
pub(crate) struct Broker {
    _svscan: Svscan,
}

impl Broker {
    /// Compiles the image's assets and starts it.
    pub(crate) fn start(scratch: &Scratch) -> Self {
        let image = scratch.path("image");
        Answer::of(scratch.command(&["compile", "--program", PROGRAM, "--root"]).arg(&image)).ok();
        let service = scratch.path("scan/hermes-registrar");
        copy(&image.join("etc/s6-overlay/s6-rc.d/hermes-registrar"), &service);
        let contenv = scratch.path("contenv");
        let scan = scratch.path("scan");
        fs::write(contenv.join("S6_PROFILE_GATEWAY_SCANDIR"), format!("{}\n", scan.display())).unwrap();
        // What would be dangerous if root took it, and what s6-sudod would take from who asks.
        fs::write(contenv.join("LD_PRELOAD"), "/nowhere/evil.so\n").unwrap();
        fs::write(contenv.join("HERMES_GATEWAY_LOG_FILES"), "\n").unwrap();
        let etc = scratch.path("etc");
        let setup = "set -e\nmkdir \"$1\"\nmount -t tmpfs tmpfs \"$1\"\ncp -a /etc/. \"$1\"\n\
            cp -a \"$2\"/etc/. \"$1\"\n\
            mount --bind \"$1\" /etc\nmount -t tmpfs -o mode=755 tmpfs /run\nmkdir -p /run/s6/container_environment\n\
            cp \"$3\"/* /run/s6/container_environment\nshift 3\nexec \"$@\"";
        let (etc, image, contenv) = (etc.to_str().unwrap(), image.to_str().unwrap(), contenv.to_str().unwrap());
        let chain = [
            "/usr/bin/unshare",
            "--mount",
            "--propagation",
            "private",
            "/bin/sh",
            "-c",
            setup,
            "sh",
            etc,
            image,
            contenv,
        ];
        let svscan = Svscan::under(scratch, &chain, &[]);
        let broker = Self { _svscan: svscan };
        wait_until("the broker is ready", || {
            Answer::of(Command::new("s6-svstat").args(["-o", "ready"]).arg(&service)).out == "true\n"
        });
        broker
    }
}

fn copy(from: &Path, to: &Path) {
    Answer::of(Command::new("cp").arg("-R").arg(from).arg(to)).ok();
}

/// Waits until nobody listens at `socket`, whose listener was closed: a child that another test starts has it until it
/// executes its program.
pub(crate) fn await_silence(socket: &Path) {
    wait_until("nobody listens", || UnixStream::connect(socket).is_err());
}
