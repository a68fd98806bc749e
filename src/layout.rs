//! What a live slot holds beside what is rendered.

use camino::{Utf8Path, Utf8PathBuf};

/// What s6 makes in a service directory and its logger's (servicedir's page), and what changes while the slot lives.
const STATE: [&str; 9] =
    ["down", "event", "supervise", "log/event", "log/supervise", LOCK, GATEWAY, UNFINISHED, NOT_BEFORE];

/// Held by whoever changes what the gateway does.
pub const LOCK: &str = "data/lock";

/// Locked by the gateway's process for as long as it lives.
pub const GATEWAY: &str = "data/gateway";

/// Present from publication until the slot is known to be supervised. Where it still is, a registration was
/// interrupted, and the next one of that name starts over.
pub const UNFINISHED: &str = "data/registering";

/// The moment before which the gateway is not to start the first time, in seconds since 1970.
pub const NOT_BEFORE: &str = "data/not-before";

/// Present where the default gateway serves this profile, so that it has no gateway of its own.
pub const SERVED: &str = "data/served-by-default";

/// Where the extra environment is, a file for each variable.
pub const ENVIRONMENT: &str = "env";

/// Whether `path`, relative to a slot, is state that no rendering has.
#[must_use]
pub fn is_state(path: &Utf8Path) -> bool {
    STATE.iter().any(|state| path == *state)
}

/// The two services of `slot`, each with an s6-supervise of its own: the gateway, then its logger.
#[must_use]
pub fn services(slot: Utf8PathBuf) -> [Utf8PathBuf; 2] {
    let logger = slot.join("log");
    [slot, logger]
}
