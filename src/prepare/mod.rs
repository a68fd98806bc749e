//! What a boot does to the volume as root, before anything of Hermes runs.
//!
//! The run user writes the volume, so whatever lies there may be a trap, and may become one while this works. Root
//! opens each name once, below a directory that is already open, without following links, and from then on knows what
//! it opened by its descriptor alone.

mod home;
mod ids;
mod keeper;
mod place;

pub use home::{Prepared, prepare};
pub use ids::{Ids, change_ids};
pub use keeper::{Keeper, Kept};
pub use place::{Kind, Place};
