//! What lies on the volume: profile names, the home that holds them, their ports.

pub mod home;
mod name;
mod port;

pub use home::Home;
pub use name::ProfileName;
pub use port::port;
