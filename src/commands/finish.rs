//! `finish`: what a clean exit means.

use anyhow::Result;

use crate::cli;
use crate::exit::Exit;
use crate::profile::{ProfileName, recorded};
use crate::settings::Settings;

/// Stays down when the gateway, or an operator, recorded a stop. Anything else, a state that cannot be read included,
/// is a death like others: a gateway too many starts is seen, one too few is missed.
pub(super) fn finish(settings: &Settings, args: &cli::Finish) -> Result<Exit> {
    let profile = ProfileName::parse(&args.name)?;
    let home = settings.home(&settings.authority()?);
    let stopped = home.in_profile(&profile, |directory| {
        let is_stopped = |key| Ok::<_, anyhow::Error>(recorded(directory, key)?.as_deref() == Some("stopped"));
        Ok(is_stopped("gateway_state")? || is_stopped("desired_state")?)
    })?;
    Ok(if stopped { Exit::StayDown } else { Exit::Done })
}
