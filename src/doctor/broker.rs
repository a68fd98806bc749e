//! The socket by which the run user registers gateways.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::error::At;

pub(super) const BROKER: Check = Check { code: "HD019", name: "broker", look };

fn look(scene: &Scene) -> Result<Verdict> {
    let socket = &scene.settings.broker;
    // To connect is all that tells a socket that is served from one that was left.
    match UnixStream::connect(socket) {
        Ok(_) => Ok(Verdict::Fine(socket.to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(Verdict::Unknown(format!("no {socket}: whoever may not register cannot ask for it")))
        }
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            Ok(Verdict::trouble(format!("nobody serves {socket}"), "see why the service hermes-registrar is not up"))
        }
        Err(error) => Err(error).at("connect to", socket),
    }
}
