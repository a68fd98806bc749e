//! From the profiles on the volume to their slots.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::autostart::Selection;
use super::decision::Decision;
use super::migration::migrate;
use super::ports::clashes;
use crate::environment::Environment;
use crate::error::At;
use crate::layout;
use crate::lifecycle::Lifecycle;
use crate::plan::{self, Action, Found, Outdated, Step, Wanted};
use crate::profile::{Prior, ProfileName, port_of, remove_leftovers};
use crate::publish::{self, Writer};
use crate::render::render;
use crate::spec::Spec;
use crate::{deadline::Deadline, parallel};

/// How many gateways are waited for at a time.
const AT_A_TIME: usize = 16;

/// What it takes to bring the slots in step with the profiles.
#[derive(Debug)]
pub struct Reconciler<'a> {
    /// The tree.
    pub lifecycle: &'a Lifecycle,
    /// Which gateways are started here.
    pub selection: Selection,
    /// How far apart gateways start.
    pub stagger: Duration,
    /// Whether what runs outdated files is restarted.
    pub restart_changed: bool,
}

/// What is to be done, and why.
#[derive(Debug)]
pub struct Plan {
    /// A step for every profile and every slot that has to go.
    pub steps: Vec<Step>,
    /// What was known and decided of the profiles.
    pub fates: BTreeMap<ProfileName, Fate>,
    /// What kept a profile or a slot from being looked at.
    pub troubles: Vec<anyhow::Error>,
    /// What may go wrong later.
    pub warnings: Vec<String>,
}

/// What is known of one profile, and what follows.
#[derive(Clone, Debug)]
pub struct Fate {
    /// What was recorded.
    pub prior: Prior,
    /// What was decided.
    pub decision: Decision,
    /// Whether that is to be written down, as nobody has yet.
    migrates: bool,
    /// Whether this container is the one to start it.
    ours: bool,
}

/// What came of one step.
#[derive(Debug)]
pub struct Done {
    /// The step.
    pub step: Step,
    /// Whether it could be done.
    pub result: Result<()>,
}

