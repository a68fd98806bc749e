//! Asking the broker.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::{Reply, Request, Verb};
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::profile::ProfileName;
use crate::s6::S6;

/// The broker of this container, as one who may not do it himself sees it.
#[derive(Clone, Debug)]
pub struct Broker {
    socket: Utf8PathBuf,
    s6: S6,
}

impl Broker {
    /// The broker at `socket`, if `scandir` is not this user's to write.
    #[must_use]
    pub fn needed(socket: &Utf8Path, scandir: &Utf8Path, s6: S6) -> Option<Self> {
        let forbidden = access(scandir.as_str(), Access::WRITE_OK) == Err(Errno::ACCESS);
        (forbidden && !geteuid().is_root()).then(|| Self { socket: socket.to_owned(), s6 })
    }

    /// Asks for `verb` on the gateway of `profile`, and waits for the answer until `deadline`.
    ///
    /// # Errors
    /// When nobody listens, this user is not let in, no answer comes in time, or the answer is an error.
    pub fn ask(&self, verb: Verb, profile: &ProfileName, deadline: Deadline) -> Result<Reply> {
        let request = Request { verb, profile: profile.clone() };
        self.reach()?;
        let millis = deadline.left().as_millis().max(1).to_string();
        let args = ["-t", &millis, "-T", &millis, self.socket.as_str(), verb.as_str(), profile.as_str()];
        // s6-sudo keeps the time itself.
        let reply = self.s6.run("s6-sudo", &args, deadline.later())?;
        if let Ok(reply) = serde_json::from_str::<Reply>(&reply.stdout) {
            return reply.into_result().at("ask root to", request);
        }
        if deadline.passed() {
            let cause = format!("ask root to {request}: the registrar at {} did not answer in time", self.socket);
            return Err(Fault::no(cause).advise("give it longer with --timeout").into());
        }
        let cause =
            format!("ask root to {request}: {} does not serve this user, or too many: {}", self.socket, reply.stderr);
        Err(Fault::failed(cause).advise("do it as the gateways' own user or as root, and fewer at a time").into())
    }

    /// Fails where there is no broker at all. s6-sudo would say the same of a socket that nobody serves.
    ///
    /// # Errors
    /// Then.
    pub fn reach(&self) -> Result<()> {
        if self.socket.exists() {
            return Ok(());
        }
        let cause = format!("ask root: there is no registrar at {}", self.socket);
        Err(Fault::failed(cause).advise("do it as root, or see why the service hermes-registrar is not up").into())
    }
}
