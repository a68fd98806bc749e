//! Files of extra environment: every variable has a name that sh takes and a value that execve takes.

#![no_main]

use std::cell::OnceCell;

use camino::Utf8PathBuf;
use hermes_s6gen::environment::Environment;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

thread_local! {
    static SCRATCH: OnceCell<TempDir> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with(|scratch| {
        let directory = scratch.get_or_init(|| tempfile::tempdir().unwrap()).path();
        let path = Utf8PathBuf::try_from(directory.join("file")).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let Ok(environment) = Environment::collect::<&str>(Some(&path), &[]) else { return };
        for (name, value) in environment.iter() {
            assert!(name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
            assert!(!value.contains(&0) && !value.contains(&b'\n'));
        }
    });
});
