//! Profile names: what is accepted keeps the rule, and its slot gives it back.

#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use hermes_s6gen::profile::ProfileName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let name = OsStr::from_bytes(bytes);
    if let Ok(parsed) = ProfileName::parse(name) {
        assert!(!bytes.is_empty() && bytes.len() <= ProfileName::MAX);
        assert!(bytes[0].is_ascii_lowercase() || bytes[0].is_ascii_digit());
        assert!(bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(byte)));
        assert_eq!(ProfileName::of_slot(OsStr::new(&parsed.slot())), Some(parsed));
    }
    let _ = ProfileName::of_slot(name);
});
