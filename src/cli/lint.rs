//! `lint`

use camino::Utf8PathBuf;
use clap::Args;

use super::format::LintFormat;
use crate::lint::Severity;

/// `lint`
#[derive(Args, Debug)]
pub struct Lint {
    /// What to lint; the built-in templates, rendered with hostile values, when nothing is named
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
    /// The least severity that counts
    #[arg(long, value_enum, default_value_t = Severity::Info)]
    pub severity: Severity,
    /// Tell what a rule means instead, or `all` of them
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    pub explain: Option<String>,
}
