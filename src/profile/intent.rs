//! What the operator wants of a gateway, as `gateway_state.json` of its profile records it. Hermes writes the same
//! file, so every key that is not ours stays.

use anyhow::Result;
use camino::Utf8Path;
use serde_json::{Map, Value};

use super::directory::{Directory, Found};
use crate::error::{At, Fault};

/// Where it lies in a profile.
pub const FILE: &str = "gateway_state.json";
/// Whose it is, where Hermes has recorded that.
const HOME: &str = "hermes_home";
/// What Hermes says of the gateway itself.
const STATE: &str = "gateway_state";
/// Hermes' own mode for it.
const MODE: u32 = 0o644;

/// What is wanted of a gateway over container restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It is to run.
    Running,
    /// It is to stay down.
    Stopped,
}

impl Intent {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
        }
    }
}

/// The state file as an object; empty when there is none.
///
/// # Errors
/// When there is something that cannot be read as one.
pub(super) fn object(directory: &Directory) -> Result<Map<String, Value>> {
    directory.read(FILE)?.map_or_else(|| Ok(Map::new()), |found| parse(directory, &found))
}

fn parse(directory: &Directory, found: &Found) -> Result<Map<String, Value>> {
    // Editors on Windows put a byte order mark before UTF-8.
    let text = found.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&found.bytes);
    match serde_json::from_slice(text).at("read", directory.path().join(FILE))? {
        Value::Object(object) => Ok(object),
        _ => Err(Fault::failed(format!("read {}: is not a JSON object", directory.path().join(FILE))).into()),
    }
}

/// The home that a state file names, where that is not the profile in `directory`: somebody copied it.
pub(super) fn other_home<'a>(object: &'a Map<String, Value>, directory: &Directory) -> Option<&'a str> {
    let named = object.get(HOME).and_then(Value::as_str)?;
    // Compared by components: a trailing slash makes no other home.
    (!Utf8Path::new(named).components().eq(directory.path().components())).then_some(named)
}

/// The value of `key` if it is text.
///
/// # Errors
/// When the state file cannot be read as one.
pub fn recorded(directory: &Directory, key: &str) -> Result<Option<String>> {
    Ok(object(directory)?.get(key).and_then(Value::as_str).map(str::to_owned))
}

/// Whether `state`, a `gateway_state`, is one that only a running gateway passes through.
#[must_use]
pub fn is_running(state: &str) -> bool {
    matches!(state, "running" | "draining" | "degraded")
}

/// Records `intent`. A state file that is none is kept beside as `gateway_state.json.unreadable`.
///
/// # Errors
/// When it cannot be written, or what is there cannot be read; the old one stays.
pub fn record(directory: &Directory, intent: Intent) -> Result<()> {
    amend(directory, |object| want(object, intent))
}

/// Records that the gateway is down and is to stay down. One that was killed, or that took its stop for an accident, has
/// left word that it runs.
///
/// # Errors
/// As [`record`].
pub fn record_end(directory: &Directory) -> Result<()> {
    amend(directory, |object| {
        let state = object.get(STATE).and_then(Value::as_str);
        if state.is_some_and(|state| state == "starting" || is_running(state)) {
            object.insert(STATE.to_owned(), "stopped".into());
        }
        want(object, Intent::Stopped);
    })
}

fn want(object: &mut Map<String, Value>, intent: Intent) {
    object.insert("desired_state".to_owned(), intent.as_str().into());
}

fn amend(directory: &Directory, change: impl FnOnce(&mut Map<String, Value>)) -> Result<()> {
    // A file that cannot be had just now is no reason to write another: what else is in it would be lost.
    let found = directory.read(FILE)?;
    let parsed = found.as_ref().map_or_else(|| Ok(Map::new()), |found| parse(directory, found));
    let mut object = match (parsed, &found) {
        (Err(_), Some(found)) => {
            directory.replace(&format!("{FILE}.unreadable"), &found.bytes, found.mode)?;
            Map::new()
        }
        (parsed, _) => parsed?,
    };
    let before = object.clone();
    if other_home(&object, directory).is_some() {
        // What a copy brought along ends here: from now on the file is this profile's.
        object.insert(HOME.to_owned(), directory.path().as_str().into());
    }
    change(&mut object);
    if object == before {
        return Ok(());
    }
    let mut bytes = serde_json::to_vec(&object).at("write", directory.path().join(FILE))?;
    bytes.push(b'\n');
    directory.replace(FILE, &bytes, found.map_or(MODE, |found| found.mode))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;
    use rustix::fs::{CWD, Mode, OFlags, openat};

    use super::*;

    /// What the state file `bytes` becomes when `intent` is recorded over it, and what is put aside.
    fn recorded_over(bytes: &[u8], intent: Intent) -> (Map<String, Value>, Option<Vec<u8>>) {
        let scratch = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(scratch.path()).unwrap();
        std::fs::write(path.join(FILE), bytes).unwrap();
        let fd = openat(CWD, path.as_str(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        let directory = Directory::new(fd, path.to_owned());
        record(&directory, intent).unwrap();
        let aside = std::fs::read(path.join(format!("{FILE}.unreadable"))).ok();
        assert_eq!(std::fs::read_dir(path).unwrap().count(), 1 + usize::from(aside.is_some()));
        (object(&directory).unwrap(), aside)
    }

    proptest! {
        #[test]
        fn every_other_key_is_kept(
            others in prop::collection::btree_map("[a-c]{1,3}", "\\PC*", 0..5),
            before in prop::option::of("running|stopped|odd"),
        ) {
            let others = others.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            let before = before.map(|before| ("desired_state".to_owned(), before.into()));
            let mut state: Map<String, Value> = others.chain(before).collect();
            let (now, aside) = recorded_over(&serde_json::to_vec(&state).unwrap(), Intent::Running);
            state.insert("desired_state".to_owned(), "running".into());
            prop_assert_eq!((now, aside), (state, None));
        }

        #[test]
        fn what_is_no_state_file_is_put_aside_as_it_is(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let (now, aside) = recorded_over(&bytes, Intent::Stopped);
            prop_assert_eq!(now.get("desired_state"), Some(&"stopped".into()));
            prop_assert!(aside.is_none_or(|aside| aside == bytes));
        }
    }
}
