//! The planned-stop marker: tells a gateway that the SIGTERM to come is an operator's stop and no accident.

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use super::directory::Directory;
use crate::error::{At, Fault};

const FILE: &str = ".gateway-planned-stop.json";

/// As Hermes reads it. It believes a marker for 60 seconds, and only if pid and start time are its own.
#[derive(Serialize)]
struct Marker {
    target_pid: i32,
    target_start_time: u64,
    stopper_pid: u32,
    written_at: String,
}

/// Announces to the process `pid`, whose home `directory` is, that it is about to be stopped.
///
/// # Errors
/// When there is no such process, or the marker cannot be written.
pub fn announce_stop(directory: &Directory, pid: i32) -> Result<()> {
    let marker = Marker {
        target_pid: pid,
        target_start_time: start_time(pid)?,
        stopper_pid: std::process::id(),
        // Python's fromisoformat takes an offset in every version, Z only in later ones.
        written_at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
    };
    let bytes = serde_json::to_vec(&marker).at("write", directory.path().join(FILE))?;
    directory.replace(FILE, &bytes, 0o600)
}

/// Takes the marker back: who was killed has not consumed it.
///
/// # Errors
/// When it is there and stays.
pub fn forget_stop(directory: &Directory) -> Result<()> {
    directory.remove_with_temporary(FILE)
}

/// Field 22 of `proc_pid_stat(5)`, in clock ticks since boot.
fn start_time(pid: i32) -> Result<u64> {
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read(&path).at("read", &path)?;
    let stat = String::from_utf8_lossy(&stat);
    // The second field is the command in parentheses, and may hold spaces and parentheses of its own.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let field = rest.split_whitespace().nth(19).and_then(|field| field.parse().ok());
    field.ok_or_else(|| Fault::failed(format!("read {path}: has no start time")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_the_kernels() {
        let own = i32::try_from(std::process::id()).unwrap();
        let started = start_time(own).unwrap();
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
        // Clock ticks are hundredths of a second on every Linux, and so is what is shown of the uptime.
        let uptime: u64 = uptime.split(' ').next().unwrap().replace('.', "").parse().unwrap();
        assert!((1..=uptime).contains(&started));
    }
}
