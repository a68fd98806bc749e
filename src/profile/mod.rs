//! What lies on the volume: profile names, the home that holds them, their ports.

mod directory;
mod dotenv;
mod home;
mod intent;
mod leftovers;
mod marker;
mod multiplex;
mod name;
mod port;
mod prior;
mod renaming;

pub use directory::Directory;
pub use dotenv::dotenv;
pub use home::{Home, Survey};
pub use intent::{FILE as STATE_FILE, Intent, is_running, record, record_end, recorded};
pub use leftovers::remove_leftovers;
pub use marker::{announce_stop, forget_stop};
pub use multiplex::multiplexes;
pub use name::ProfileName;
pub use port::{port, port_of};
pub use prior::{Prior, PriorExit};
pub use renaming::{forget_renaming, has_renaming, note_renaming};
