//! Ports of API servers.

use anyhow::Result;
use camino::Utf8Path;
use sha2::{Digest, Sha256};

use super::directory::Directory;
use super::dotenv::dotenv;
use crate::layout;
use crate::profile::ProfileName;

const FIRST: u16 = 9200;
const COUNT: u32 = 600;
/// Hermes' own, where nothing sets another.
const UNSET: u16 = 8642;
const VARIABLE: &str = "API_SERVER_PORT";
/// Where s6-overlay keeps what the container was started with, beside the scan directory.
const CONTAINER: &str = "s6/container_environment";

/// The port of the API server of `profile`, whose directory is `directory`: that of its `.env`, or else of the extra
/// environment of its slot in `scandir`, if it has one, or else the one that its run script gives it. The default gateway
/// gets none from there, and has the container's.
///
/// # Errors
/// When its `.env` cannot be read.
pub fn port_of(profile: &ProfileName, directory: &Directory, scandir: &Utf8Path) -> Result<u16> {
    let number = |text: String| text.trim().parse().ok();
    let written_in = |environment: &Utf8Path| std::fs::read_to_string(environment.join(VARIABLE)).ok().and_then(number);
    let own = dotenv(directory, VARIABLE)?.and_then(number);
    let given = own.or_else(|| written_in(&scandir.join(profile.slot()).join(layout::ENVIRONMENT)));
    let containers = || written_in(&scandir.parent()?.join(CONTAINER));
    Ok(match given {
        Some(given) => given,
        None if profile.is_default() => containers().unwrap_or(UNSET),
        None => port(profile),
    })
}

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
