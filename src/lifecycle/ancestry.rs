//! Whether this process runs inside a gateway, and getting out of it.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::error::At;
use crate::s6::S6;

/// Whether `pid` is this process or one of its ancestors.
pub(super) fn runs_inside(pid: i32) -> bool {
    let mut current = i32::try_from(std::process::id()).unwrap_or_default();
    while current > 1 {
        if current == pid {
            return true;
        }
        current = parent(current).unwrap_or_default();
    }
    false
}

/// Field 4 of `proc_pid_stat(5)`.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Starts this program again with the same arguments in a session of its own, and leaves it to PID 1.
pub(super) fn hand_over(s6: &S6) -> Result<()> {
    let setsid = s6.path("s6-setsid");
    let own = std::env::current_exe().at("find", "this program")?;
    // Between the two is a shell that ends at once, so that the new process is no longer inside the gateway.
    Command::new("/bin/sh")
        .args(["-c", "\"$@\" &", "sh", setsid.as_str()])
        .arg(own)
        .args(std::env::args_os().skip(1))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .at("run", setsid)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ancestors_count() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(runs_inside(own));
        assert!(runs_inside(parent(own).unwrap()));
        let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
        assert!(!runs_inside(i32::try_from(child.id()).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
