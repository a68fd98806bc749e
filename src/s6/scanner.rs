//! The s6-svscan that watches a scan directory.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{FlockType, Pid};

use super::limits::{Capacity, Load};
use super::listener::listens;
use super::lock::lock_holder;
use super::program::S6;
use super::watch::Readings;
use crate::deadline::Deadline;
use crate::error::{At, Fault};

/// Descriptors that are left to s6-svscan for its scans, and for services that are not gateways.
const SPARE_DESCRIPTORS: usize = 8;

/// A running s6-svscan.
#[derive(Debug)]
pub struct Scanner {
    pid: Pid,
    scandir: Utf8PathBuf,
}

impl Scanner {
    /// The one that watches `scandir`, known to be there and to be ours to command.
    ///
    /// # Errors
    /// When nobody watches it, or this user may not command who does.
    pub fn of(scandir: &Utf8Path) -> Result<Self> {
        let control = scandir.join(".s6-svscan/control");
        let nobody = || {
            Fault::failed(format!("command {scandir}: no s6-svscan watches it"))
                .advise(format!("s6-svscan {scandir}, or name another scan directory with --scandir"))
        };
        if !listens(&control).at("open", &control)? {
            return Err(nobody().into());
        }
        let lock = scandir.join(".s6-svscan/lock");
        let pid = lock_holder(&lock, FlockType::ReadLock).at("read lock of", &lock)?.ok_or_else(nobody)?;
        Ok(Self { pid, scandir: scandir.to_owned() })
    }

    /// Asks for a scan; with `reap`, services whose directories are gone are also stopped (`s6-svscanctl -an`).
    /// The scan itself happens later.
    ///
    /// # Errors
    /// When s6-svscanctl fails or hangs.
    pub fn rescan(&self, s6: &S6, reap: bool, deadline: Deadline) -> Result<()> {
        let flags = if reap { "-an" } else { "-a" };
        s6.must("s6-svscanctl", &[flags, self.scandir.as_str()], deadline).map(drop)
    }

    /// Asks for a scan and waits until one has read the directory to its end.
    ///
    /// # Errors
    /// When s6-svscanctl fails, and when no scan comes before `deadline`.
    pub fn scan(&self, s6: &S6, reap: bool, deadline: Deadline) -> Result<()> {
        let readings = Readings::of(&self.scandir)?;
        self.rescan(s6, reap, deadline)?;
        if readings.wait(deadline)? {
            return Ok(());
        }
        Err(Fault::no(format!("scan {}: s6-svscan did not scan in time", self.scandir)).into())
    }

    /// How many of `wanted` gateways fit beside `present`: services against s6-svscan's options, descriptors against
    /// its limit. One too many would take the others down.
    ///
    /// # Errors
    /// When s6-svscan cannot be looked at.
    pub fn room(&self, s6: &S6, present: Load, wanted: usize, deadline: Deadline) -> Result<usize> {
        let arguments = self.read("cmdline")?;
        let capacity = Capacity::from_args(arguments.split(|byte| *byte == 0).skip(1));
        let room = capacity.room(present, wanted, || modern(s6, deadline))?;
        let Some(limit) = self.descriptor_limit()? else { return Ok(room) };
        let open = std::fs::read_dir(self.proc("fd")).at("read", self.proc("fd"))?.count();
        Ok(room.min(limit.saturating_sub(open + SPARE_DESCRIPTORS) / 2))
    }

    fn descriptor_limit(&self) -> Result<Option<usize>> {
        let limits = String::from_utf8_lossy(&self.read("limits")?).into_owned();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        // No number: unlimited.
        Ok(line.and_then(|line| line.split_whitespace().next()).and_then(|soft| soft.parse().ok()))
    }

    fn proc(&self, name: &str) -> Utf8PathBuf {
        format!("/proc/{}/{name}", self.pid).into()
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        std::fs::read(self.proc(name)).at("read", self.proc(name))
    }
}

/// Whether s6-svscan is of 2.12 or later. Only its usage message tells: it has no option to show a version.
///
/// # Errors
/// When it cannot be run.
pub fn modern(s6: &S6, deadline: Deadline) -> Result<bool> {
    Ok(s6.run("s6-svscan", &["-?"], deadline)?.stderr.contains("-C services_max"))
}
