//! `reconcile`

use std::collections::BTreeMap;

use anyhow::Result;

use super::lifecycle;
use crate::boot::{Autostart, Done, Fate, Plan, Reconciler, Role, Selection, append, container_command};
use crate::cli::{self, Format};
use crate::error::{At, report};
use crate::exit::Exit;
use crate::output::{PlanReport, PlanRow, print, print_json};
use crate::profile::ProfileName;
use crate::settings::Settings;

pub(super) fn reconcile(settings: &Settings, args: &cli::Reconcile) -> Result<Exit> {
    let (selection, faults) = selection(args);
    faults.iter().for_each(report);
    if selection.skips_everything() {
        print("reconcile: skipping (dashboard container: does not need gateways of its own)\n")?;
        return Ok(Exit::Done);
    }
    let lifecycle = lifecycle(settings, args.grace, args.timeout, &args.scripts)?;
    let reconciler =
        Reconciler { lifecycle: &lifecycle, selection, stagger: args.stagger, restart_changed: args.restart_changed };
    let plan = reconciler.plan()?;
    plan.warnings.iter().for_each(|warning| anstream::eprintln!("hermes-s6gen: {warning}"));
    let Plan { steps, fates, mut troubles, .. } = plan;
    let rows: Vec<_> = if args.dry_run {
        steps.iter().map(|step| PlanRow::new(step, fates.get(&step.profile), None, false)).collect()
    } else {
        let done = reconciler.carry_out(steps, &fates, &mut troubles)?;
        done.into_iter().map(|done| row(done, &fates, args.restart_changed)).collect()
    };
    troubles.iter().for_each(report);
    if !args.dry_run {
        let entries: Vec<_> = rows.iter().map(PlanRow::entry).collect();
        let default = ProfileName::default_profile();
        let logged = lifecycle.home.in_profile(&default, |home| append(home, &entries));
        // The slots are what counts; standard output has the same lines.
        let _ = logged.inspect_err(report);
    }
    let exit = verdict(&rows, troubles.len() + faults.len());
    match args.format {
        Format::Text => print(&rows.iter().map(PlanRow::line).collect::<String>())?,
        Format::Json => print_json(&PlanReport::new(args.dry_run, rows, &troubles))?,
    }
    Ok(exit)
}

fn verdict(rows: &[PlanRow], troubles: usize) -> Exit {
    match rows.iter().filter(|row| row.failed()).count() {
        0 if troubles == 0 => Exit::Done,
        failed if failed > 0 && failed == rows.len() => Exit::Failed,
        _ => Exit::No,
    }
}

/// The row of what came of a step; what went wrong is told.
fn row(done: Done, fates: &BTreeMap<ProfileName, Fate>, renewed: bool) -> PlanRow {
    let Done { step, result } = done;
    let error = result.at("reconcile", &step.profile).inspect_err(report).err();
    PlanRow::new(&step, fates.get(&step.profile), error.as_ref(), renewed)
}

/// Which gateways this container starts, and what of the setting makes no sense.
fn selection(args: &cli::Reconcile) -> (Selection, Vec<anyhow::Error>) {
    let (autostart, faults) = Autostart::parse(&args.autostart);
    let role = Role::of(container_command(&args.proc).as_deref());
    let unsupervised = matches!(args.no_supervise.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes");
    let faults = faults.into_iter().map(|fault| anyhow::Error::new(fault).context("read HERMES_GATEWAY_AUTOSTART"));
    (Selection::new(autostart, role, unsupervised), faults.collect())
}
