//! The one rule for profile names.

use std::ffi::OsStr;
use std::fmt;

use serde::Serialize;

use crate::error::Fault;

/// What every slot's name begins with.
const PREFIX: &str = "gateway-";

/// s6-svscan ignores names longer than this many bytes (`name_max` in its manual page).
const SLOT_NAME_MAX: usize = 251;

/// The name of a profile: `[a-z0-9][a-z0-9_-]*`, at most 243 bytes. Holding one is proof that it is valid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ProfileName(String);

impl ProfileName {
    /// The longest name, in bytes, whose slot s6-svscan still sees.
    pub const MAX: usize = SLOT_NAME_MAX - PREFIX.len();

    /// The root home's own profile.
    #[must_use]
    pub fn default_profile() -> Self {
        Self("default".to_owned())
    }

    /// Checks a name.
    ///
    /// # Errors
    /// Exit code 2 when it breaks the rule.
    pub fn parse(name: &OsStr) -> Result<Self, Fault> {
        let shown = name.as_encoded_bytes().escape_ascii();
        let fault = |cause: &str| Fault::failed(format!("profile name \"{shown}\": {cause}"));
        let Some(text) = name.to_str() else {
            return Err(fault("is not UTF-8"));
        };
        let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let rule = "must be lower-case letters, digits, - and _, beginning with a letter or digit";
        match text.as_bytes() {
            [] => Err(fault("is empty")),
            bytes if bytes.len() > Self::MAX => {
                Err(Fault::failed(format!("profile name of {} bytes: is longer than {}", bytes.len(), Self::MAX)))
            }
            [first, rest @ ..] if allowed(first) && rest.iter().all(|b| allowed(b) || b"-_".contains(b)) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(fault(rule)),
        }
    }

    /// The profile whose slot is called `slot`, if it is a gateway's slot at all.
    #[must_use]
    pub fn of_slot(slot: &OsStr) -> Option<Self> {
        let name = slot.to_str()?.strip_prefix(PREFIX)?;
        Self::parse(OsStr::new(name)).ok()
    }

    /// The name of its service directory, `gateway-<profile>`.
    #[must_use]
    pub fn slot(&self) -> String {
        format!("{PREFIX}{self}")
    }

    /// Whether this is the root home's own profile.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == "default"
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accepts_what_the_rule_allows() {
        for name in ["coder", "my-profile", "assistant_v2", "a", "0", "0abc", "a-", &"a".repeat(243)] {
            assert_eq!(ProfileName::parse(OsStr::new(name)).unwrap().as_str(), name);
        }
    }

    #[test]
    fn refuses_everything_else() {
        for name in ["", "Coder", "foo/bar", "../x", "-x", "_x", "a b", "a.b", "coder\n", "é", &"a".repeat(244)] {
            assert!(ProfileName::parse(OsStr::new(name)).is_err(), "{name:?}");
        }
        assert!(ProfileName::parse(OsStr::from_bytes(b"a\xff")).is_err());
    }

    #[test]
    fn a_slot_gives_its_profile_back() {
        let coder = ProfileName::parse(OsStr::new("coder")).unwrap();
        assert_eq!(ProfileName::of_slot(OsStr::new(&coder.slot())), Some(coder));
        for slot in ["gateway-", "gateway-A", "gateway", "other", ".gateway-x"] {
            assert_eq!(ProfileName::of_slot(OsStr::new(slot)), None, "{slot}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_keeps_the_rule(name in ".*|[a-z0-9_-]{0,250}") {
            let first = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            let follows = name.starts_with(first)
                && name.chars().all(|c| first(c) || c == '-' || c == '_')
                && name.len() <= ProfileName::MAX;
            let parsed = ProfileName::parse(OsStr::new(&name));
            prop_assert_eq!(parsed.is_ok(), follows);
            if let Ok(parsed) = parsed {
                prop_assert_eq!(ProfileName::of_slot(OsStr::new(&parsed.slot())), Some(parsed));
            }
        }

        #[test]
        fn any_bytes_are_accepted_or_refused(name in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = ProfileName::parse(OsStr::from_bytes(&name)).map_err(|fault| fault.to_string());
        }
    }
}
