//! Which service manager runs this machine.

use std::fmt;

use anyhow::Result;
use camino::Utf8Path;

use crate::error::At;

/// The service managers that Hermes knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// s6-overlay's s6-svscan is PID 1.
    S6,
    /// The Windows task scheduler.
    Windows,
    /// macOS's launchd.
    Launchd,
    /// systemd runs this machine.
    Systemd,
    /// None of them.
    None,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(match self {
            Self::S6 => "s6",
            Self::Windows => "windows",
            Self::Launchd => "launchd",
            Self::Systemd => "systemd",
            Self::None => "none",
        })
    }
}

/// Whether s6 runs gateways here: it is PID 1, or an s6-svscan has made `scandir` its own.
///
/// # Errors
/// When this cannot be known.
pub fn under_s6(scandir: &Utf8Path) -> Result<bool> {
    let own = scandir.join(".s6-svscan");
    Ok(detect(Utf8Path::new("/")) == Kind::S6 || own.try_exists().at("stat", own)?)
}

/// Finds the manager by what lies under `root`, usually `/`. Unprivileged, and no guess about containers: s6-overlay
/// also runs where nothing looks like one.
#[must_use]
pub fn detect(root: &Utf8Path) -> Kind {
    let init = std::fs::read_to_string(root.join("proc/1/comm")).unwrap_or_default();
    if init.trim_end() == "s6-svscan" && root.join("run/s6/basedir").is_dir() {
        Kind::S6
    } else if cfg!(windows) {
        Kind::Windows
    } else if cfg!(target_os = "macos") {
        Kind::Launchd
    } else if root.join("run/systemd/system").is_dir() {
        // sd_booted(3).
        Kind::Systemd
    } else {
        Kind::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s6_needs_both_its_pid_1_and_its_basedir() {
        let scratch = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(scratch.path()).unwrap();
        assert_eq!(detect(root), Kind::None);
        std::fs::create_dir_all(root.join("proc/1")).unwrap();
        std::fs::write(root.join("proc/1/comm"), "s6-svscan\n").unwrap();
        assert_eq!(detect(root), Kind::None);
        std::fs::create_dir_all(root.join("run/systemd/system")).unwrap();
        assert_eq!(detect(root), Kind::Systemd);
        std::fs::create_dir_all(root.join("run/s6/basedir")).unwrap();
        assert_eq!(detect(root), Kind::S6);
        std::fs::write(root.join("proc/1/comm"), "systemd\n").unwrap();
        assert_eq!(detect(root), Kind::Systemd);
    }
}
