//! The gateways' processes, and an s6-svscanctl that is now and then killed.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::support::Scratch;

/// Every tenth is killed before it does its work, every tenth after.
const UNRELIABLE: &str = "#!/bin/sh
case $(($$ % 10)) in
0) kill -KILL $$ ;;
5) /usr/bin/s6-svscanctl \"$@\"; kill -KILL $$ ;;
esac
exec /usr/bin/s6-svscanctl \"$@\"
";

pub(crate) fn make_unreliable(scratch: &Scratch) {
    let program = scratch.path("bin/s6-svscanctl");
    fs::remove_file(&program).unwrap();
    fs::write(&program, UNRELIABLE).unwrap();
    fs::set_permissions(program, PermissionsExt::from_mode(0o755)).unwrap();
}

pub(crate) fn make_reliable(scratch: &Scratch) {
    let program = scratch.path("bin/s6-svscanctl");
    fs::remove_file(&program).unwrap();
    symlink("/usr/bin/s6-svscanctl", program).unwrap();
}

/// Gateways of `profile` that can be told from all others, and of which a new one ends the old one, as hermes does it.
pub(crate) fn behaves(scratch: &Scratch, profile: &str) {
    scratch.behave(profile, "replace");
    symlink("/usr/bin/sleep", scratch.path("record").join(format!("3600.{profile}"))).unwrap();
}

/// The living ones of `profile`, by what they recorded.
pub(crate) fn running(scratch: &Scratch, profile: &str) -> Vec<i32> {
    let starts = scratch.recorded(profile, "starts");
    let pids = String::from_utf8(starts).unwrap();
    let mut pids: Vec<i32> = pids.lines().filter_map(|line| line.parse().ok()).collect();
    pids.sort_unstable();
    pids.dedup();
    let is_ours = |line: Vec<u8>| String::from_utf8_lossy(&line).contains(&format!("/3600.{profile}\0"));
    pids.retain(|pid| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(is_ours));
    pids
}
