//! Command lines in /proc: the container's command, and what it is for.

#![no_main]

use std::cell::OnceCell;

use camino::Utf8Path;
use hermes_s6gen::boot::{Autostart, Role, Selection, container_command};
use hermes_s6gen::profile::ProfileName;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

thread_local! {
    static PROC: OnceCell<TempDir> = const { OnceCell::new() };
}

fn proc() -> TempDir {
    let proc = tempfile::tempdir().unwrap();
    for pid in ["1", "17"] {
        std::fs::create_dir(proc.path().join(pid)).unwrap();
    }
    proc
}

fuzz_target!(|bytes: &[u8]| {
    PROC.with(|scratch| {
        let proc = scratch.get_or_init(proc).path();
        let (first, second) = bytes.split_at(bytes.len() / 2);
        std::fs::write(proc.join("1/cmdline"), first).unwrap();
        std::fs::write(proc.join("17/cmdline"), second).unwrap();
        let command = container_command(Utf8Path::from_path(proc).unwrap());
        let (autostart, _) = Autostart::parse(&String::from_utf8_lossy(second));
        let selection = Selection::new(autostart, Role::of(command.as_deref()), false);
        // What the command itself is, s6 does not start as well.
        let default = ProfileName::default_profile();
        assert!(!(selection.skips_everything() && selection.takes(&default)));
    });
});
