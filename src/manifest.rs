//! The record of what was rendered: path, mode and sha256, byte for byte the same for the same tree.

use anyhow::Result;
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Fault;
use crate::tree::Tree;

/// The manifest of one tree. It has no time and no host, so that equal trees have equal manifests.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    version: u32,
    entries: Vec<Entry>,
}

/// One rendered file or directory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    path: String,
    mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
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

    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is not one that this program writes.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let manifest: Self = serde_json::from_slice(bytes)?;
        if manifest.version == 1 { Ok(manifest) } else { Err(Fault::failed("has a version that is not known").into()) }
    }

    /// What was rendered.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Entry {
    /// Where it is, relative to the tree's root.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        Utf8Path::new(&self.path)
    }

    /// Its permission bits, where they can be read.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        u32::from_str_radix(&self.mode, 8).ok()
    }

    /// Whether it is a file and not a directory.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.sha256.is_some()
    }

    /// Whether `bytes` are what it had.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.sha256.as_deref() == Some(&hex_digest(bytes))
    }
}

fn hex_digest(bytes: &[u8]) -> String {
    // Not by a format for each byte: that takes about as long as the digest itself.
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::Group;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(paths in prop::collection::btree_set("[a-z\"\\\\é \n]{1,9}", 0..9)) {
            let mut tree = Tree::default();
            for path in &paths {
                tree.file(path.as_str(), 0o644, Group::Owner, path.as_bytes());
            }
            let bytes = serde_json::to_vec(&Manifest::of(&tree)).unwrap();
            let manifest = Manifest::parse(&bytes).unwrap();
            let read: Vec<_> = manifest.entries().iter().map(|entry| entry.path().as_str()).collect();
            prop_assert_eq!(read, paths.iter().map(String::as_str).collect::<Vec<_>>());
            // Whatever a crash left of it is none.
            prop_assert!(bytes.len() < 2 || Manifest::parse(&bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Manifest::parse(&bytes).is_err());
        }
    }
}
