//! What it takes to get from the slots that are there to those that are wanted.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use crate::layout;
use crate::manifest::{Entry, Manifest};
use crate::profile::ProfileName;
use crate::tree::{Node, Tree};

/// A slot as it is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose.
    pub profile: ProfileName,
    /// What is rendered.
    pub tree: Tree,
    /// Whether its gateway is to be up, where that is to be brought about in a slot that lives already.
    pub up: Option<bool>,
}

/// A slot as it is.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are facts, each on its own")]
pub struct Found {
    /// What it holds beside state.
    pub tree: Tree,
    /// Whether it has no `down` file.
    pub normally_up: bool,
    /// Whether its supervisor wants it up now, or would if the gateway had not failed for good.
    pub wanted_up: bool,
    /// Whether a gateway of it runs, be it one that no supervisor knows of.
    pub runs: bool,
    /// Whether it lives: its registration was finished, and service and logger are supervised.
    pub lives: bool,
}

/// What has to be done to one slot.
#[derive(Clone, Debug)]
pub struct Step {
    /// Whose.
    pub profile: ProfileName,
    /// What.
    pub action: Action,
    /// Whether its gateway has to be brought up, or down, afterwards.
    pub turn: Option<bool>,
}

/// What has to be done to the files of one slot.
#[derive(Clone, Debug)]
pub enum Action {
    /// Publish it. With `true` what is left of an earlier one has to go first: nothing supervises it.
    Create(Tree, bool),
    /// Change single files: its supervisor knows the directory itself.
    Update(Changes),
    /// Nothing.
    Keep,
    /// Remove it.
    Remove,
}

/// The files of a live slot that have to change.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The whole slot as it is to be.
    pub tree: Tree,
    /// What differs.
    pub write: Vec<Utf8PathBuf>,
    /// What an earlier rendering had and this one has not.
    pub remove: Vec<Utf8PathBuf>,
}

/// A process of a slot that still runs what it was started with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outdated {
    /// The gateway.
    Gateway,
    /// Its logger.
    Logger,
}

impl Outdated {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Logger => "logger",
        }
    }
}

/// The steps from `found` to `wanted`, in the order of `wanted`, then the removal of what is `gone`.
#[must_use]
pub fn plan(wanted: Vec<Wanted>, found: &BTreeMap<ProfileName, Found>, gone: Vec<ProfileName>) -> Vec<Step> {
    let removal = |profile| Step { profile, action: Action::Remove, turn: None };
    wanted.into_iter().map(|wanted| step(wanted, found)).chain(gone.into_iter().map(removal)).collect()
}

fn step(wanted: Wanted, found: &BTreeMap<ProfileName, Found>) -> Step {
    let found = found.get(&wanted.profile);
    let Some(live) = found.filter(|found| found.lives) else {
        return Step { profile: wanted.profile, action: Action::Create(wanted.tree, found.is_some()), turn: None };
    };
    // A drain, or an operator with s6-svc, leaves the two apart.
    let differs = |up: &bool| *up != live.normally_up || *up != live.wanted_up || (live.runs && !up);
    let turn = wanted.up.filter(differs);
    let changes = changes(&live.tree, wanted.tree);
    let same = changes.write.is_empty() && changes.remove.is_empty();
    Step { profile: wanted.profile, action: if same { Action::Keep } else { Action::Update(changes) }, turn }
}

fn changes(old: &Tree, new: Tree) -> Changes {
    let differs = |path: &Utf8Path, node: &Node| {
        old.get(path).is_none_or(|found| (found.mode, &found.content) != (node.mode, &node.content))
    };
    let rendered =
        |(path, node): (&Utf8Path, &Node)| (!layout::is_state(path) && differs(path, node)).then(|| path.to_owned());
    let write = new.iter().filter_map(rendered).collect();
    // Only what an earlier rendering recorded is ours to remove; an operator may have added a timeout-kill.
    let manifest =
        old.get(Utf8Path::new(Manifest::FILE)).and_then(|node| Manifest::parse(node.content.as_deref()?).ok());
    let recorded = manifest.iter().flat_map(Manifest::entries).map(Entry::path);
    let stale = |path: &&Utf8Path| new.get(path).is_none() && old.get(path).is_some_and(|node| node.content.is_some());
    let remove = recorded.filter(stale).map(Utf8Path::to_owned).collect();
    Changes { write, remove, tree: new }
}

