//! One thing to look at.

use anyhow::Result;

use super::{Scene, Verdict};

/// A check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// What it is known by; it never means another.
    pub code: &'static str,
    /// What it looks at.
    pub name: &'static str,
    /// The look itself. It fails when nothing can be said, since what it needs is not there; that is another check's
    /// trouble.
    pub(super) look: fn(&Scene) -> Result<Verdict>,
}

impl Check {
    pub(super) fn make(&self, scene: &Scene) -> Verdict {
        (self.look)(scene).unwrap_or_else(|error| Verdict::Unknown(format!("{error:#}")))
    }
}
