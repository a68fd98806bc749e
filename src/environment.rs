//! Extra environment for a gateway.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use anyhow::Result;
use camino::Utf8Path;

use crate::error::{At, Fault};
use crate::tree::Tree;

/// The most that execve(2) takes for one `NAME=value`, its final NUL included (`MAX_ARG_STRLEN`).
const ASSIGNMENT_MAX: usize = 128 * 1024 - 1;

/// Variables by name. Names are `[A-Za-z_][A-Za-z0-9_]*`; values are any bytes but NUL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, Vec<u8>>);

impl Environment {
    /// Reads `file` (lines of `NAME=value`, taken as they are; blank lines and those that begin with `#` do not
    /// count) if there is one, then applies `assignments` over it; the last one of a name wins.
    ///
    /// # Errors
    /// When the file cannot be read, and when an assignment breaks the rules.
    pub fn collect<S: AsRef<OsStr>>(file: Option<&Utf8Path>, assignments: &[S]) -> Result<Self> {
        let mut environment = Self::default();
        if let Some(path) = file {
            let text = std::fs::read(path).at("read", path)?;
            for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
                if line.is_empty() || line.starts_with(b"#") {
                    continue;
                }
                if line.ends_with(b"\r") {
                    let cause = format!("read {path}: line {} ends in a carriage return", index + 1);
                    return Err(Fault::failed(cause).advise("save the file with Unix line ends").into());
                }
                environment.assign(line).at("read", format!("{path}: line {}", index + 1))?;
            }
        }
        for assignment in assignments {
            environment.assign(assignment.as_ref().as_bytes())?;
        }
        Ok(environment)
    }

    /// The variables that `tree` holds as the files of `directory`, each value with one final newline.
    #[must_use]
    pub fn in_tree(tree: &Tree, directory: &str) -> Self {
        let variable = |(path, _, bytes): (&Utf8Path, u32, &[u8])| {
            let name = path.strip_prefix(directory).ok()?.as_str();
            Some((name.to_owned(), bytes.strip_suffix(b"\n").unwrap_or(bytes).to_owned()))
        };
        Self(tree.files().filter_map(variable).collect())
    }

    fn assign(&mut self, assignment: &[u8]) -> Result<(), Fault> {
        let shown = || assignment.split(|b| *b == b'=').next().unwrap_or_default().escape_ascii();
        let Some(split) = assignment.iter().position(|byte| *byte == b'=') else {
            return Err(Fault::failed(format!("environment {}: has no =", shown())).advise("NAME=value"));
        };
        let (name, value) = (&assignment[..split], &assignment[split + 1..]);
        let starts = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        let valid = match name {
            [first, rest @ ..] => starts(first) && rest.iter().all(|byte| starts(byte) || byte.is_ascii_digit()),
            [] => false,
        };
        let Some(name) = std::str::from_utf8(name).ok().filter(|_| valid) else {
            let cause = format!("environment name {:?}: must match [A-Za-z_][A-Za-z0-9_]*", shown().to_string());
            return Err(Fault::failed(cause));
        };
        // A value may be a secret: messages name the variable and never show what it holds.
        if value.contains(&0) {
            return Err(Fault::failed(format!("environment {name}: its value has a NUL byte")));
        }
        if assignment.len() > ASSIGNMENT_MAX {
            let cause = format!("environment {name}: is longer than the {ASSIGNMENT_MAX} bytes that execve takes");
            return Err(Fault::failed(cause));
        }
        self.0.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// The variables in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assign(assignment: &[u8]) -> Result<Environment, String> {
        let mut environment = Environment::default();
        environment.assign(assignment).map(|()| environment).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_value_is_everything_after_the_first_equals_sign() {
        let environment = assign(b"_A1=x=y \xff\n").unwrap();
        assert_eq!(environment.iter().collect::<Vec<_>>(), [("_A1", b"x=y \xff\n".as_slice())]);
    }

    #[test]
    fn bad_names_and_values_are_refused() {
        for bad in
            [b"A".as_slice(), b"=x", b"", b"A=1; id #"[..2].split_at(1).0, b"1A=x", b"A B=x", b"A\xff=x", b"A;=x"]
        {
            assert!(assign(bad).is_err(), "{:?}", bad.escape_ascii().to_string());
        }
        assert!(assign(b"A=secret\0x").unwrap_err().contains("NUL"));
        assert!(!assign(b"A=secret\0x").unwrap_err().contains("secret"));
    }

    proptest! {
        #[test]
        fn any_file_is_read_as_it_is_or_refused(
            lines in prop::collection::vec(("[A-Za-z_][A-Za-z0-9_]{0,9}", "[^\n\r\0]{0,40}"), 0..9),
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let directory = tempfile::tempdir().unwrap();
            let path = Utf8Path::from_path(directory.path()).unwrap().join("file");
            let text = lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<Vec<_>>().concat();
            std::fs::write(&path, &text).unwrap();
            let environment = Environment::collect::<&str>(Some(&path), &[]).unwrap();
            let last: BTreeMap<_, _> = lines.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
            prop_assert_eq!(environment.iter().collect::<BTreeMap<_, _>>(), last);
            std::fs::write(&path, [text.into_bytes(), rest].concat()).unwrap();
            let _ = Environment::collect::<&str>(Some(&path), &[]).map_err(|error| format!("{error:#}"));
        }
    }
}
