//! The record of what was rendered: path, mode and sha256, byte for byte the same for the same tree.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::tree::Tree;

/// The manifest of one tree. It has no time and no host, so that equal trees have equal manifests.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    entries: Vec<Entry>,
}

/// What the manifest says of one file or directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it lies, below the tree's root.
    pub path: String,
    /// Its permission bits, four octal digits.
    pub mode: String,
    /// The sha256 of a file's bytes; none for a directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl Manifest {
    /// Where it lies in a slot.
    pub const FILE: &str = "data/manifest.json";

    /// The manifest of `tree`.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let entry = |(path, node): (&Utf8Path, &crate::tree::Node)| Entry {
            path: path.to_string(),
            mode: format!("{:04o}", node.mode),
            sha256: node.content.as_deref().map(hex_digest),
        };
        Self { version: 1, entries: tree.iter().map(entry).collect() }
    }

    /// What it says, in path order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Reads a manifest; none when it is not one that this program writes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(|manifest: &Self| manifest.version == 1)
    }

    /// What it records.
    pub fn paths(&self) -> impl Iterator<Item = &Utf8Path> {
        self.entries.iter().map(|entry| Utf8Path::new(&entry.path))
    }
}

/// The sha256 of `bytes`, in hexadecimal digits.
#[must_use]
pub fn hex_digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
