//! Which of the gateways that are wanted this container starts: two containers may share one volume.

use crate::error::Fault;
use crate::profile::ProfileName;

use super::role::Role;

/// What `HERMES_GATEWAY_AUTOSTART` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Autostart {
    /// What the container's command suggests.
    #[default]
    Auto,
    /// None; they are registered, down.
    None,
    /// All that are wanted.
    All,
    /// Those of these profiles that are wanted.
    Names(Vec<ProfileName>),
}

/// Which gateways this container starts, once the command is known too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    autostart: Autostart,
    role: Role,
    unsupervised: bool,
}

impl Autostart {
    /// Reads the setting: `auto`, `none`, `all`, or profiles' names between commas or spaces. Names that no profile can
    /// have are given back as faults; the others count.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<Fault>) {
        match text.trim() {
            "" | "auto" => return (Self::Auto, Vec::new()),
            "none" => return (Self::None, Vec::new()),
            "all" => return (Self::All, Vec::new()),
            _ => {}
        }
        let mut names = Vec::new();
        let mut faults = Vec::new();
        for word in text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty()) {
            match ProfileName::parse(word.as_ref()) {
                Ok(name) => names.push(name),
                Err(fault) => faults.push(fault),
            }
        }
        (Self::Names(names), faults)
    }
}

impl Selection {
    /// The selection of a container of `role`; `unsupervised` says that the command itself is to be the gateway whatever
    /// its options (`HERMES_GATEWAY_NO_SUPERVISE`).
    #[must_use]
    pub fn new(autostart: Autostart, role: Role, unsupervised: bool) -> Self {
        Self { autostart, role, unsupervised }
    }

    /// Whether there is nothing for gateways to do here, not even to wait.
    #[must_use]
    pub fn skips_everything(&self) -> bool {
        self.autostart == Autostart::Auto && self.role == Role::Dashboard
    }

    /// Whether the gateway of `profile` is started here if it is wanted.
    #[must_use]
    pub fn takes(&self, profile: &ProfileName) -> bool {
        // The container's own command is that gateway already.
        if self.foreground() == Some(profile) {
            return false;
        }
        match &self.autostart {
            Autostart::None => false,
            Autostart::All => true,
            Autostart::Names(names) => names.contains(profile),
            Autostart::Auto => matches!(self.role, Role::Gateways(_)),
        }
    }

    /// The profiles that are named, for whoever knows which exist.
    #[must_use]
    pub fn named(&self) -> &[ProfileName] {
        if let Autostart::Names(names) = &self.autostart { names } else { &[] }
    }

    /// Whose gateway the container's command asks s6 to run.
    #[must_use]
    pub fn requested(&self) -> Option<&ProfileName> {
        match &self.role {
            Role::Gateways(Some(request)) if request.supervised && !self.unsupervised => request.profile.as_ref(),
            _ => None,
        }
    }

    fn foreground(&self) -> Option<&ProfileName> {
        match &self.role {
            Role::Gateways(Some(request)) if !request.supervised || self.unsupervised => request.profile.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::role::Request;

    fn name(name: &str) -> ProfileName {
        ProfileName::parse(name.as_ref()).unwrap()
    }

    fn takes(setting: &str, role: Role, profile: &str) -> bool {
        Selection::new(Autostart::parse(setting).0, role, false).takes(&name(profile))
    }

    fn gateway(profile: &str, supervised: bool) -> Role {
        Role::Gateways(Some(Request { profile: Some(name(profile)), supervised }))
    }

    #[test]
    fn the_setting_wins_over_the_command() {
        for (setting, role, expected) in [
            ("auto", Role::Gateways(None), true),
            ("", gateway("writer", true), true),
            ("auto", Role::Other, false),
            ("auto", Role::Dashboard, false),
            ("none", gateway("coder", true), false),
            ("all", Role::Dashboard, true),
            ("coder", Role::Other, true),
            ("writer, coder", Role::Other, true),
            ("writer", gateway("coder", true), false),
        ] {
            assert_eq!(takes(setting, role.clone(), "coder"), expected, "{setting} {role:?}");
        }
    }

    #[test]
    fn a_gateway_in_the_foreground_is_not_started_twice() {
        assert!(!takes("auto", gateway("coder", false), "coder"));
        assert!(takes("auto", gateway("coder", false), "writer"));
        assert!(!takes("all", gateway("coder", false), "coder"));
        let selection = Selection::new(Autostart::Auto, gateway("coder", true), true);
        assert!(!selection.takes(&name("coder")));
        assert_eq!(selection.requested(), None);
    }

    #[test]
    fn bad_names_are_told_and_good_ones_kept() {
        let (autostart, faults) = Autostart::parse("coder,Work ../x");
        assert_eq!(autostart, Autostart::Names(vec![name("coder")]));
        assert_eq!(faults.len(), 2);
    }
}
