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

pub(crate) use answer::Answer;
pub(crate) use broker::Broker;
pub(crate) use container::Container;
pub(crate) use engine::Engine;
pub(crate) use identity::Identity;
pub(crate) use image_container::ImageContainer;
pub(crate) use processes::processes_in;
pub(crate) use scratch::Scratch;
pub(crate) use svscan::Svscan;
pub(crate) use wait::wait_until;
