//! A private s6-svscan.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{Answer, Scratch, processes_in, wait_until};

/// A running s6-svscan; when dropped, nothing of its tree is left.
#[derive(Debug)]
pub(crate) struct Svscan {
    child: Child,
    root: PathBuf,
}

impl Svscan {
    /// Starts it on the scan directory of `scratch`, with more `options`.
    pub(crate) fn start(scratch: &Scratch, options: &[&str]) -> Self {
        Self::under(scratch, &[], options)
    }

    /// The same, started through the programs of `chain`.
    pub(crate) fn under(scratch: &Scratch, chain: &[&str], options: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(scratch.path("svscan.log")).unwrap();
        let mut command = scratch.who().command("/usr/bin/s6-setsid");
        command.args(chain).arg("/usr/bin/s6-svscan").args(options).arg(scratch.path("scan"));
        command.env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap();
        let control = scratch.path("scan/.s6-svscan/control");
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        wait_until("s6-svscan listens", || {
            File::options().write(true).custom_flags(nonblocking).open(&control).is_ok()
        });
        Self { child, root: scratch.root().to_owned() }
    }
}

impl Svscan {
    /// Its process, where nothing but chain loading came before it.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Svscan {
    fn drop(&mut self) {
        let scan = self.root.join("scan");
        Answer::of(std::process::Command::new("s6-svscanctl").arg("-t").arg(scan));
        let end = Instant::now() + Duration::from_secs(3);
        // A gateway that ignores signals keeps the tree up; whatever happened, nothing may outlive the test.
        while !matches!(self.child.try_wait(), Ok(Some(_))) || !processes_in(&self.root).is_empty() {
            if Instant::now() > end {
                let _ = self.child.kill();
                for (pid, _) in processes_in(&self.root) {
                    let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
