//! The program against real s6, as root and as an ordinary user.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod boot;
mod control;
mod doctor;
mod environment;
mod examples;
mod help;
mod hermes;
mod lifecycle;
mod logs;
mod managers;
mod names;
mod reconcile;
mod register;
mod render;
mod schemas;
mod status;
mod trouble;
mod unregister;
