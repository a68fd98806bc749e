//! What the run user may ask of root: one verb, one profile name, and nothing else.
//!
//! Root's scan directory is not the run user's to write. s6-ipcserver and s6-ipcserver-access let the run user in,
//! s6-sudod runs `hermes-s6gen registrar` as root with what was asked, and s6-sudo is how it is asked.

mod client;
mod reply;
mod request;

pub use client::Broker;
pub use reply::Reply;
pub use request::{Request, Verb};
