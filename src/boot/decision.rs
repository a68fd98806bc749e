//! What becomes of one gateway at boot.

use super::autostart::Selection;
use crate::profile::{Prior, ProfileName};

/// What becomes of one gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether a new slot comes up by itself.
    pub up: bool,
    /// Whether a slot that lives already is brought in step too. Without, what it does now is somebody's will as well.
    pub firm: bool,
    /// Why it does not come up, where it might have.
    pub reason: Option<Reason>,
}

/// Why a gateway that is wanted does not come up here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The default gateway serves it.
    ServedByDefault,
    /// It is for another container to start, or the container's own command is it.
    NotThisContainer,
}

impl Decision {
    /// Decides on the gateway of `profile`, which was as `prior` says. With `multiplexed`, the default gateway serves all
    /// the others.
    #[must_use]
    pub fn new(profile: &ProfileName, prior: &Prior, selection: &Selection, multiplexed: bool) -> Self {
        let wanted = prior.wants_running();
        if multiplexed && !profile.is_default() {
            return Self { up: false, firm: true, reason: Some(Reason::ServedByDefault) };
        }
        if !selection.takes(profile) {
            return Self { up: false, firm: false, reason: wanted.then_some(Reason::NotThisContainer) };
        }
        Self { up: wanted, firm: prior.explicit, reason: None }
    }

    /// Whether the default gateway serves it.
    #[must_use]
    pub fn served_by_default(&self) -> bool {
        self.reason == Some(Reason::ServedByDefault)
    }
}

impl Reason {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServedByDefault => "served-by-default",
            Self::NotThisContainer => "not-this-container",
        }
    }
}
