//! The port that a profile's API server listens on unless the profile sets one.

use sha2::{Digest, Sha256};

use crate::profile::ProfileName;

const FIRST: u16 = 9200;
const COUNT: u32 = 600;

/// The port of `profile`: in 9200..9800, a function of the name alone, so that it survives every restart and
/// needs no record. Two names may share one; whoever starts gateways has to look.
#[must_use]
pub fn port(profile: &ProfileName) -> u16 {
    let digest = Sha256::digest(profile.as_str());
    let head = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    // The remainder is below 600, so it always fits.
    FIRST + u16::try_from(head % COUNT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn well_known_names_keep_their_ports() {
        let known = [
            ("default", 9449),
            ("coder", 9570),
            ("writer", 9543),
            ("assistant", 9714),
            ("my-profile", 9226),
            ("a", 9610),
            ("0abc", 9602),
            ("assistant_v2", 9784),
        ];
        for (name, expected) in known {
            assert_eq!(port(&ProfileName::parse(OsStr::new(name)).unwrap()), expected, "{name}");
        }
    }
}
