//! What differs between two trees.

use std::fmt::Write;

use camino::{Utf8Path, Utf8PathBuf};
use similar::TextDiff;

use crate::tree::{Node, Tree};

/// A unified diff from `old` to `new`, empty when they are the same.
///
/// Compared is what git keeps: the files, their bytes and whether they may be executed. The other bits are in the
/// manifest, which is one of the files.
#[must_use]
pub fn differences(old: &Tree, new: &Tree) -> String {
    drifts(old, new).into_iter().map(|(_, text)| text).collect()
}

/// The same, cut at the files that differ, in path order.
#[must_use]
pub fn drifts(old: &Tree, new: &Tree) -> Vec<(Utf8PathBuf, String)> {
    let mut paths: Vec<&Utf8Path> = old.files().chain(new.files()).map(|(path, ..)| path).collect();
    paths.sort();
    paths.dedup();
    let drift = |path: &Utf8Path| (path.to_owned(), difference(path, old.get(path), new.get(path)));
    paths.into_iter().map(drift).filter(|(_, text)| !text.is_empty()).collect()
}

fn difference(path: &Utf8Path, old: Option<&Node>, new: Option<&Node>) -> String {
    let mut text = String::new();
    let bytes = |node: Option<&Node>| node.and_then(|node| node.content.clone()).unwrap_or_default();
    let executable = |node: &Node| node.mode & 0o111 != 0;
    let mode = |node: &Node| if executable(node) { "100755" } else { "100644" };
    let (old_bytes, new_bytes) = (bytes(old), bytes(new));
    // Writing to a String does not fail.
    let _ = match (old, new) {
        (None, Some(new)) => writeln!(text, "new file mode {}", mode(new)),
        (Some(old), None) => writeln!(text, "deleted file mode {}", mode(old)),
        (Some(old), Some(new)) if executable(old) != executable(new) => {
            writeln!(text, "old mode {}\nnew mode {}", mode(old), mode(new))
        }
        _ => Ok(()),
    };
    if old_bytes != new_bytes {
        let name = |side: &str, node: Option<&Node>| node.map_or("/dev/null".to_owned(), |_| format!("{side}/{path}"));
        let (old_text, new_text) = (readable(&old_bytes), readable(&new_bytes));
        let diff = TextDiff::from_lines(&old_text, &new_text);
        let _ = write!(text, "{}", diff.unified_diff().header(&name("a", old), &name("b", new)));
    }
    if text.is_empty() { text } else { format!("diff a/{path} b/{path}\n{text}") }
}

/// Bytes as text that is safe on a terminal: whatever is neither printable nor a newline is escaped.
#[must_use]
pub fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            if char.is_control() && char != '\n' && char != '\t' {
                text.extend(char.escape_default());
            } else {
                text.push(char);
            }
        }
        // Writing to a String does not fail.
        let _ = write!(text, "{}", chunk.invalid().escape_ascii());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Group;

    fn tree(files: &[(&str, u32, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, mode, text) in files {
            tree.file(*path, *mode, Group::Owner, *text);
        }
        tree
    }

    #[test]
    fn equal_trees_have_no_differences() {
        let mut old = tree(&[("run", 0o700, "x\n")]);
        old.directory("env", 0o755, Group::Owner);
        assert_eq!(differences(&old, &tree(&[("run", 0o755, "x\n")])), "");
    }

    #[test]
    fn content_mode_and_presence_are_told() {
        let old = tree(&[("gone", 0o644, "g\n"), ("run", 0o644, "a\nb\n")]);
        let new = tree(&[("down", 0o644, ""), ("run", 0o755, "a\nc\n")]);
        let expected = "diff a/down b/down\nnew file mode 100644\n\
            diff a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n\
            diff a/run b/run\nold mode 100644\nnew mode 100755\n--- a/run\n+++ b/run\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
        assert_eq!(differences(&old, &new), expected);
    }

    #[test]
    fn a_terminal_sees_no_control_characters() {
        assert_eq!(readable(b"a\x1b[2J\xff\ttext\n"), "a\\u{1b}[2J\\xff\ttext\n");
    }
}
