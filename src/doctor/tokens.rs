//! Bots that two profiles have.

use std::collections::BTreeMap;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::{Check, Scene, Verdict};
use crate::profile::dotenv;

pub(super) const TOKENS: Check = Check { code: "HD016", name: "bot tokens", look };

/// The variables by which a gateway is one bot and no other.
const VARIABLES: [&str; 6] = [
    "DISCORD_BOT_TOKEN",
    "MATRIX_ACCESS_TOKEN",
    "MATTERMOST_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_BOT_TOKEN",
    "TELEGRAM_BOT_TOKEN",
];

/// A token is a secret: it is compared by its hash, and never shown.
fn look(scene: &Scene) -> Result<Verdict> {
    let found = scene.in_profiles(|_, directory| {
        let mut tokens = Vec::new();
        for variable in VARIABLES {
            let token = dotenv(directory, variable)?.filter(|token| !token.trim().is_empty());
            tokens.extend(token.map(|token| (variable, Sha256::digest(token.trim()))));
        }
        Ok(tokens)
    })?;
    let mut owners: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (profile, tokens) in found {
        for (variable, digest) in tokens {
            owners.entry((variable, digest.to_vec())).or_default().push(profile.to_string());
        }
    }
    owners.retain(|_, profiles| profiles.len() > 1);
    let shared: Vec<_> =
        owners.iter().map(|((variable, _), profiles)| format!("{variable} of {}", profiles.join(", "))).collect();
    let advice = "make a bot for each profile: of two gateways with one token only one gets the messages";
    Ok(Verdict::none_of(&shared, "no two profiles are the same bot", "the same token is the ", advice))
}
