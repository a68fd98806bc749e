//! The environment of a program that another one is to start.

use std::ffi::OsStr;
use std::process::Command;

/// The variables that are set for `command` itself.
pub(crate) fn variables(command: &Command) -> impl Iterator<Item = (&OsStr, &OsStr)> {
    command.get_envs().filter_map(|(name, value)| Some((name, value?)))
}
