//! The machine that was measured on.

use std::fs;
use std::process::Command;

/// One line: processors, memory, kernel, load, and the versions that matter.
pub(crate) fn describe() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
        line.unwrap_or("unknown").trim().to_owned()
    };
    let first = |file: &str| fs::read_to_string(file).unwrap_or_default().trim().to_owned();
    let said = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output();
        output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{processors} processors ({}), {} of memory, Linux {}, s6 {}, {}. Load before: {}.",
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
        first("/proc/sys/kernel/osrelease"),
        said("dpkg-query", &["-W", "-f", "${Version}", "s6"]),
        said("rustc", &["--version"]),
        first("/proc/loadavg").split(' ').next().unwrap_or_default(),
    )
}
