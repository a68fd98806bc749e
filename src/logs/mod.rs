//! What gateways wrote: s6-log's directories, read while s6-log goes on with them.

mod directory;
mod position;
mod since;
mod sink;

pub use directory::LogDirectory;
pub use position::{Position, last_lines, since};
pub use since::parse_since;
pub use sink::Sink;
