//! What a profile's files say of its gateway before this boot.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::directory::Directory;
use super::intent::{FILE, Intent, is_running, object, other_home};
use crate::error::Fault;

/// Below the profile; Hermes keeps it up to date while a gateway runs.
const LEDGER: &str = "gateway.lifecycle.json";

/// The last known state of a gateway. The usual one is that of a profile without a state file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prior {
    /// What is recorded: `desired_state` as it is, or else `gateway_state`, where the states that only a running gateway
    /// passes through count as running.
    pub state: Option<String>,
    /// Whether it is `desired_state`, which only operators change, that says so.
    pub explicit: bool,
    /// How its last process ended.
    pub exit: PriorExit,
}

/// How a gateway's last process ended, as far as its own ledger tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PriorExit {
    /// It came to its end.
    Clean,
    /// It was cut off.
    Unclean,
    /// There is no ledger that says.
    #[default]
    Unknown,
}

impl PriorExit {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Unclean => "unclean",
            Self::Unknown => "unknown",
        }
    }
}

impl Prior {
    /// Reads the state of the profile in `directory`.
    ///
    /// # Errors
    /// When there is a state file that cannot be read, is another home's, or says nothing that can be understood. The
    /// profile then counts as one that has none.
    pub fn of(directory: &Directory) -> Result<Self> {
        let object = object(directory)?;
        let exit = exit(directory);
        if let Some(other) = other_home(&object, directory) {
            let cause = format!("trust {}: it is of {}", directory.path().join(FILE), other.escape_debug());
            return Err(Fault::no(cause).advise("start or stop the gateway once; that writes a new one").into());
        }
        let (explicit, recorded) = match object.get("desired_state") {
            None | Some(Value::Null) => (false, object.get("gateway_state").filter(|value| !value.is_null())),
            desired => (true, desired),
        };
        let state = match recorded {
            None => return Ok(Self { exit, ..Self::default() }),
            Some(Value::String(state)) if !explicit && is_running(state) => "running",
            Some(Value::String(state)) => state,
            Some(_) => {
                let path = directory.path().join(FILE);
                return Err(Fault::no(format!("read {path}: the state in it is not text")).into());
            }
        };
        Ok(Self { state: Some(state.to_owned()), explicit, exit })
    }

    /// Whether the gateway is to run.
    #[must_use]
    pub fn wants_running(&self) -> bool {
        self.state.as_deref() == Some(Intent::Running.as_str())
    }
}

/// The ledger is a courtesy: whatever is wrong with it, the answer is that nothing is known.
fn exit(directory: &Directory) -> PriorExit {
    let ledger = || {
        let (fd, path) = directory.descend(&["state"]).ok()??;
        let bytes = Directory::new(fd, path).read(LEDGER).ok()??.bytes;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        Some(value.get("phase")?.as_str()?.to_owned())
    };
    match ledger().as_deref() {
        Some("exited") => PriorExit::Clean,
        Some("running") => PriorExit::Unclean,
        _ => PriorExit::Unknown,
    }
}
