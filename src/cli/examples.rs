//! What every `--help` and man page shows in the end.

use std::fmt::Write;

use clap::Command;

/// Verbs, and command lines with what they are for.
const EXAMPLES: [(&str, &[(&str, &str)]); 30] = [
    (
        "",
        &[
            ("hermes-s6gen gateway status --all", "what all gateways do"),
            ("hermes-s6gen doctor", "what is wrong with this container"),
            ("hermes-s6gen help gateway restart", "all about one verb"),
        ],
    ),
    (
        "render",
        &[
            ("hermes-s6gen render coder", "read what would be published"),
            ("hermes-s6gen render --out slots", "write the slots of every profile"),
            ("hermes-s6gen render --check slots", "fail when they are not what is rendered now"),
        ],
    ),
    (
        "register",
        &[
            ("hermes-s6gen register coder", "and its gateway starts"),
            ("hermes-s6gen register coder --down --env HTTPS_PROXY=http://proxy:3128", "later, and through a proxy"),
        ],
    ),
    (
        "review",
        &[
            ("hermes-s6gen review --dir slots", "file by file, on a terminal"),
            ("hermes-s6gen review --dir slots --accept gateway-coder/run", "one without being asked"),
        ],
    ),
    (
        "lint",
        &[
            ("hermes-s6gen lint /run/service", "every slot of a scan directory"),
            ("hermes-s6gen lint --format sarif .", "for code scanning"),
            ("hermes-s6gen lint --explain HS046", "what a rule means, and how to mend it"),
        ],
    ),
    (
        "compile",
        &[
            ("hermes-s6gen compile --root /", "in a Dockerfile"),
            ("hermes-s6gen compile --root image --check", "fail when an image is not what is compiled now"),
        ],
    ),
    ("verify", &[("hermes-s6gen verify", "whether this container's scripts are the image's")]),
    ("prepare-home", &[("hermes-s6gen prepare-home", "what every boot does to the volume")]),
    ("unregister", &[("hermes-s6gen unregister coder writer", "no process of theirs is left")]),
    (
        "reconcile",
        &[
            ("hermes-s6gen reconcile --dry-run", "what a boot would do"),
            ("hermes-s6gen reconcile --restart-changed", "after an update of this program"),
            ("hermes-s6gen reconcile --autostart coder,writer", "only these two start"),
        ],
    ),
    ("drain", &[("hermes-s6gen drain --timeout 20", "before the container ends")]),
    ("list", &[("hermes-s6gen list --format json", "for programs")]),
    ("port", &[("hermes-s6gen port coder", "the number alone, for scripts")]),
    (
        "doctor",
        &[
            ("hermes-s6gen doctor", "trouble first, and how to mend it"),
            ("hermes-s6gen doctor --format json", "for a monitor; exit code 1 is trouble"),
        ],
    ),
    ("detect", &[("hermes-s6gen detect", "one word")]),
    (
        "backoff",
        &[(
            "hermes-s6gen backoff /run/service/gateway-coder hermes -p coder gateway run",
            "what its run script ends in",
        )],
    ),
    (
        "completions",
        &[
            ("hermes-s6gen completions bash > /etc/bash_completion.d/hermes-s6gen", "for everybody's bash"),
            ("hermes-s6gen completions fish > ~/.config/fish/completions/hermes-s6gen.fish", "for your fish"),
        ],
    ),
    ("man", &[("hermes-s6gen man /usr/local/share/man/man1", "then: man hermes-s6gen-gateway-start")]),
    ("gateway", &[("hermes-s6gen gateway status --all", "what all gateways do")]),
    (
        "gateway start",
        &[
            ("hermes-s6gen gateway start -p coder -p writer", "they also come up after the next boot"),
            ("hermes-s6gen gateway start", "the active profile's"),
        ],
    ),
    ("gateway stop", &[("hermes-s6gen gateway stop -p coder --grace 60", "a minute to finish its work")]),
    ("gateway restart", &[("hermes-s6gen gateway restart --all", "from whatever state they are in")]),
    (
        "gateway status",
        &[
            ("hermes-s6gen gateway status --all --watch", "until Ctrl-C"),
            ("hermes-s6gen gateway status --check", "a health check for the container"),
        ],
    ),
    (
        "gateway logs",
        &[
            ("hermes-s6gen gateway logs -p coder -f", "go on with what comes"),
            ("hermes-s6gen gateway logs -p coder --since 2h", "the last two hours"),
        ],
    ),
    ("gateway install", &[("hermes-s6gen gateway install", "what there is to do, which is nothing under s6")]),
    ("gateway uninstall", &[("hermes-s6gen gateway uninstall", "the same for taking it away")]),
    ("profile", &[("hermes-s6gen profile created coder", "what `hermes profile create` calls")]),
    ("profile created", &[("hermes-s6gen profile created coder", "its gateway waits to be started")]),
    ("profile deleted", &[("hermes-s6gen profile deleted coder", "before its directory goes")]),
    ("profile renamed", &[("hermes-s6gen profile renamed coder builder", "the slot follows")]),
];

/// `command` with the examples of `path`, and the same for its verbs.
pub(super) fn with_examples(command: Command, path: &str) -> Command {
    let examples = EXAMPLES.iter().find(|(verb, _)| *verb == path).map_or(&[][..], |(_, examples)| examples);
    let command = if examples.is_empty() { command } else { command.after_long_help(text(examples)) };
    command.mut_subcommands(|verb| {
        let path = format!("{path} {}", verb.get_name());
        with_examples(verb, path.trim_start())
    })
}

fn text(examples: &[(&str, &str)]) -> String {
    let mut text = String::from("Examples:");
    for (line, what) in examples {
        // Writing to a String does not fail.
        let _ = write!(text, "\n  {line}\n      {what}");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::Cli;

    fn every(command: &Command, path: &str, each: &mut impl FnMut(&Command, &str)) {
        each(command, path);
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            every(verb, format!("{path} {}", verb.get_name()).trim_start(), each);
        }
    }

    #[test]
    fn every_verb_has_one_and_no_other_has() {
        let mut verbs = Vec::new();
        every(&Cli::command(), "", &mut |_, path| verbs.push(path.to_owned()));
        let known: Vec<_> = EXAMPLES.iter().map(|(verb, _)| (*verb).to_owned()).collect();
        let missing: Vec<_> = verbs.iter().filter(|verb| !known.contains(verb)).collect();
        let unknown: Vec<_> = known.iter().filter(|verb| !verbs.contains(verb)).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{missing:?} {unknown:?}");
    }

    #[test]
    fn every_example_is_understood() {
        for (verb, line) in EXAMPLES.iter().flat_map(|(verb, all)| all.iter().map(move |(line, _)| (verb, line))) {
            let words: Vec<_> = line.split(" > ").next().unwrap().split(' ').collect();
            assert!(line.starts_with(format!("hermes-s6gen {verb}").trim_end()), "{line}");
            if words[1] != "help" {
                assert!(Cli::try_parse_from(&words).is_ok(), "{line}");
            }
        }
    }
}
