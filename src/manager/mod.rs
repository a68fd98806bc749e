//! Service managers: which one runs this machine.

mod detect;

pub use detect::{Kind, detect};
