//! A scratch tree, a private s6-svscan on it, and the program under test run by whom it has to work for.

mod answer;
mod broker;
mod container;
mod engine;
mod identity;
mod image_container;
mod processes;
mod scratch;
mod set_at_end;
mod svscan;
mod variables;
mod wait;

pub(crate) use answer::Answer;
pub(crate) use broker::{Broker, await_silence};
pub(crate) use container::Container;
pub(crate) use engine::Engine;
pub(crate) use identity::Identity;
pub(crate) use image_container::ImageContainer;
pub(crate) use processes::processes_in;
pub(crate) use scratch::{Scratch, write_script};
pub(crate) use set_at_end::SetAtEnd;
pub(crate) use svscan::Svscan;
pub(crate) use variables::variables;
pub(crate) use wait::{wait_until, wait_within, what_stays};
