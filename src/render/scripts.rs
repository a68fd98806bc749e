//! The script templates and the fields they are filled with.

use askama::Template;
use camino::Utf8Path;

use crate::profile::port;
use crate::spec::{Host, Spec};

/// `run`: the gateway itself.
#[derive(Template)]
#[template(path = "run.sh", config = "templates/askama.toml")]
pub(super) struct Run<'a> {
    profile: &'a str,
    s6_bin: &'a Utf8Path,
    program: &'a Utf8Path,
    user: &'a str,
    /// The port of a named profile; the default gateway keeps the container's own setting.
    port: Option<u16>,
}

impl<'a> Run<'a> {
    pub(super) fn new(spec: &'a Spec, host: &'a Host) -> Self {
        Self {
            profile: spec.profile.as_str(),
            s6_bin: &host.s6_bin,
            program: &host.program,
            user: &host.user,
            port: (!spec.profile.is_default()).then(|| port(&spec.profile)),
        }
    }
}

/// `log/run`: its logger.
#[derive(Template)]
#[template(path = "log-run.sh", config = "templates/askama.toml")]
pub(super) struct LogRun<'a> {
    profile: &'a str,
    s6_bin: &'a Utf8Path,
    user: &'a str,
    files: u32,
    bytes: u32,
}

impl<'a> LogRun<'a> {
    pub(super) fn new(spec: &'a Spec, host: &'a Host) -> Self {
        Self {
            profile: spec.profile.as_str(),
            s6_bin: &host.s6_bin,
            user: &host.user,
            files: host.log.files,
            bytes: host.log.bytes,
        }
    }
}

/// `finish`: what a death means.
#[derive(Template)]
#[template(path = "finish.sh", config = "templates/askama.toml")]
pub(super) struct Finish<'a> {
    profile: &'a str,
    s6_bin: &'a Utf8Path,
    program: &'a Utf8Path,
    user: &'a str,
    cap_deaths: u32,
    cap_seconds: u32,
}

impl<'a> Finish<'a> {
    pub(super) fn new(spec: &'a Spec, host: &'a Host) -> Self {
        Self {
            profile: spec.profile.as_str(),
            s6_bin: &host.s6_bin,
            program: &host.program,
            user: &host.user,
            cap_deaths: host.policy.cap_deaths,
            cap_seconds: host.policy.cap_seconds,
        }
    }
}
