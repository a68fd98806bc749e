//! What looks like a profile and is none.

use anyhow::Result;

use super::{Check, Scene, Verdict};
use crate::error::{advice_of, is_denied};

pub(super) const PROFILES: Check = Check { code: "HD014", name: "profiles", look };

fn look(scene: &Scene) -> Result<Verdict> {
    let survey = scene.survey()?;
    let troubles: Vec<_> = survey.troubles.iter().map(|trouble| format!("{trouble:#}")).collect();
    let advice = match survey.troubles.first() {
        Some(trouble) if is_denied(trouble) => "give all of the home to the run user",
        trouble => trouble.and_then(advice_of).unwrap_or("rename or remove what is there"),
    };
    Ok(Verdict::none_of(&troubles, &format!("{} found", survey.profiles.len()), "", advice))
}
