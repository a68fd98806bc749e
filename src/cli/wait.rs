//! How long to wait.

use std::time::Duration;

use clap::Args;

/// How long to wait.
#[derive(Args, Debug)]
pub struct Wait {
    /// How long to wait for the wanted state, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
}

/// A number of seconds, fractions allowed, at most a day: nothing here is worth waiting longer for.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "is not a number of seconds".to_owned())?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be from 0 to 86400 seconds".to_owned())
    }
}
