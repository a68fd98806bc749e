//! A tree for reading.

use std::fmt::Write;

use camino::Utf8Path;

use super::diff::readable;
use crate::tree::Node;

/// One node as people read it: a heading with path and mode, then the content, every line behind a bar.
#[must_use]
pub fn listing(path: &Utf8Path, node: &Node) -> String {
    let slash = if node.content.is_none() { "/" } else { "" };
    let mut text = format!("{path}{slash} {:04o}\n", node.mode);
    for line in readable(node.content.as_deref().unwrap_or_default()).lines() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "| {line}");
    }
    text
}
