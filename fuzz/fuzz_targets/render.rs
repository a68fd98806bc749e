//! Rendering: whatever is accepted gives scripts that sh takes, and the same once more.

#![no_main]

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use camino::Utf8PathBuf;
use hermes_s6gen::environment::Environment;
use hermes_s6gen::policy::Policy;
use hermes_s6gen::profile::ProfileName;
use hermes_s6gen::render::render;
use hermes_s6gen::spec::{Host, LogLimits, Spec};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(5, |byte| *byte == 0xff);
    let mut part = || parts.next().unwrap_or_default();
    let mut text = || String::from_utf8_lossy(part()).into_owned();
    let (s6_bin, program, user, assignment) = (text(), text(), text(), part());
    let Ok(profile) = ProfileName::parse(OsStr::from_bytes(part())) else { return };
    let Ok(environment) = Environment::collect(None, &[OsStr::from_bytes(assignment)]) else { return };
    let policy = Policy { cap_deaths: u32::try_from(bytes.len() % 3).unwrap(), ..Policy::default() };
    let host = Host {
        s6_bin: Utf8PathBuf::from(s6_bin),
        program: Utf8PathBuf::from(program),
        user,
        policy,
        log: LogLimits { files: 10, bytes: 1_000_000 },
    };
    let up = bytes.len().is_multiple_of(2);
    let spec = Spec { profile, up, environment, served_by_default: !up, not_before: None };
    let Ok(tree) = render(&spec, &host) else { return };
    assert_eq!(render(&spec, &host).unwrap(), tree);
    for script in ["run", "finish", "log/run"] {
        let script = tree.get(script.into()).and_then(|node| node.content.as_deref()).unwrap();
        let mut sh = Command::new("/bin/sh").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
        sh.stdin.take().unwrap().write_all(script).unwrap();
        assert!(sh.wait().unwrap().success(), "{}", script.escape_ascii());
    }
});
