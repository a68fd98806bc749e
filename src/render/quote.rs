//! The one quoter: every value in a script template passes through it.

use std::fmt::{self, Write};

/// Writes a value as one word of sh. Templates must not put it inside quotes of their own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shell;

impl askama::filters::Escaper for Shell {
    fn write_escaped_str<W: Write>(&self, mut dest: W, value: &str) -> fmt::Result {
        if value.contains('\0') {
            return Err(fmt::Error);
        }
        dest.write_str(&shell_escape::unix::escape(value.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use askama::filters::Escaper;
    use proptest::prelude::*;

    use super::*;

    fn quoted(value: &str) -> Result<String, fmt::Error> {
        let mut text = String::new();
        Shell.write_escaped_str(&mut text, value).map(|()| text)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_comes_through_sh_as_one_word(value in "[^\0]*") {
            let script = format!("printf '%s.' {}", quoted(&value).unwrap());
            let output = Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            prop_assert_eq!(output.stdout, format!("{value}.").into_bytes());
        }
    }

    #[test]
    fn nul_is_refused() {
        assert!(quoted("a\0b").is_err());
    }

    #[test]
    fn no_template_quotes_a_value_itself() {
        let entries = walkdir::WalkDir::new("templates").into_iter().map(Result::unwrap);
        for template in entries.filter(|entry| entry.file_type().is_file()) {
            let path = template.path();
            for line in std::fs::read_to_string(path).unwrap().lines() {
                let outside: String = line.split('"').step_by(2).collect();
                let count = |text: &str| text.matches("{{").count();
                assert_eq!(count(&outside), count(line), "{}: {line}", path.display());
            }
        }
    }
}
