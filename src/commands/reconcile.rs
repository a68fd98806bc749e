//! `reconcile`

use anyhow::Result;

use super::lifecycle;
use crate::boot::{Autostart, Plan, Reconciler, Role, Selection, append, container_command};
use crate::cli::{self, Format};
use crate::error::report;
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
    let fates = plan.fates.clone();
    let (rows, troubles) = if args.dry_run {
        let rows = plan.steps.iter().map(|step| PlanRow::new(step, fates.get(&step.profile), None, false)).collect();
        (rows, plan.troubles)
    } else {
        act(&reconciler, plan)?
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
        Format::Text => rows.iter().try_for_each(|row| print(&row.line()))?,
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

/// Does what `plan` says. Gives what came of it, and what was wrong on the way.
fn act(reconciler: &Reconciler, plan: Plan) -> Result<(Vec<PlanRow>, Vec<anyhow::Error>)> {
    let fates = plan.fates.clone();
    let mut troubles = Vec::new();
    let (done, known) = reconciler.carry_out(plan)?;
    troubles.extend(known);
    let mut rows = Vec::new();
    for done in done {
        let error = done.result.err();
        let renewed = reconciler.restart_changed;
        rows.push(PlanRow::new(&done.step, fates.get(&done.step.profile), error.as_ref(), renewed));
        let named = |error: anyhow::Error| error.context(format!("reconcile {}", done.step.profile));
        error.map(named).iter().for_each(report);
    }
    Ok((rows, troubles))
}

/// Which gateways this container starts, and what of the setting makes no sense.
fn selection(args: &cli::Reconcile) -> (Selection, Vec<anyhow::Error>) {
    let (autostart, faults) = Autostart::parse(&args.autostart);
    let role = Role::of(container_command(&args.proc).as_deref());
    let unsupervised = matches!(args.no_supervise.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes");
    let faults = faults.into_iter().map(|fault| anyhow::Error::new(fault).context("read HERMES_GATEWAY_AUTOSTART"));
    (Selection::new(autostart, role, unsupervised), faults.collect())
}
