//! The container's start: what this container is for, what was wanted before it, and a record of what came of it.

mod autostart;
mod command;
mod decision;
mod journal;
mod migration;
mod ports;
mod reconciler;
mod role;

pub use autostart::{Autostart, Selection};
pub use command::container_command;
pub use decision::{Decision, Reason};
pub use journal::{Entry, append};
pub use ports::clashes;
pub use reconciler::{Done, Fate, Plan, Reconciler};
pub use role::Role;
