//! New slots: staged, each published in one rename, and supervised before anybody hears of them.

use std::time::Duration;

use anyhow::{Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use rustix::io::Errno;

use super::remove::{dissolve, retire};
use super::skeleton;
use super::stage::Stage;
use super::writer::{Writer, rename_new};
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::layout::{UNFINISHED, services};
use crate::parallel;
use crate::profile::ProfileName;
use crate::s6::arrive;
use crate::tree::{Group, Tree};

/// s6-supervise is there within milliseconds, even on a loaded machine within a second or two.
const ARRIVAL: Duration = Duration::from_secs(10);
/// With this many times the room that their supervisors need, slots fit themselves as well, and never meet for the last of it.
const PLENTY: usize = 4;
/// How often what s6-svscan has lost is shown to it again. Whatever spoiled one scan may spoil the next.
const HEALINGS: usize = 3;
/// How much longer it may take for every further slot.
const EACH: Duration = Duration::from_millis(10);

/// Publishes `wanted` and waits until every service and logger is supervised. Where that fails, exactly what this call
/// made for that profile is gone again; one failure does not touch the others. Where not all fit, the first do.
///
/// # Errors
/// When nothing can be published at all; otherwise the results tell, one for each of `wanted`.
pub fn create_all(writer: &Writer, wanted: &[(ProfileName, Tree)], deadline: Deadline) -> Result<Vec<Result<()>>> {
    let slots: Vec<_> = wanted.iter().map(|(profile, _)| writer.scandir.slot(profile)).collect();
    let places = writer.scanner.room(writer.scandir.s6(), writer.scandir.load()?, wanted.len(), deadline)?;
    let mut places = 1..=places;
    // Before any is published and one by one: what goes while s6-svscan looks spoils the scan.
    let place = |slot: &Utf8PathBuf| {
        clear(writer, slot, deadline)?;
        places.next().ok_or_else(|| full(writer))
    };
    let cleared: Vec<_> = slots.iter().map(place).collect();
    let work = cleared.into_iter().zip(&slots).zip(wanted).collect();
    // Where room is short, two at a time would take it from each other, and a later one from the first.
    let is_plenty = writer.scandir.has_room_for(PLENTY * wanted.len()).is_ok();
    let workers = if is_plenty { parallel::processors() } else { 1 };
    let mut results =
        parallel::map(work, workers, |((place, slot), (_, tree))| publish(writer, slot, tree, place?, deadline));
    let published: Vec<_> =
        slots.iter().zip(&results).filter(|(_, result)| result.is_ok()).map(|(slot, _)| slot.clone()).collect();
    if published.is_empty() {
        return Ok(results);
    }
    // The rest of the deadline may be used up, and what does not stay still has to go.
    let take_back = |slot: &Utf8PathBuf| retire(writer, slot, Deadline::after(ARRIVAL));
    let time = ARRIVAL + EACH * u32::try_from(results.len()).unwrap_or(u32::MAX);
    let missing = match supervise(writer, &published, time, deadline) {
        Ok(missing) => missing,
        Err(error) => return Err(undo(error, published.iter().try_for_each(take_back))),
    };
    for (slot, result) in slots.iter().zip(&mut results).filter(|(_, result)| result.is_ok()) {
        *result = if missing.contains(slot) {
            Err(undo(late(slot), take_back(slot)))
        } else {
            std::fs::remove_file(slot.join(UNFINISHED)).at("remove", slot.join(UNFINISHED))
        };
    }
    Ok(results)
}

/// [`create_all`] for one.
///
/// # Errors
/// When the slot exists, does not fit, cannot be written, or does not come under supervision in time.
pub fn create(writer: &Writer, profile: &ProfileName, tree: &Tree, deadline: Deadline) -> Result<()> {
    create_all(writer, &[(profile.clone(), tree.clone())], deadline)?.pop().unwrap_or(Ok(()))
}

/// Takes an unfinished registration out of the way of a new one.
fn clear(writer: &Writer, slot: &Utf8Path, deadline: Deadline) -> Result<()> {
    if slot.symlink_metadata().is_err() {
        return Ok(());
    }
    if !slot.join(UNFINISHED).try_exists().at("stat", slot)? {
        return Err(exists(slot));
    }
    retire(writer, slot, deadline)
}

/// Publishes the slot in the `place`th of the places that this call takes.
fn publish(writer: &Writer, slot: &Utf8Path, tree: &Tree, place: usize, deadline: Deadline) -> Result<()> {
    writer.scandir.has_room_for(place)?;
    let staged = writer.back_room("new");
    let published = stage(writer, &staged, tree).and_then(|()| {
        rename_new(&staged, slot).map_err(|error| match error {
            Errno::EXIST => exists(slot),
            error => anyhow!(error).context(format!("make {slot}")),
        })
    });
    published.map_err(|error| undo(error, dissolve(writer, &staged, deadline)))
}

fn full(writer: &Writer) -> anyhow::Error {
    let cause = format!("scan {}: s6-svscan takes no more services", writer.scandir.path());
    let advice = "unregister a gateway, or give s6-svscan a larger -C and a larger limit of open files";
    Fault::failed(cause).advise(advice).into()
}

fn exists(slot: &Utf8Path) -> anyhow::Error {
    Fault::failed(format!("make {slot}: is already registered")).advise("unregister it first").into()
}

fn late(slot: &Utf8Path) -> anyhow::Error {
    let cause = format!("supervise {slot}: s6-supervise did not come in time");
    Fault::no(cause).advise("read what s6-svscan says in the container's log").into()
}

fn undo(error: anyhow::Error, undone: Result<()>) -> anyhow::Error {
    match undone {
        Ok(()) => error,
        Err(second) => error.context(format!("leave the rest to the next run ({second:#})")),
    }
}

fn stage(writer: &Writer, staged: &Utf8Path, tree: &Tree) -> Result<()> {
    let stage = Stage::new(staged, writer.group())?;
    stage.add(tree)?;
    skeleton::make(&stage)?;
    stage.file(UNFINISHED.as_ref(), 0o644, Group::Owner, b"")?;
    stage.finish()
}

/// Makes s6-svscan look at `slots` and waits for its supervisors. Gives the slots that lack one.
fn supervise(writer: &Writer, slots: &[Utf8PathBuf], time: Duration, deadline: Deadline) -> Result<Vec<Utf8PathBuf>> {
    writer.scanner.rescan(writer.scandir.s6(), false, deadline)?;
    let lost = lacking(slots, deadline.within(time))?;
    if lost.is_empty() {
        return Ok(lost);
    }
    let mut missing = lost.clone();
    for _ in 0..HEALINGS {
        heal(writer, &missing, deadline)?;
        let before = missing.len();
        missing = lacking(&missing, deadline.within(time))?;
        if missing.is_empty() || missing.len() == before || deadline.passed() {
            break;
        }
    }
    for slot in lost.iter().filter(|slot| !missing.contains(slot)) {
        anstream::eprintln!("hermes-s6gen: scan {slot}: s6-svscan had lost it; taken out and put back");
    }
    Ok(missing)
}

/// Those of `slots` of which service or logger does not come under supervision in time.
fn lacking(slots: &[Utf8PathBuf], deadline: Deadline) -> Result<Vec<Utf8PathBuf>> {
    let missing = arrive(slots.iter().cloned().flat_map(services).collect(), deadline)?;
    let lacks = |slot: &&Utf8PathBuf| missing.iter().any(|service| service.starts_with(slot));
    Ok(slots.iter().filter(lacks).cloned().collect())
}

/// An s6-svscan since 2.12 that gave up a scan never starts what it first saw in it. Out of its sight and back again
/// makes it forget, and see a new service.
fn heal(writer: &Writer, slots: &[Utf8PathBuf], deadline: Deadline) -> Result<()> {
    writer.put_dangling_links_aside()?;
    let s6 = writer.scandir.s6();
    let aside: Vec<_> = slots.iter().map(|_| writer.back_room("aside")).collect();
    let pairs = || slots.iter().zip(&aside);
    pairs().try_for_each(|(slot, aside)| rename_new(slot, aside).at("move aside", slot))?;
    let scanned = writer.scanner.scan(s6, true, deadline);
    pairs().try_for_each(|(slot, aside)| rename_new(aside, slot).at("move back", slot))?;
    scanned?;
    writer.scanner.rescan(s6, false, deadline)
}