impl Reconciler<'_> {
    /// Looks at profiles and slots and says what is to be done.
    ///
    /// # Errors
    /// When home or scan directory cannot be read.
    pub fn plan(&self) -> Result<Plan> {
        let survey = self.lifecycle.home.survey()?;
        let slots = publish::survey(&self.lifecycle.scandir, &self.lifecycle.authority)?;
        let mut troubles = survey.troubles;
        let multiplexed = self.lifecycle.multiplexed().unwrap_or_else(|trouble| {
            troubles.push(trouble);
            false
        });
        let unknown = self.selection.named().iter().filter(|name| !survey.profiles.contains(name));
        troubles.extend(unknown.filter_map(|name| self.lifecycle.home.require(name).err()));
        let priors = self.lifecycle.home.in_each(&survey.profiles, |name, directory| {
            let migrates = if self.selection.requested() == Some(name) && self.selection.takes(name) {
                migrate(directory, false)?
            } else {
                None
            };
            migrates.map_or_else(|| Ok((Prior::of(directory)?, false)), |prior| Ok((prior, true)))
        })?;
        let mut fates = BTreeMap::new();
        for (profile, prior) in survey.profiles.iter().zip(priors) {
            let (prior, migrates) = prior.unwrap_or_else(|trouble| {
                troubles.push(trouble);
                (Prior::default(), false)
            });
            let decision = Decision::new(profile, &prior, &self.selection, multiplexed);
            let ours = self.selection.takes(profile);
            fates.insert(profile.clone(), Fate { prior, decision, migrates, ours });
        }
        let mut wanted = self.wanted(&survey.profiles, &fates, &slots.found)?;
        for (profile, trouble) in slots.troubles {
            wanted.retain(|wanted| wanted.profile != profile);
            troubles.push(trouble.context(format!("keep {profile} as it is")));
        }
        let gone = self.gone(slots.found.keys().filter(|profile| !fates.contains_key(profile)), &mut troubles);
        let warnings = self.clashes(&fates)?;
        Ok(Plan { steps: plan::plan(wanted, &slots.found, gone), fates, troubles, warnings })
    }

    fn wanted(
        &self,
        profiles: &[ProfileName],
        fates: &BTreeMap<ProfileName, Fate>,
        found: &BTreeMap<ProfileName, Found>,
    ) -> Result<Vec<Wanted>> {
        let now = SystemTime::now();
        let mut turn = 0;
        let mut specs = Vec::new();
        for (profile, fate) in profiles.iter().filter_map(|profile| fates.get_key_value(profile)) {
            let live = found.get(profile).filter(|found| found.lives);
            let starts = fate.decision.up && live.is_none();
            let spec = Spec {
                profile: profile.clone(),
                up: fate.decision.up,
                // Extra environment lives in the slot alone, and stays with it.
                environment: found
                    .get(profile)
                    .map_or_else(Environment::default, |found| Environment::in_tree(&found.tree, layout::ENVIRONMENT)),
                served_by_default: fate.decision.served_by_default(),
                not_before: (starts && turn > 0).then(|| now + self.stagger * turn).filter(|start| *start > now),
            };
            turn += u32::from(starts);
            specs.push((spec, fate.decision.firm));
        }
        let wanted = parallel::map(specs, parallel::processors(), |(spec, firm)| {
            let tree = render(&spec, &self.lifecycle.host)?;
            Ok(Wanted { profile: spec.profile, tree, up: firm.then_some(spec.up) })
        });
        wanted.into_iter().collect()
    }

    /// Ports that several of the gateways want that come up.
    fn clashes(&self, fates: &BTreeMap<ProfileName, Fate>) -> Result<Vec<String>> {
        let up: Vec<_> =
            fates.iter().filter(|(_, fate)| fate.decision.up).map(|(profile, _)| profile.clone()).collect();
        let scandir = self.lifecycle.scandir.path();
        let ports = self.lifecycle.home.in_each(&up, |profile, directory| port_of(profile, directory, scandir))?;
        Ok(clashes(up.into_iter().zip(ports).filter_map(|(profile, port)| Some((profile, port.ok()?)))))
    }

    /// Those of `slots` whose profile is gone for sure. One that merely cannot be looked at keeps its slot.
    fn gone<'p>(
        &self,
        slots: impl Iterator<Item = &'p ProfileName>,
        troubles: &mut Vec<anyhow::Error>,
    ) -> Vec<ProfileName> {
        let mut gone = Vec::new();
        for profile in slots {
            match self.lifecycle.home.has_lost(profile) {
                Ok(true) => gone.push(profile.clone()),
                Ok(false) => {}
                Err(error) => troubles.push(error.context(format!("keep {profile}"))),
            }
        }
        gone
    }

    /// Does `steps`, which `fates` explain, as far as that can be done; the results have the same order. Adds to
    /// `troubles` what was wrong and kept nothing from being done.
    ///
    /// # Errors
    /// When nothing can be done at all.
    pub fn carry_out(
        &self,
        steps: Vec<Step>,
        fates: &BTreeMap<ProfileName, Fate>,
        troubles: &mut Vec<anyhow::Error>,
    ) -> Result<Vec<Done>> {
        let order: BTreeMap<_, _> = steps.iter().map(|step| step.profile.clone()).zip(0..).collect();
        let (removals, rest): (Vec<_>, Vec<_>) =
            steps.into_iter().partition(|step| matches!(step.action, Action::Remove));
        // First, as that makes room.
        let mut done = parallel::map(removals, AT_A_TIME, |step| {
            let result = self.lifecycle.unregister(&step.profile).map(drop);
            Done { step, result }
        });
        let deadline = Deadline::after(self.lifecycle.timeout);
        let writer = self.lifecycle.scandir.writer(&self.lifecycle.authority, deadline)?;
        let (creations, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|step| matches!(step.action, Action::Create(..)));
        done.extend(self.create(&writer, creations, fates, troubles, deadline)?);
        done.extend(others.into_iter().map(|step| {
            let result = if let Action::Update(changes) = &step.action {
                publish::update(&writer, &step.profile, changes)
            } else {
                Ok(())
            };
            Done { step, result }
        }));
        drop(writer);
        let (live, mut done): (Vec<_>, Vec<_>) = done.into_iter().partition(|done| Self::lives_on(&done.step));
        done.extend(parallel::map(live, AT_A_TIME, |done| self.settle(done)));
        done.sort_by_key(|done| order.get(&done.step.profile).copied());
        Ok(done)
    }

    /// Publishes new slots. Those that come up go first, in case there is no room for all.
    fn create(
        &self,
        writer: &Writer,
        steps: Vec<Step>,
        fates: &BTreeMap<ProfileName, Fate>,
        troubles: &mut Vec<anyhow::Error>,
        deadline: Deadline,
    ) -> Result<Vec<Done>> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        // What somebody else has registered since it was planned is there, and that is what counts.
        let is_there = |step: &Step| publish::is_live(&self.lifecycle.scandir, &step.profile).unwrap_or(false);
        let (there, mut steps): (Vec<_>, Vec<_>) = steps.into_iter().partition(is_there);
        steps.sort_by_key(|step| !fates.get(&step.profile).is_some_and(|fate| fate.decision.up));
        let names: Vec<_> = steps.iter().map(|step| step.profile.clone()).collect();
        // What the gateways of the last boot left is in the way of those of this one.
        let prepared = self.lifecycle.home.in_each(&names, |name, directory| match fates.get(name) {
            Some(fate) if fate.ours => {
                let removed = remove_leftovers(directory);
                if fate.migrates {
                    migrate(directory, true)?;
                }
                removed
            }
            _ => Ok(()),
        })?;
        troubles.extend(prepared.into_iter().filter_map(Result::err));
        let mut slots = Vec::new();
        let mut replaced = Vec::new();
        for step in &mut steps {
            let Action::Create(tree, anew) = &mut step.action else { continue };
            let slot = self.lifecycle.scandir.slot(&step.profile);
            replaced.push(if *anew && slot.exists() { publish::retire(writer, &slot, deadline) } else { Ok(()) });
            // Thousands of trees are not held twice.
            slots.push((step.profile.clone(), std::mem::take(tree)));
        }
        let created = publish::create_all(writer, &slots, deadline)?;
        let results = replaced.into_iter().zip(created).map(|(replaced, created)| replaced.and(created));
        let there = there.into_iter().map(|step| Done { step, result: Ok(()) });
        Ok(steps.into_iter().zip(results).map(|(step, result)| Done { step, result }).chain(there).collect())
    }

    /// Whether the step is about a slot that lives, and whose gateway may have to follow its files.
    fn lives_on(step: &Step) -> bool {
        step.turn.is_some() || matches!(step.action, Action::Update(_))
    }

    /// Brings a live gateway in step, once its files are.
    fn settle(&self, done: Done) -> Done {
        let Done { step, result } = done;
        let result = result.and_then(|()| {
            let profile = &step.profile;
            if let Some(is_up) = step.turn {
                let verb = if is_up { "start" } else { "stop" };
                self.lifecycle.follow(profile, is_up).at(verb, profile)?;
            }
            match &step.action {
                Action::Update(changes) if self.restart_changed => {
                    let renew = |what: Outdated| self.lifecycle.renew(profile, what).at("restart", profile);
                    changes.outdates().into_iter().try_for_each(renew)
                }
                _ => Ok(()),
            }
        });
        Done { step, result }
    }
}
