//! Hermes gateways as s6 services.
//!
//! ```text
//! profile on disk -> spec -> tree -> plan -> staged -> published -> supervised -> status
//!    profile/      spec.rs  render/  plan.rs      publish/            s6/       status.rs
//! ```
//!
//! The middle is values in, values out; only [`lint`], [`profile`], [`publish`], [`broker`], [`s6`], [`manager`] and
//! [`commands`] touch the world, and every root they touch is one of the [`settings`].

pub mod cli;
pub mod examples;
pub mod settings;

pub mod environment;
pub mod profile;
pub mod user;

pub mod pacing;
pub mod policy;
pub mod spec;

pub mod assets;
pub mod layout;
pub mod manifest;
pub mod plan;
pub mod render;
pub mod tree;

pub mod lint;

pub mod broker;
pub mod publish;
pub mod s6;

pub mod boot;
pub mod doctor;
pub mod lifecycle;
pub mod logs;
pub mod status;

pub mod prepare;

pub mod manager;

pub mod commands;
pub mod output;

pub mod deadline;
pub mod error;
pub mod exit;
pub mod parallel;
pub mod program;
