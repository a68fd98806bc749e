//! The program against real s6, as root and as an ordinary user.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod boot;
mod broker;
mod container;
mod control;
mod docs;
mod doctor;
mod engine;
mod environment;
mod examples;
mod front;
mod help;
mod hermes;
mod image;
mod lifecycle;
mod lint;
mod logs;
mod managers;
mod mutations;
mod names;
mod prepare;
mod reconcile;
mod register;
mod render;
mod review;
mod schemas;
mod services;
mod status;
mod trouble;
mod unregister;
