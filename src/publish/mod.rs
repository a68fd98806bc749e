//! From tree to live slot: everything that changes the scan directory.

mod back_room;
mod create;
mod lock;
mod remove;
mod rendering;
mod replace;
mod scandir;
mod skeleton;
mod space;
mod stage;
mod survey;
mod update;
mod writer;

pub use back_room::sweep;
pub use create::{create, create_all};
pub use lock::{lock, lock_file};
pub use remove::{Removal, remove, retire};
pub use rendering::{accept, replace_rendering};
pub use replace::replace_file;
pub use scandir::ScanDir;
pub use survey::{Slots, is_live, survey};
pub use update::update;
pub use writer::Writer;
