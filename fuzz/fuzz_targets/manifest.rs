//! Manifests: what is read is written and read the same.

#![no_main]

use hermes_s6gen::manifest::Manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    for entry in manifest.entries() {
        let _ = (entry.mode(), entry.is_file(), entry.is_of(bytes));
    }
    let written = serde_json::to_vec(&manifest).unwrap();
    let again = Manifest::parse(&written).unwrap();
    assert_eq!(serde_json::to_vec(&again).unwrap(), written);
});
