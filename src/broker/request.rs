//! What is asked of the broker.

use std::ffi::{OsStr, OsString};
use std::fmt;

use crate::error::Fault;
use crate::profile::ProfileName;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Publish the slot of a profile, down.
    Register,
    /// Remove the slot of a profile.
    Unregister,
    /// Forget the deaths of its gateway and its turn at boot, so that it may be started at once.
    Forget,
}

/// A verb and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What.
    pub verb: Verb,
    /// To which profile's gateway.
    pub profile: ProfileName,
}

impl Verb {
    const ALL: [Self; 3] = [Self::Register, Self::Unregister, Self::Forget];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Unregister => "unregister",
            Self::Forget => "forget",
        }
    }
}

impl Request {
    /// Reads a request, which comes from somebody who is not trusted: no options, no paths, no more than two words.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(words: &[OsString]) -> Result<Self, Fault> {
        if let Some(word) = words.iter().find(|word| word.len() > ProfileName::MAX) {
            return Err(Fault::failed(format!("request with a word of {} bytes: is too long", word.len())));
        }
        let [verb, profile] = words else {
            return Err(Fault::failed(format!("request of {} words: must be a verb and a profile name", words.len())));
        };
        let verb = Verb::ALL.into_iter().find(|known| verb == OsStr::new(known.as_str()));
        let verb = verb.ok_or_else(|| Fault::failed("request: the verb is not register, unregister or forget"))?;
        Ok(Self { verb, profile: ProfileName::parse(profile)? })
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.verb.as_str(), self.profile)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_words_are_refused_or_read_as_they_are(
            words in prop::collection::vec(prop_oneof![
                "register|unregister|forget",
                "[a-z0-9_-]{0,5}",
                "\\PC{0,300}",
            ], 0..4),
        ) {
            let words: Vec<_> = words.into_iter().map(OsString::from).collect();
            if let Ok(request) = Request::parse(&words) {
                let read: Vec<_> = request.to_string().split(' ').map(OsString::from).collect();
                prop_assert_eq!(read, words);
            }
        }
    }

    fn parse(words: &[&[u8]]) -> Result<Request, Fault> {
        let words: Vec<_> = words.iter().map(|word| OsString::from_vec(word.to_vec())).collect();
        Request::parse(&words)
    }

    #[test]
    fn every_request_reads_as_it_is_written() {
        for verb in Verb::ALL {
            let request = Request { verb, profile: ProfileName::parse("coder".as_ref()).unwrap() };
            let text = request.to_string();
            assert_eq!(parse(&text.split(' ').map(str::as_bytes).collect::<Vec<_>>()).unwrap(), request);
        }
    }

    #[test]
    fn nothing_else_is_a_request() {
        let long = [b'a'; 244];
        let bad: [&[&[u8]]; 12] = [
            &[],
            &[b"register"],
            &[b"register", b"coder", b"writer"],
            &[b"register", b"coder", b"--scandir=/tmp"],
            &[b"--scandir=/tmp", b"coder"],
            &[b"registrar", b"coder"],
            &[b"Register", b"coder"],
            &[b"register", b""],
            &[b"register", b"../x"],
            &[b"register", b"-p"],
            &[b"register", b"\xff"],
            &[b"register", &long],
        ];
        for words in bad {
            assert!(parse(words).is_err(), "{words:?}");
        }
    }
}
