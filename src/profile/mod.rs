//! What lies on the volume: profile names, the home that holds them, their ports.

mod directory;
mod home;
mod intent;
mod marker;
mod name;
mod port;

pub use directory::Directory;
pub use home::{Home, Survey};
pub use intent::{Intent, record, recorded};
pub use marker::{announce_stop, forget_stop};
pub use name::ProfileName;
pub use port::port;
