//! A simple command.

/// One simple command, or the end of a compound one.
#[derive(Clone, Debug, Default)]
pub(in crate::lint) struct Command {
    /// The line that it begins on, from 1.
    pub(in crate::lint) line: u32,
    /// Assignments, name and arguments; none at the end of a compound command.
    pub(in crate::lint) words: Vec<Word>,
    /// Operator and target.
    pub(in crate::lint) redirections: Vec<(String, Word)>,
    /// How many compound commands it is in.
    pub(in crate::lint) depth: usize,
    /// For each `if` that it is in the `then` part of, outermost first: which command of the script is the condition.
    pub(in crate::lint) conditions: Vec<usize>,
    /// The keyword that it follows: `if`, `while`, `case`, ...; or the one that ends a compound command.
    pub(in crate::lint) keyword: Option<&'static str>,
    /// The patterns of `case` that it is the first command for.
    pub(in crate::lint) patterns: Vec<String>,
    /// What comes after it.
    pub(in crate::lint) next: Next,
}

/// What comes after a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::lint) enum Next {
    /// The next one.
    #[default]
    Sequence,
    /// The next one, at the same time.
    Background,
    /// What reads its output.
    Pipe,
    /// Something that depends on its exit code.
    Logic,
}

/// One word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lint) struct Word {
    /// The line that it begins on.
    pub(in crate::lint) line: u32,
    /// Its text without quotes, expansions as they are written.
    pub(in crate::lint) text: String,
    /// Whether some of it is quoted.
    pub(in crate::lint) quoted: bool,
    /// What the shell puts into it.
    pub(in crate::lint) expansions: Vec<Expansion>,
}

/// One expansion in a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Expansion {
    /// As it is written, with its `$`.
    pub(in crate::lint) text: String,
    /// The commands of a command substitution, and the line that they begin on.
    pub(in crate::lint) commands: Option<(String, u32)>,
    /// Whether quotes keep its value one word.
    pub(in crate::lint) quoted: bool,
}

impl Word {
    /// Whether the shell takes it as it is.
    pub(in crate::lint) fn is_literal(&self) -> bool {
        self.expansions.is_empty()
    }

    /// The last part of it as a path.
    pub(in crate::lint) fn base(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it is all the positional parameters, as `"$@"`.
    pub(in crate::lint) fn is_all_arguments(&self) -> bool {
        matches!(&*self.text, "$@" | "${@}" | "$*")
    }

    /// The variable and the value, when it is an assignment.
    pub(in crate::lint) fn assignment(&self) -> Option<(&str, &str)> {
        let (name, value) = self.text.split_once('=')?;
        let mut bytes = name.bytes();
        let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        (bytes.next().is_some_and(starts) && bytes.all(|byte| starts(byte) || byte.is_ascii_digit()))
            .then_some((name, value))
    }
}

impl Command {
    /// The assignments before the name.
    pub(in crate::lint) fn assignments(&self) -> &[Word] {
        let count = self.words.iter().take_while(|word| word.assignment().is_some()).count();
        &self.words[..count]
    }

    /// Name and arguments.
    pub(in crate::lint) fn invocation(&self) -> &[Word] {
        &self.words[self.assignments().len()..]
    }

    /// The name as it is written; empty where there is none.
    pub(in crate::lint) fn name(&self) -> &str {
        self.invocation().first().map_or("", |word| &word.text)
    }

    /// The arguments.
    pub(in crate::lint) fn arguments(&self) -> &[Word] {
        self.invocation().get(1..).unwrap_or_default()
    }

    /// Whether the shell becomes another program here.
    pub(in crate::lint) fn is_exec(&self) -> bool {
        self.name() == "exec" && !self.program().is_empty()
    }

    /// The program that runs, and its arguments, behind `exec`, `command` and what `set --` stores.
    pub(in crate::lint) fn program(&self) -> &[Word] {
        let words = self.invocation();
        match self.name() {
            "exec" | "command" => {
                let skip = words.iter().skip(1).take_while(|word| word.text.starts_with('-')).count();
                words.get(1 + skip..).unwrap_or_default()
            }
            "set" => match words.iter().position(|word| word.text == "--") {
                Some(dashes) => &words[dashes + 1..],
                None => &[],
            },
            _ => words,
        }
    }
}
