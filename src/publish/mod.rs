//! From tree to live slot: everything that changes the scan directory.

mod create;
mod lock;
mod remove;
mod rendering;
mod scandir;
mod skeleton;
mod stage;
mod writer;

pub use create::{create, create_all};
pub use lock::lock;
pub use remove::{Removal, remove};
pub use rendering::replace_rendering;
pub use scandir::ScanDir;
pub use writer::Writer;
