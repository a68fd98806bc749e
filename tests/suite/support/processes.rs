//! Living processes, by where they are.

use std::path::Path;

/// Every process whose working directory is `directory` or below, be it deleted by now: pid and command line.
pub(crate) fn processes_in(directory: &Path) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // What ends meanwhile is not there any more.
        let Ok(cwd) = std::fs::read_link(entry.path().join("cwd")) else { continue };
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
        if cwd.starts_with(directory) && !line.is_empty() {
            found.push((pid, String::from_utf8_lossy(&line).replace('\0', " ").trim_end().to_owned()));
        }
    }
    found
}

/// A process that `pid` has started, if it has one.
pub(crate) fn child_of(pid: u32) -> Option<i32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split_whitespace().next()?.parse().ok()
}
