//! Service managers: which one runs this machine, and what Hermes asks of any of them.

mod detect;
mod host;
mod launchd;
mod s6;
mod service_manager;
mod systemd;
mod windows;

pub use detect::{Kind, detect, under_s6};
pub use host::HostTool;
pub use launchd::Launchd;
pub use s6::S6Manager;
pub use service_manager::{NotSupported, ServiceManager};
pub use systemd::{Scope, Systemd};
pub use windows::{Install, Windows};
