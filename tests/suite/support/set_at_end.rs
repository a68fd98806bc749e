//! A flag that is set however a test ends.

use std::sync::atomic::{AtomicBool, Ordering};

/// Sets what it has when it goes, so that a thread that goes on until then ends even where an assertion fails.
#[derive(Debug)]
pub(crate) struct SetAtEnd<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
