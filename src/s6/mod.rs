//! The shim over s6: the only place that starts s6 programs or knows what their files mean.

mod arrival;
mod limits;
mod listener;
mod lock;
mod program;
mod scanner;
mod service;
mod supervisor;
mod svstat;
mod tai;
mod tally;
mod watch;

pub use arrival::{RESPAWN, arrive};
pub use limits::{Capacity, Load};
pub use listener::listens;
pub use lock::lock_holder;
pub use program::S6;
pub use scanner::{Scanner, modern};
pub use service::{Down, await_finish, down, hang_up, stays_up, tell_down, up};
pub use supervisor::{Supervisor, supervised};
pub use svstat::SvStat;
pub use tally::{deaths, forget_deaths, parse_death};
pub use watch::{LogChange, TallyChange};
