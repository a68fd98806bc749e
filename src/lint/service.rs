//! One service directory, or one definition for s6-rc-compile.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::OwnedFd;

use super::finding::{Finding, Findings};
use super::script::Script;
use super::snapshot::Snapshot;
use super::{environment, integers, layout, manifest, modes, names, script, source, text};
use crate::policy::Policy;
use crate::profile::ProfileName;

/// What is linted, and what is known of it.
#[derive(Debug)]
pub(super) struct Service {
    /// Its path as findings tell it.
    pub(super) shown: Utf8PathBuf,
    pub(super) name: String,
    pub(super) tree: Snapshot,
    pub(super) role: Role,
    /// Whether it is part of a git checkout, whose modes are those of whoever made it.
    pub(super) is_checkout: bool,
    /// The root directory that its scripts run in, where that is at hand.
    pub(super) root: Option<OwnedFd>,
}

/// What it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A gateway, and whose, if a profile can have that name.
    Gateway(Option<ProfileName>),
    /// Any other service.
    Other,
    /// A source definition, which s6-rc-compile makes something of.
    Definition,
}

impl Role {
    /// The role of the service directory called `name`, which has `tree`.
    pub(super) fn of(name: &str, tree: &Snapshot) -> Self {
        if name.starts_with("gateway-") {
            return Self::Gateway(ProfileName::of_slot(name.as_ref()));
        }
        // A copy of a slot under another name is held to the same rules, whosever it is.
        if tree.has(Policy::FILE) {
            return Self::Gateway(Some(ProfileName::default_profile()));
        }
        Self::Other
    }
}

impl Service {
    /// Everything that is wrong with it.
    pub(super) fn lint(&self) -> Result<Vec<Finding>> {
        let mut findings = Findings::below(&self.shown);
        layout::check(self, &mut findings);
        modes::check(self, &mut findings);
        integers::check(self, &mut findings);
        text::check(self, &mut findings);
        if self.role == Role::Definition {
            source::check(self, &mut findings);
        } else {
            names::check(self, &mut findings);
            environment::check(self, &mut findings);
            manifest::check(self, &mut findings);
        }
        for path in self.scripts() {
            if let Some(script) = Script::of(self, path) {
                script::check(&script, &mut findings)?;
            }
        }
        Ok(findings.into_vec())
    }

    pub(super) fn is_gateway(&self) -> bool {
        matches!(self.role, Role::Gateway(_))
    }

    /// Whether s6-supervise has had it, so that nothing in it came through git.
    pub(super) fn is_live(&self) -> bool {
        self.tree.has("supervise") || self.tree.has("event")
    }

    /// Whether s6-supervise gets it in the end.
    pub(super) fn is_longrun(&self) -> bool {
        let is_longrun = |file: &super::snapshot::Content| file.bytes.trim_ascii() == b"longrun";
        self.role != Role::Definition || self.tree.file("type").is_some_and(is_longrun)
    }

    /// Whether it is called `gateway-...`, so that its name tells the profile.
    pub(super) fn profile(&self) -> Option<&ProfileName> {
        match &self.role {
            Role::Gateway(profile) if self.name.starts_with("gateway-") => profile.as_ref(),
            _ => None,
        }
    }

    /// Whether `path` lies in the service directory itself or in its logger's.
    pub(super) fn is_service_part(&self, path: &Utf8Path) -> bool {
        let has_logger = self.role != Role::Definition;
        let parent = path.parent().map_or("", Utf8Path::as_str);
        parent.is_empty() || has_logger && parent == "log"
    }

    /// The files that are run, be they there or not.
    fn scripts(&self) -> &'static [&'static str] {
        if self.role == Role::Definition { &["run", "finish"] } else { &["run", "finish", "log/run", "log/finish"] }
    }
}
