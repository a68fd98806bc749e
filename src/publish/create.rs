//! A new slot: staged, published in one rename, and supervised before anybody hears of it.

use std::time::Duration;

use anyhow::{Result, anyhow};
use camino::{Utf8Path, Utf8PathBuf};
use rustix::io::Errno;

use super::remove::{dissolve, retire};
use super::skeleton;
use super::stage::write_tree;
use super::writer::{Writer, rename_new};
use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::profile::ProfileName;
use crate::s6::Arrival;
use crate::tree::Tree;

/// Present from publication until the slot is known to be supervised. Where it still is, a registration was
/// interrupted, and the next one of that name starts over.
const UNFINISHED: &str = "data/registering";

/// s6-supervise is there within milliseconds, even on a loaded machine within fractions of a second.
const ARRIVAL: Duration = Duration::from_secs(5);

/// Publishes `tree` as the slot of `profile` and waits until service and logger are supervised. When that fails,
/// exactly what this call made is gone again.
///
/// # Errors
/// When the slot exists, does not fit, cannot be written, or does not come under supervision in time.
pub fn create(writer: &Writer, profile: &ProfileName, tree: &Tree, deadline: Deadline) -> Result<()> {
    let slot = writer.scandir.slot(profile);
    if slot.join(UNFINISHED).exists() {
        retire(writer, &slot, deadline)?;
    }
    if slot.symlink_metadata().is_ok() {
        return Err(exists(&slot));
    }
    writer.scanner.has_room(writer.scandir.s6(), writer.scandir.load()?, 1, deadline)?;
    let staged = writer.back_room("new");
    let arrival = match stage(writer, &staged, tree) {
        Ok(arrival) => arrival,
        Err(error) => return Err(undo(error, dissolve(writer, &staged, deadline))),
    };
    if let Err(error) = rename_new(&staged, &slot) {
        let error = if error == Errno::EXIST { exists(&slot) } else { anyhow!(error).context(format!("make {slot}")) };
        return Err(undo(error, dissolve(writer, &staged, deadline)));
    }
    match supervise(writer, &slot, &arrival, deadline) {
        Ok(()) => std::fs::remove_file(slot.join(UNFINISHED)).at("remove", slot.join(UNFINISHED)),
        // The rest of the deadline may be used up, and what was published still has to go.
        Err(error) => Err(undo(error, retire(writer, &slot, Deadline::after(ARRIVAL)))),
    }
}

fn exists(slot: &Utf8Path) -> anyhow::Error {
    Fault::failed(format!("make {slot}: is already registered")).advise("unregister it first").into()
}

fn undo(error: anyhow::Error, undone: Result<()>) -> anyhow::Error {
    match undone {
        Ok(()) => error,
        Err(second) => error.context(format!("leave the rest to the next run ({second:#})")),
    }
}

fn stage(writer: &Writer, staged: &Utf8Path, tree: &Tree) -> Result<Arrival> {
    write_tree(staged, tree, writer.group())?;
    skeleton::make(staged, writer.group())?;
    std::fs::write(staged.join(UNFINISHED), "").at("make", staged.join(UNFINISHED))?;
    Arrival::watch(&services(staged))
}

fn services(slot: &Utf8Path) -> [Utf8PathBuf; 2] {
    [slot.to_owned(), slot.join("log")]
}

fn supervise(writer: &Writer, slot: &Utf8Path, arrival: &Arrival, deadline: Deadline) -> Result<()> {
    let s6 = writer.scandir.s6();
    writer.scanner.rescan(s6, false, deadline)?;
    if arrival.wait(&services(slot), deadline.within(ARRIVAL))? {
        return Ok(());
    }
    heal(writer, slot, deadline)?;
    if arrival.wait(&services(slot), deadline.within(ARRIVAL))? {
        anstream::eprintln!("hermes-s6gen: scan {slot}: s6-svscan had lost it; taken out and put back");
        return Ok(());
    }
    let cause = format!("supervise {slot}: s6-supervise did not come in time");
    Err(Fault::no(cause).advise("read what s6-svscan says in the container's log").into())
}

/// An s6-svscan since 2.12 that gave up a scan never starts what it first saw in it. Out of its sight and back again
/// makes it forget, and see a new service.
fn heal(writer: &Writer, slot: &Utf8Path, deadline: Deadline) -> Result<()> {
    let aside = writer.back_room("aside");
    let s6 = writer.scandir.s6();
    rename_new(slot, &aside).at("move aside", slot)?;
    let scanned = writer.scanner.scan(s6, true, deadline);
    rename_new(&aside, slot).at("move back", slot)?;
    scanned?;
    writer.scanner.rescan(s6, false, deadline)
}
