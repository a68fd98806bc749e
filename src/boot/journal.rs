//! `logs/container-boot.log`: a line for every profile and boot.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use camino::Utf8Path;
use jiff::Zoned;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, renameat, statat};
use rustix::io::Errno;

use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::profile::{Directory, PriorExit, ProfileName};
use crate::publish::lock_file;

const DIRECTORY: &str = "logs";
const FILE: &str = "container-boot.log";
const ROTATED: &str = "container-boot.log.1";
/// From this many bytes on, a file is rotated before it grows further.
const ROTATE: i64 = 262_144;
/// How long another container's boot may hold the file.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of one profile.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The profile.
    pub profile: ProfileName,
    /// What was recorded of it before.
    pub prior_state: Option<String>,
    /// How its last process ended.
    pub prior_exit: PriorExit,
    /// What was done.
    pub action: &'static str,
    /// Why not more.
    pub reason: Option<&'static str>,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let state = self.prior_state.as_deref().map_or("None".to_owned(), escaped);
        write!(f, "profile={} prior_state={state} action={}", self.profile, self.action)?;
        write!(f, " prior_exit={}", self.prior_exit.as_str())?;
        self.reason.map_or(Ok(()), |reason| write!(f, " reason={reason}"))
    }
}

/// The run user writes it: one word, of bounded length, whatever it holds.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.chars().take(64).fold(String::new(), |mut word, c| {
        if plain(c) {
            word.push(c);
        } else {
            // Writing to a String does not fail.
            let _ = write!(word, "\\u{{{:x}}}", u32::from(c));
        }
        word
    })
}

/// Appends `entries` to the log in `home`. Whoever reads it meanwhile sees all of them or none.
///
/// # Errors
/// When it cannot be written. That is no reason to fail: the caller tells and goes on.
pub fn append(home: &Directory, entries: &[Entry]) -> Result<()> {
    let now = Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    let lines = entries.iter().fold(String::new(), |lines, entry| lines + &format!("{now} {entry}\n"));
    let (logs, path) = home.make_directory(DIRECTORY)?;
    let deadline = Deadline::after(PATIENCE);
    let mut file = locked(&logs, &path, deadline)?;
    if fstat(&file).at("stat", path.join(FILE))?.st_size >= ROTATE {
        renameat(&logs, FILE, &logs, ROTATED).at("rotate", path.join(FILE))?;
        file = locked(&logs, &path, deadline)?;
    }
    file.write_all(lines.as_bytes()).at("write", path.join(FILE))
}

/// The open log, which no other boot writes or rotates meanwhile.
fn locked(logs: &OwnedFd, path: &Utf8Path, deadline: Deadline) -> Result<File> {
    let flags =
        OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let path = path.join(FILE);
    loop {
        let fd = match openat(logs, FILE, flags, Mode::from_raw_mode(0o644)) {
            Err(Errno::LOOP) => return Err(Fault::failed(format!("write {path}: is a symbolic link")).into()),
            fd => fd.at("open", &path)?,
        };
        let found = fstat(&fd).at("stat", &path)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(Fault::failed(format!("write {path}: is not a regular file")).into());
        }
        let file = lock_file(File::from(fd), &path, deadline)?;
        // Another boot may have rotated it before it was locked.
        if statat(logs, FILE, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|now| now.st_ino == found.st_ino) {
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_of_words() {
        let profile = ProfileName::parse("coder".as_ref()).unwrap();
        let entry = Entry { profile, prior_state: None, prior_exit: PriorExit::Clean, action: "started", reason: None };
        assert_eq!(entry.to_string(), "profile=coder prior_state=None action=started prior_exit=clean");
        let entry = Entry { prior_state: Some("a b\n=\u{1b}é".to_owned()), reason: Some("x"), ..entry };
        let expected =
            "profile=coder prior_state=a\\u{20}b\\u{a}\\u{3d}\\u{1b}\\u{e9} action=started prior_exit=clean reason=x";
        assert_eq!(entry.to_string(), expected);
        let entry = Entry { prior_state: Some("x".repeat(100_000)), ..entry };
        assert!(entry.to_string().len() < 200);
    }
}
