//! Trees to lint: sound ones, and ways to break them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use camino::Utf8Path;
use hermes_s6gen::lint::{Finding, lint};
use rustix::fs::{CWD, Mode, mkfifoat};
use tempfile::TempDir;

use crate::support::Answer;

/// What is sound to begin with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base {
    /// The rendered slot of `coder`, without its manifest.
    Slot,
    /// The same, with the manifest.
    Rendered,
    /// A scan directory with that slot.
    Scan,
    /// Somebody else's service.
    Service,
    /// Source definitions for s6-rc.
    Sources,
    /// The root of an image.
    Image,
}

/// A directory with one of the bases in it.
#[derive(Debug)]
pub(super) struct Tree {
    directory: TempDir,
    root: PathBuf,
}

impl Tree {
    pub(super) fn new(base: Base) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join(match base {
            Base::Slot | Base::Rendered => "scan/gateway-coder",
            Base::Scan => "scan",
            Base::Service => "web",
            Base::Sources => "s6-rc.d",
            Base::Image => "image",
        });
        let tree = Self { directory, root };
        match base {
            Base::Slot | Base::Scan => {
                tree.render();
                fs::remove_file(tree.directory.path().join("scan/gateway-coder/data/manifest.json")).unwrap();
            }
            Base::Rendered => tree.render(),
            Base::Service => tree.script("run", "#!/bin/sh\nexec 2>&1\nexec /usr/sbin/web --foreground\n"),
            Base::Sources => tree.sources(""),
            Base::Image => {
                tree.sources("etc/s6-overlay/s6-rc.d/");
                tree.script("bin/sh", "#!/bin/sh\n");
                tree.script("etc/cont-init.d/01-home", "#!/bin/sh -e\nmkdir -p /opt/data\n");
                tree.script("etc/services.d/web/run", "#!/bin/sh\nexec web\n");
            }
        }
        tree
    }

    fn render(&self) {
        let profile = self.directory.path().join("home/profiles/coder");
        fs::create_dir_all(&profile).unwrap();
        fs::write(profile.join("SOUL.md"), "# soul\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hermes-s6gen"));
        command.env_clear().arg("--home").arg(self.directory.path().join("home"));
        command.args(["render", "coder", "--env", "LOG_LEVEL=debug", "--out"]).arg(self.directory.path().join("scan"));
        Answer::of(&mut command).ok();
    }

    fn sources(&self, below: &str) {
        self.write(&format!("{below}web/type"), "longrun");
        self.write(&format!("{below}web/run"), "#!/bin/sh\nexec web\n");
        self.write(&format!("{below}web/dependencies.d/base"), "");
        self.write(&format!("{below}prepare/type"), "oneshot\n");
        self.write(&format!("{below}prepare/up"), "/etc/s6-overlay/scripts/prepare\n");
        self.write(&format!("{below}user/type"), "bundle\n");
        self.write(&format!("{below}user/contents.d/web"), "");
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes a file, and the directories above it.
    pub(super) fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }

    pub(super) fn script(&self, relative: &str, text: &str) {
        self.write(relative, text);
        self.mode(relative, 0o755);
    }

    pub(super) fn mode(&self, relative: &str, mode: u32) {
        fs::set_permissions(self.path(relative), Permissions::from_mode(mode)).unwrap();
    }

    /// Replaces `old` in a file; it has to be there.
    pub(super) fn edit(&self, relative: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(relative)).unwrap();
        assert!(text.contains(old), "{old:?} is not in {relative}");
        fs::write(self.path(relative), text.replace(old, new)).unwrap();
    }

    pub(super) fn append(&self, relative: &str, text: &str) {
        let old = fs::read_to_string(self.path(relative)).unwrap();
        fs::write(self.path(relative), old + text).unwrap();
    }

    pub(super) fn remove(&self, relative: &str) {
        let path = self.path(relative);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    pub(super) fn link(&self, target: impl AsRef<Path>, relative: &str) {
        symlink(target, self.path(relative)).unwrap();
    }

    pub(super) fn fifo(&self, relative: &str) {
        mkfifoat(CWD, self.path(relative), Mode::from_raw_mode(0o600)).unwrap();
    }

    pub(super) fn rename(&self, old: &str, new: &str) {
        fs::rename(self.path(old), self.path(new)).unwrap();
    }

    pub(super) fn lint(&self) -> Vec<Finding> {
        lint(Utf8Path::from_path(&self.root).unwrap()).unwrap()
    }
}
