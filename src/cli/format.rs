//! How to print it.

use clap::ValueEnum;

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; the schema has a version
    Json,
}

/// Output formats of `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people
    Text,
    /// For programs; the schema has a version
    Json,
    /// For editors, as GCC's messages
    Gcc,
    /// For code scanning, SARIF 2.1.0
    Sarif,
}
