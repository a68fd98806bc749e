//! What a gateway's script does as root, and where that ends.

use super::Script;
use crate::lint::shell::{Command, Word};

/// Programs that give up root's rights.
const DROPS: [&str; 8] =
    ["s6-setuidgid", "s6-applyuidgid", "setuidgid", "setpriv", "su-exec", "gosu", "chpst", "runuser"];

/// The commands of one script, cut where root's part ends.
pub(super) struct Passes<'a> {
    /// What root runs; up to the first `exec` where no drop is certain, as that alone is the finding then.
    pub(super) root: &'a [Command],
    /// Why no drop is certain, and on which line.
    pub(super) doubt: Option<(u32, String)>,
}

impl<'a> Passes<'a> {
    pub(super) fn of(script: &'a Script) -> Self {
        let commands = &*script.commands;
        let last = commands.last().map_or(1, |command| command.line);
        let first = commands.iter().position(Command::is_exec).map_or(commands.len(), |at| at + 1);
        let doubt = |line: u32, why: &str| Self { root: &commands[..first], doubt: Some((line, why.to_owned())) };
        let Some(at) = commands.iter().position(|command| drop_word(command).is_some()) else {
            if script.is_finish() && !reaches_out(commands) {
                return Self { root: commands, doubt: None };
            }
            return doubt(last, "root is never given up");
        };
        let dropping = &commands[at];
        if let Some(why) = wrong_user(dropping) {
            return doubt(dropping.line, why);
        }
        if let Some(why) = wrong_condition(commands, dropping) {
            return doubt(dropping.line, why);
        }
        let is_stored = dropping.name() == "set";
        let is_set_before = commands[..at].iter().any(|command| command.name() == "set");
        if is_stored && is_set_before && !dropping.words.iter().any(Word::is_all_arguments) {
            return doubt(dropping.line, "the drop loses what was set before it");
        }
        let end = if is_stored {
            let runs = |command: &Command| {
                let first = command.program().iter().find(|word| word.is_all_arguments());
                first.is_some() && command.name() != "set" && (command.is_exec() || script.is_finish())
            };
            let Some(end) = commands[at + 1..].iter().position(runs).map(|end| at + 1 + end) else {
                return doubt(dropping.line, "the drop is set and never run");
            };
            end
        } else if dropping.is_exec() || script.is_finish() {
            at
        } else {
            return doubt(dropping.line, "the drop is not the script's own: root goes on after it");
        };
        if is_stored
            && !script.is_finish()
            && let Some(why) = wrong_guard(commands, end)
        {
            return doubt(commands[end].line, why);
        }
        let root = if script.is_finish() { commands } else { &commands[..=end] };
        Self { root, doubt: None }
    }
}

/// The word of `command` that gives up root's rights.
pub(super) fn drop_word(command: &Command) -> Option<usize> {
    if !matches!(command.name(), "exec" | "set") && command.program().first().is_none_or(|word| !is_drop(word)) {
        return None;
    }
    command.words.iter().position(is_drop)
}

fn is_drop(word: &Word) -> bool {
    DROPS.contains(&word.base())
}

/// A finish script that only looks at its arguments needs nobody else's rights.
fn reaches_out(commands: &[Command]) -> bool {
    let reaches = |word: &Word| matches!(word.base(), "with-contenv" | "hermes") || word.base().starts_with("hermes-");
    commands.iter().filter(|command| command.name() != "echo").any(|command| command.program().iter().any(reaches))
}

fn wrong_user(command: &Command) -> Option<&'static str> {
    let drop = drop_word(command)?;
    let Some(user) = command.words.get(drop + 1).filter(|user| !user.is_all_arguments()) else {
        return Some("the drop names no user");
    };
    matches!(&*user.text, "root" | "0" | "0:0" | ":0:0").then_some("the drop is to root")
}

/// A drop on condition has to happen for root.
fn wrong_condition(commands: &[Command], command: &Command) -> Option<&'static str> {
    let condition = commands.get(*command.conditions.last()?)?;
    let guards_pass = condition.words.iter().any(|word| word.text.starts_with("${1") || word.text.starts_with("$1"));
    if guards_pass {
        return None;
    }
    let asks = |word: &Word| {
        let runs_id = |inner: &str| inner.split_whitespace().next().is_some_and(|name| name.ends_with("id"));
        word.expansions.iter().any(|found| found.commands.as_ref().is_some_and(|(inner, _)| runs_id(inner)))
    };
    let says = |texts: &[&str]| condition.words.iter().any(|word| texts.contains(&&*word.text));
    let is_for_root = condition.words.iter().any(asks) && says(&["-eq", "=", "=="]) && says(&["0"]) && !says(&["!"]);
    (!is_for_root || condition.keyword == Some("!")).then_some("the condition of the drop does not hold for root")
}

/// A script that runs itself again has to know the second time from the first.
fn wrong_guard(commands: &[Command], end: usize) -> Option<&'static str> {
    let Some(condition) = commands[end].conditions.last().and_then(|at| commands.get(*at)) else {
        // Whatever is set is then no second pass of this script.
        return commands[end + 1..]
            .iter()
            .any(|command| !command.words.is_empty())
            .then_some("the drop is not on condition");
    };
    let Some(at) = condition.words.iter().position(|word| word.text == "!=") else {
        return Some("the first pass is not known by a missing argument");
    };
    let Some(known) = condition.words.get(at + 1) else { return Some("the first pass has nothing to be known by") };
    // Set before the guard it would hide the argument, and set for root alone nobody else would have it.
    let hands_over = |command: &Command| {
        let is_beside = command.conditions == commands[end].conditions;
        is_beside && command.name() == "set" && command.words.iter().any(|word| word.text == known.text)
    };
    if !commands[..=end].iter().any(hands_over) {
        return Some("the second pass does not get the argument that it is known by");
    }
    let runs_itself = |command: &Command| command.words.iter().any(|word| matches!(&*word.text, "./run" | "$0"));
    (!commands[..=end].iter().any(runs_itself)).then_some("there is no second pass: the script does not run itself")
}
