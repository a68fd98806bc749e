//! Results on standard output.

mod diff;
mod examination;
mod findings;
mod listing;
mod plan;
mod progress;
mod sarif;
mod span;
mod status;

pub use diff::{differences, drifts, readable};
pub use examination::Examination;
pub use findings::{Findings, finding_lines, gcc_lines};
pub use listing::listing;
pub use plan::{PlanReport, PlanRow};
pub use progress::Progress;
pub use sarif::Sarif;
pub use span::span;
pub use status::{Report, Row, table};

use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

/// Prints `text` as it is.
///
/// # Errors
/// When standard output takes no more; a closed pipe is not a failure of the program's.
pub fn print(text: &str) -> Result<()> {
    anstream::stdout().lock().write_all(text.as_bytes()).context("write standard output")
}

/// Prints `value` as indented JSON.
///
/// # Errors
/// As [`print`].
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).context("write JSON")?;
    text.push('\n');
    print(&text)
}