impl Changes {
    /// What has read the changed files already and would not read them again.
    #[must_use]
    pub fn outdates(&self) -> Vec<Outdated> {
        let touched = |path: &str| self.write.iter().chain(&self.remove).any(|changed| changed.starts_with(path));
        let gateway = touched("run") || touched(layout::ENVIRONMENT);
        let logger = touched("log/run");
        [(gateway, Outdated::Gateway), (logger, Outdated::Logger)]
            .into_iter()
            .filter_map(|(outdated, what)| outdated.then_some(what))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Group;

    fn name(name: &str) -> ProfileName {
        ProfileName::parse(name.as_ref()).unwrap()
    }

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.file(*path, 0o644, Group::Owner, *text);
        }
        let manifest = serde_json::to_vec(&Manifest::of(&tree)).unwrap();
        tree.file(Manifest::FILE, 0o644, Group::Owner, manifest);
        tree
    }

    fn steps(up: Option<bool>, new: Tree, old: Option<(Tree, bool, bool)>) -> Step {
        let found = old.map(|(tree, normally_up, lives)| {
            (name("coder"), Found { tree, normally_up, wanted_up: normally_up, runs: normally_up, lives })
        });
        plan(vec![Wanted { profile: name("coder"), tree: new, up }], &found.into_iter().collect(), Vec::new()).remove(0)
    }

    #[test]
    fn equal_content_is_kept() {
        let step = steps(Some(true), tree(&[("run", "a")]), Some((tree(&[("run", "a")]), true, true)));
        assert!(matches!(step, Step { action: Action::Keep, turn: None, .. }));
    }

    #[test]
    fn what_does_not_live_is_made_anew() {
        assert!(matches!(steps(None, tree(&[]), None).action, Action::Create(_, false)));
        let step = steps(Some(true), tree(&[]), Some((tree(&[]), false, false)));
        assert!(matches!(step, Step { action: Action::Create(_, true), turn: None, .. }));
    }

    #[test]
    fn only_what_differs_changes() {
        let old = tree(&[("run", "a"), ("finish", "f"), ("data/old", "")]);
        let mut with_own = old.clone();
        with_own.file("timeout-kill", 0o644, Group::Owner, "5000\n");
        let step = steps(None, tree(&[("run", "b"), ("finish", "f")]), Some((with_own, true, true)));
        let Action::Update(changes) = step.action else { panic!("{step:?}") };
        assert_eq!(changes.write, ["data/manifest.json", "run"]);
        assert_eq!(changes.remove, ["data/old"]);
        assert_eq!(changes.outdates(), [Outdated::Gateway]);
    }

    #[test]
    fn a_live_slot_is_turned_only_where_that_is_firm() {
        let turn = |up, normally_up| steps(up, tree(&[]), Some((tree(&[]), normally_up, true))).turn;
        assert_eq!(turn(Some(true), false), Some(true));
        assert_eq!(turn(Some(false), true), Some(false));
        assert_eq!(turn(Some(true), true), None);
        assert_eq!(turn(None, true), None);
    }

    #[test]
    fn what_is_gone_is_removed_last() {
        let wanted = Wanted { profile: name("writer"), tree: tree(&[]), up: None };
        let steps = plan(vec![wanted], &BTreeMap::new(), vec![name("coder")]);
        assert!(matches!(steps[1].action, Action::Remove));
    }
}
