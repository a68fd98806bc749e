//! Scripts of a service directory.

pub(super) mod chain;
pub(super) mod drop;
pub(super) mod ending;
pub(super) mod finish;
pub(super) mod home;
pub(super) mod interpreter;
pub(super) mod logger;
mod passes;
pub(super) mod quoting;
pub(super) mod variables;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::finding::Findings;
use super::service::Service;
use super::shell::{self, Command};
use super::tools;
use interpreter::Interpreter;
use passes::Passes;

/// One script that s6-supervise runs.
pub(super) struct Script<'a> {
    pub(super) service: &'a Service,
    pub(super) path: Utf8PathBuf,
    pub(super) text: String,
    /// What its first line names.
    pub(super) interpreter: Option<Interpreter>,
    /// Its commands, when it is one of sh.
    pub(super) commands: Vec<Command>,
}

impl<'a> Script<'a> {
    /// The script at `path`; none where there is none that can be read.
    pub(super) fn of(service: &'a Service, path: &str) -> Option<Self> {
        let file = service.tree.file(path).filter(|file| !file.is_program() && file.is_whole())?;
        Some(Self::new(service, path.into(), &file.bytes))
    }

    pub(super) fn new(service: &'a Service, path: Utf8PathBuf, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).replace("\r\n", "\n");
        let interpreter = Interpreter::of(&text);
        let is_sh = interpreter.as_ref().is_some_and(Interpreter::is_sh);
        let commands = if is_sh { shell::parse(&text, 1) } else { Vec::new() };
        Self { service, path, text, interpreter, commands }
    }

    /// Whether it is a longrun's `run`, the logger's included. Images keep scripts of oneshots under that name, too.
    pub(super) fn is_run(&self) -> bool {
        self.path.file_name() == Some("run") && self.service.is_longrun()
    }

    pub(super) fn is_finish(&self) -> bool {
        self.path.file_name() == Some("finish")
    }

    pub(super) fn is_of_logger(&self) -> bool {
        self.path.parent() == Some(Utf8Path::new("log"))
    }

    pub(super) fn is_gateways(&self) -> bool {
        self.service.is_gateway()
    }
}

/// Holds `script` to all the rules for scripts.
pub(super) fn check(script: &Script, findings: &mut Findings) -> Result<()> {
    interpreter::check(script, findings);
    if !script.interpreter.as_ref().is_some_and(Interpreter::is_sh) {
        return Ok(());
    }
    if tools::check_syntax(script, findings)? {
        return Ok(());
    }
    ending::check(script, findings);
    drop::check_path(script, findings);
    finish::check(script, findings);
    if script.is_gateways() {
        let passes = Passes::of(script);
        drop::check(script, &passes, findings);
        home::check(script, findings);
        variables::check(script, findings);
        chain::check(script, findings);
        logger::check(script, findings);
        quoting::check(script, findings);
        tools::check_shellcheck(script, findings)?;
    }
    Ok(())
}
