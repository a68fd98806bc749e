//! A scratch tree, a private s6-svscan on it, and the program under test run by whom it has to work for.

mod answer;
mod broker;
mod container;
mod engine;
mod identity;
mod image_container;
mod processes;
mod scratch;
mod svscan;
mod wait;

use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use answer::Answer;
pub(crate) use broker::Broker;
pub(crate) use container::Container;
pub(crate) use engine::Engine;
pub(crate) use identity::Identity;
pub(crate) use image_container::ImageContainer;
pub(crate) use processes::processes_in;
pub(crate) use scratch::{Scratch, write_script};
pub(crate) use svscan::Svscan;
pub(crate) use wait::wait_until;

/// Sets what it has when it goes, so that a thread that goes on until then ends even where an assertion fails.
#[derive(Debug)]
pub(crate) struct SetAtEnd<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
