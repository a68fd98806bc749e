//! Hermes gateways as s6 services.
//!
//! ```text
//! profile on disk -> spec -> tree -> plan -> staged -> published -> supervised -> status
//!    profile/      spec.rs  render/  plan.rs      publish/            s6/       status.rs
//! ```
//!
//! The middle is values in, values out. What touches the world: [`profile`] and [`prepare`] the home, [`publish`],
//! [`broker`] and [`s6`] the scan directory, [`assets`] an image, [`lint`] and [`doctor`] whatever they are shown,
//! [`manager`] the host, and [`commands`]. Every root is one of the [`settings`].

pub mod cli;
pub mod settings;

pub mod environment;
pub mod profile;
pub mod user;

pub mod pacing;
pub mod policy;
pub mod spec;

pub mod layout;
pub mod manifest;
pub mod render;
pub mod tree;

pub mod plan;

pub mod broker;
pub mod gateway;
pub mod publish;
pub mod s6;

pub mod boot;
pub mod lifecycle;
pub mod logs;
pub mod status;

pub mod assets;
pub mod prepare;

pub mod doctor;
pub mod lint;

pub mod manager;

pub mod commands;
pub mod output;

pub mod deadline;
pub mod error;
pub mod exit;
pub mod parallel;
pub mod program;
