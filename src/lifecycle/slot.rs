//! A slot while one operator changes it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::Lifecycle;
use crate::broker::Verb;
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::layout;
use crate::profile::{ProfileName, is_running, recorded};
use crate::publish::lock;
use crate::s6::{RESPAWN, S6, SvStat, arrive, await_finish, deaths, forget_deaths, up};

/// A slot that nobody else changes meanwhile. The lock file counts how often the gateway was brought up.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) path: Utf8PathBuf,
    lock: File,
    /// Whether the count changed between the request and the lock.
    pub(super) overtaken: bool,
}

impl Slot {
    /// Locks the slot of `profile`. One whose registration has not come to its end is none.
    pub(super) fn lock(lifecycle: &Lifecycle, profile: &ProfileName, deadline: Deadline) -> Result<Self> {
        Self::lock_while(lifecycle, profile, || lifecycle.scandir.has_registered(profile), deadline)
    }

    /// Locks whatever slot of `profile` there is.
    pub(super) fn lock_to_remove(lifecycle: &Lifecycle, profile: &ProfileName, deadline: Deadline) -> Result<Self> {
        Self::lock_while(lifecycle, profile, || lifecycle.scandir.has(profile), deadline)
    }

    fn lock_while(
        lifecycle: &Lifecycle,
        profile: &ProfileName,
        is_there: impl Fn() -> Result<bool>,
        deadline: Deadline,
    ) -> Result<Self> {
        let path = lifecycle.scandir.slot(profile);
        let file = path.join(layout::LOCK);
        let before = or_missing(File::open(&file).and_then(|mut file| read_count(&mut file))).at("read", &file)?;
        loop {
            if !is_there()? {
                return Err(no_slot(lifecycle, profile));
            }
            let mut lock = match lock(&file, deadline) {
                Err(_) if !is_there()? => return Err(no_slot(lifecycle, profile)),
                lock => lock?,
            };
            // While this one waited, the slot may have been removed, and another of its name made.
            let now = or_missing(std::fs::metadata(&file)).at("stat", &file)?;
            let locked = lock.metadata().at("stat", &file)?;
            if now.is_some_and(|now| (now.dev(), now.ino()) == (locked.dev(), locked.ino())) {
                let now = read_count(&mut lock).at("read", &file)?;
                return Ok(Self { path, lock, overtaken: before.unwrap_or_default() != now });
            }
        }
    }

    /// Fails where the default gateway serves the profile: a gateway of its own would fight it for bots and ports.
    pub(super) fn has_a_gateway(&self, profile: &ProfileName) -> Result<()> {
        let served = self.path.join(layout::SERVED);
        if !served.try_exists().at("stat", served)? {
            return Ok(());
        }
        let cause = format!("gateway {profile}: the default gateway serves this profile (multiplex_profiles)");
        Err(Fault::no(cause).advise("set multiplex_profiles: false in config.yaml, then hermes-s6gen reconcile").into())
    }

    /// Brings the gateway up at once: no past deaths held against it, and before its turn, if the boot gave it one.
    pub(super) fn up(&self, lifecycle: &Lifecycle, profile: &ProfileName, deadline: Deadline) -> Result<()> {
        let s6 = lifecycle.scandir.s6();
        match &lifecycle.broker {
            None => forget(s6, &self.path, deadline)?,
            Some(broker) if waits(s6, &self.path, deadline)? => {
                broker.ask(Verb::Forget, profile, deadline)?;
            }
            Some(_) => {}
        }
        up(s6, &self.path, deadline)
    }

    /// Counts that the gateway was brought up.
    pub(super) fn count(&mut self) -> Result<()> {
        let count = |file: &mut File| {
            file.seek(SeekFrom::Start(0))?;
            let count = String::from_utf8(read_count(file)?).unwrap_or_default();
            let next = count.lines().next().unwrap_or_default().parse().unwrap_or(0_u64).wrapping_add(1);
            file.seek(SeekFrom::Start(0))?;
            file.write_all(format!("{next}\n").as_bytes())
        };
        count(&mut self.lock).at("write", self.path.join(layout::LOCK))
    }

    /// What its supervisor says after a death: its finish script has a word in whether it is tried again.
    pub(super) fn svstat_after_finish(&self, s6: &S6, deadline: Deadline) -> Result<SvStat> {
        let stat = self.svstat(s6, deadline)?;
        if stat.up || stat.ready {
            return Ok(stat);
        }
        await_finish(s6, &self.path)?;
        self.svstat(s6, deadline)
    }

    /// What its supervisor says. One that was killed is waited for: s6-svscan is about to start another.
    pub(super) fn svstat(&self, s6: &S6, deadline: Deadline) -> Result<SvStat> {
        if let Some(stat) = SvStat::of(s6, &self.path, deadline)? {
            return Ok(stat);
        }
        arrive(vec![self.path.clone()], deadline.within(RESPAWN))?;
        SvStat::of(s6, &self.path, deadline)?.ok_or_else(|| {
            let cause = format!("ask {}: no s6-supervise watches it", self.path);
            Fault::failed(cause).advise("see whether s6-svscan runs, then s6-svscanctl -a").into()
        })
    }
}

/// The count as text. The run user's group writes the file too, so no more is read than a number is long.
fn read_count(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut count = Vec::new();
    file.take(32).read_to_end(&mut count)?;
    Ok(count)
}

/// Takes from a slot whatever would keep its gateway waiting.
pub(super) fn forget(s6: &S6, slot: &Utf8Path, deadline: Deadline) -> Result<()> {
    let turn = slot.join(layout::NOT_BEFORE);
    match std::fs::remove_file(&turn) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).at("remove", turn),
        _ => {}
    }
    forget_deaths(s6, slot, deadline)
}

/// Whether there is anything to take.
fn waits(s6: &S6, slot: &Utf8Path, deadline: Deadline) -> Result<bool> {
    Ok(slot.join(layout::NOT_BEFORE).exists() || !deaths(s6, slot, deadline)?.is_empty())
}

/// That something is not there is an answer.
fn or_missing<T>(result: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Why there is no slot: each cause has another remedy.
fn no_slot(lifecycle: &Lifecycle, profile: &ProfileName) -> anyhow::Error {
    if let Err(error) = lifecycle.home.require(profile) {
        return error;
    }
    let state = lifecycle.home.in_profile(profile, |directory| recorded(directory, "gateway_state"));
    let scandir = lifecycle.scandir.path();
    let fault = match state.unwrap_or_default().as_deref() {
        Some(state) if is_running(state) => Fault::no_such(format!(
            "gateway {profile}: has no slot in {scandir}, though its state file says it runs: another container may own it"
        ))
        .advise("run the command in the container that runs the gateway"),
        _ => Fault::no_such(format!("gateway {profile}: has no slot in {scandir} yet"))
            .advise(format!("hermes gateway start -p {profile}")),
    };
    fault.into()
}
