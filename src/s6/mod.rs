//! The shim over s6: the only place that starts s6 programs or knows what their files mean.

mod limits;
mod listener;
mod lock;
mod program;
mod scanner;
mod service;
mod supervisor;
mod watch;

pub use limits::{Capacity, Load};
pub use listener::listens;
pub use program::{Reply, S6};
pub use scanner::Scanner;
pub use service::down;
pub use supervisor::{Supervisor, supervised};
pub use watch::Arrival;
