//! Requests to the broker: what is accepted reads as it was written.

#![no_main]

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use hermes_s6gen::broker::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let words: Vec<_> = bytes.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec())).collect();
    if let Ok(request) = Request::parse(&words) {
        let written = words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>().join(&b' ');
        assert_eq!(request.to_string().as_bytes(), written);
    }
});
