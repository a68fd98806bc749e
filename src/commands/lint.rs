//! `lint`

use anyhow::Result;

use crate::cli::{self, LintFormat};
use crate::error::{Fault, exit_of, report};
use crate::exit::Exit;
use crate::lint::{self, Finding, Rule};
use crate::output::{Findings, Sarif, finding_lines, gcc_lines, print, print_json};

pub(super) fn lint(args: &cli::Lint) -> Result<Exit> {
    if let Some(code) = &args.explain {
        print(&explain(code)?)?;
        return Ok(Exit::Done);
    }
    let (mut findings, mut exit) = findings(args)?;
    findings.retain(|finding| finding.rule.severity >= args.severity);
    match args.format {
        LintFormat::Text => print(&finding_lines(&findings))?,
        LintFormat::Gcc => print(&gcc_lines(&findings))?,
        LintFormat::Json => print_json(&Findings::of(&findings))?,
        LintFormat::Sarif => print_json(&Sarif::of(&findings))?,
    }
    if !findings.is_empty() {
        exit = exit.max(Exit::No);
    }
    Ok(exit)
}

fn explain(code: &str) -> Result<String> {
    if code == "all" {
        return Ok(lint::explain_all());
    }
    let fault =
        || Fault::failed(format!("explain {code:?}: there is no such rule")).advise("--explain all has them all");
    Ok(lint::explain(Rule::find(code).ok_or_else(fault)?))
}

/// A path that cannot be linted does not keep the others from being.
fn findings(args: &cli::Lint) -> Result<(Vec<Finding>, Exit)> {
    if args.paths.is_empty() {
        return Ok((lint::lint_built_in()?, Exit::Done));
    }
    let mut findings = Vec::new();
    let mut exit = Exit::Done;
    for path in &args.paths {
        match lint::lint(path) {
            Ok(found) => findings.extend(found),
            Err(error) => {
                report(&error);
                exit = exit.max(exit_of(&error));
            }
        }
    }
    Ok((findings, exit))
}
