//! Where in a log to begin, and how far it has been read.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;

use anyhow::Result;

use super::directory::LogFile;
use crate::error::At;

const CHUNK: u64 = 64 * 1024;
/// The bytes of s6-log's timestamp: `2026-11-23 08:16:24.743970145`.
pub(super) const STAMP: usize = 29;

/// A place in a log that survives rotations: a file, open, and an offset in it.
#[derive(Debug)]
pub struct Position {
    file: Option<LogFile>,
    offset: u64,
}

impl Position {
    /// `offset` in the file `index` of `files`, or their end where there is no such file.
    #[must_use]
    pub fn new(mut files: Vec<LogFile>, (index, offset): (usize, u64)) -> Self {
        if index < files.len() {
            return Self { file: Some(files.swap_remove(index)), offset };
        }
        let offset = files.last().and_then(|last| last.file.metadata().ok()).map_or(0, |found| found.len());
        Self { file: files.pop(), offset }
    }

    /// Writes everything from here to the end of `files`, and stands there then.
    ///
    /// # Errors
    /// When a file cannot be read or `out` takes no more.
    pub fn advance(&mut self, files: Vec<LogFile>, out: &mut impl Write) -> Result<()> {
        if let Some(file) = &self.file {
            self.offset += copy(file, self.offset, out)?;
        }
        let known = self.file.as_ref().and_then(|own| files.iter().position(|file| file.inode == own.inode));
        // Where ours is gone altogether, so are the ones before it, and all that is left is new.
        for file in files.into_iter().skip(known.map_or(0, |index| index + 1)) {
            if let Some(old) = &self.file {
                // Whatever was written between the last look and the rotation.
                copy(old, self.offset, out)?;
            }
            self.offset = copy(&file, 0, out)?;
            self.file = Some(file);
        }
        out.flush().at("write", "standard output")
    }
}

/// Writes what `file` has from `offset` on; gives the number of bytes.
fn copy(file: &LogFile, offset: u64, out: &mut impl Write) -> Result<u64> {
    let mut buffer = vec![0; 64 * 1024];
    let mut done = 0;
    loop {
        let count = file.file.read_at(&mut buffer, offset + done).at("read", "log file")?;
        if count == 0 {
            return Ok(done);
        }
        out.write_all(&buffer[..count]).at("write", "standard output")?;
        done += count as u64;
    }
}

/// Where the last `count` lines of `files` begin: which file, and the offset in it. Only as much is read as they are
/// long.
///
/// # Errors
/// When a file cannot be read.
pub fn last_lines(files: &[LogFile], count: usize) -> Result<(usize, u64)> {
    let mut missing = count;
    for (index, file) in files.iter().enumerate().rev() {
        let mut end = file.file.metadata().at("stat", "log file")?.len();
        let mut at_end = true;
        while end > 0 && missing > 0 {
            let start = end.saturating_sub(CHUNK);
            let mut chunk = vec![0; usize::try_from(end - start).at("read", "log file")?];
            file.file.read_exact_at(&mut chunk, start).at("read", "log file")?;
            for (offset, byte) in chunk.iter().enumerate().rev() {
                let ends_file = std::mem::take(&mut at_end);
                if *byte == b'\n' && !ends_file {
                    missing -= 1;
                    if missing == 0 {
                        return Ok((index, start + offset as u64 + 1));
                    }
                }
            }
            end = start;
            if end == 0 {
                missing -= 1;
            }
        }
        if missing == 0 {
            return Ok((if count == 0 { files.len() } else { index }, 0));
        }
    }
    Ok((0, 0))
}

/// Where the first line of `files` begins that was stamped at `stamp` or later; their end if there is none.
///
/// # Errors
/// When a file cannot be read.
pub fn since(files: &[LogFile], stamp: &str) -> Result<(usize, u64)> {
    for (index, file) in files.iter().enumerate() {
        let mut reader = BufReader::new(&file.file);
        let (mut offset, mut line) = (0, Vec::new());
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).at("read", "log file")? as u64;
            if length == 0 {
                break;
            }
            if is_stamped(&line) && line[..STAMP] >= *stamp.as_bytes() {
                return Ok((index, offset));
            }
            offset += length;
        }
    }
    Ok((files.len(), 0))
}

/// Whether `line` begins as s6-log begins its lines.
fn is_stamped(line: &[u8]) -> bool {
    let shape = b"0000-00-00 00:00:00.000000000";
    let fits = |(byte, shape): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    line.len() >= STAMP && line.iter().zip(shape).all(fits)
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    fn files(texts: &[&str]) -> Vec<LogFile> {
        let file = |(inode, text): (usize, &&str)| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.rewind().unwrap();
            LogFile { file, inode: inode as u64 }
        };
        texts.iter().enumerate().map(file).collect()
    }

    fn from(texts: &[&str], place: (usize, u64)) -> String {
        let mut out = Vec::new();
        Position::new(files(texts), place).advance(files(texts), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_last_lines_may_lie_in_several_files() {
        let texts = ["a\nb\n", "c\n", "", "d\ne\n"];
        for (count, expected) in
            [(0, ""), (1, "e\n"), (2, "d\ne\n"), (3, "c\nd\ne\n"), (4, "b\nc\nd\ne\n"), (9, "a\nb\nc\nd\ne\n")]
        {
            assert_eq!(from(&texts, last_lines(&files(&texts), count).unwrap()), expected, "{count}");
        }
        assert_eq!(from(&["a\nb"], last_lines(&files(&["a\nb"]), 1).unwrap()), "b");
        assert_eq!(from(&[], last_lines(&[], 5).unwrap()), "");
    }

    #[test]
    fn a_line_longer_than_a_chunk_is_one_line() {
        let long = format!("first\n{}\nlast\n", "x".repeat(200_000));
        assert_eq!(from(&[&long], last_lines(&files(&[&long]), 2).unwrap()).len(), 200_006);
        assert_eq!(from(&[&long], last_lines(&files(&[&long]), 3).unwrap()), long);
    }

    #[test]
    fn since_compares_the_lines_own_stamps() {
        let line = |second: u32| format!("2026-11-23 08:00:{second:02}.000000000  text\n");
        let texts = [line(1) + &line(2) + " no stamp\n", line(3)];
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let at = |stamp: &str| from(&texts, since(&files(&texts), stamp).unwrap());
        assert_eq!(at("2026-11-23 08:00:03.000000000"), line(3));
        assert_eq!(at("2026-11-23 08:00:01.500000000"), line(2) + " no stamp\n" + &line(3));
        assert_eq!(at("2026-11-24 00:00:00.000000000"), "");
        assert_eq!(at("2025-01-01 00:00:00.000000000"), texts.concat());
    }
}
