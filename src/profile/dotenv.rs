//! A profile's `.env`, which Hermes puts over its environment when it starts.

use anyhow::Result;

use super::directory::Directory;

const FILE: &str = ".env";

/// What `.env` sets `name` to; the last line wins. A line that cannot be read counts as none, as it does for Hermes.
///
/// # Errors
/// When there is a file that cannot be read.
pub fn dotenv(directory: &Directory, name: &str) -> Result<Option<String>> {
    let Some(found) = directory.read(FILE)? else { return Ok(None) };
    let lines = dotenvy::from_read_iter(&*found.bytes).filter_map(Result::ok);
    Ok(lines.filter(|(key, _)| key == name).last().map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;
    use rustix::fs::{CWD, Mode, OFlags, openat};

    use super::*;

    fn value_in(text: &[u8]) -> Option<String> {
        let scratch = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(scratch.path()).unwrap();
        std::fs::write(path.join(FILE), text).unwrap();
        let fd = openat(CWD, path.as_str(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        dotenv(&Directory::new(fd, path.to_owned()), "PORT").unwrap()
    }

    proptest! {
        #[test]
        fn the_last_line_wins(values in prop::collection::vec("[a-z0-9]{1,8}", 0..5)) {
            let text = values.iter().map(|value| format!("OTHER=x\nPORT={value}\n")).collect::<Vec<_>>().concat();
            prop_assert_eq!(value_in(text.as_bytes()), values.last().cloned());
        }

        #[test]
        fn any_file_has_a_value_or_none(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = value_in(&text);
        }
    }
}
