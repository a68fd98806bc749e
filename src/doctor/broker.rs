//! The socket by which the run user registers gateways.

use std::os::unix::fs::FileTypeExt;

use anyhow::Result;
use camino::Utf8DirEntry;

use super::{Check, Scene, Verdict};
use crate::error::At;

pub(super) const BROKER: Check = Check { code: "HD019", name: "broker", look };

fn look(scene: &Scene) -> Result<Verdict> {
    let entries = match scene.run.read_dir_utf8() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.at("read", &scene.run)?),
    };
    let is_socket = |entry: &Utf8DirEntry| entry.file_type().is_ok_and(|kind| kind.is_socket());
    let socket = entries.and_then(|entries| entries.flatten().find(is_socket));
    let none = || Verdict::Unknown(format!("no socket in {}: whoever may not register cannot ask for it", scene.run));
    Ok(socket.map_or_else(none, |socket| Verdict::Fine(socket.path().to_string())))
}
