//! `env/`, which run scripts give to s6-envdir.

use super::finding::Findings;
use super::rule::{Rule, Severity};
use super::service::Service;
use super::snapshot::Kind;

pub(super) static NAME: Rule = Rule {
    code: "HS063",
    title: "a file in env that is no variable",
    severity: Severity::Warning,
    why: "s6-envdir makes a variable of nearly every file: an editor's back-up becomes one too, old secret included.",
    page: "s6-envdir",
    mend: "Remove it; variables are [A-Za-z_][A-Za-z0-9_]*.",
};

pub(super) static UNSETS: Rule = Rule {
    code: "HS064",
    title: "an empty file in env",
    severity: Severity::Info,
    why: "s6-envdir takes it as an order to unset the variable, not to set it to nothing.",
    page: "s6-envdir",
    mend: "Write a single newline to set it to nothing.",
};

pub(super) fn check(service: &Service, findings: &mut Findings) {
    if !service.is_gateway() {
        return;
    }
    for (name, node) in service.tree.within("env") {
        let starts = |char: char| char.is_ascii_alphabetic() || char == '_';
        let is_name = name.starts_with(starts) && name.chars().all(|char| starts(char) || char.is_ascii_digit());
        let path = format!("env/{name}");
        match &node.kind {
            Kind::File(_) | Kind::Directory if !is_name => findings.add(&NAME, path, "is not the name of a variable"),
            Kind::File(file) if file.size == 0 => findings.add(&UNSETS, path, "is empty and unsets the variable"),
            _ => {}
        }
    }
}
