//! `review`

use std::io::{BufRead, IsTerminal, stdin, stdout};

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};

use super::render::{committed, rendering};
use crate::cli;
use crate::error::{At, Fault};
use crate::exit::Exit;
use crate::output::{drifts, print};
use crate::publish::accept;
use crate::settings::Settings;
use crate::tree::Tree;

/// What a person says to one drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Accept,
    Reject,
    Skip,
    Quit,
}

/// Exit code 0 when nothing differs any more.
pub(super) fn review(settings: &Settings, args: &cli::Review) -> Result<Exit> {
    let (wanted, exit) = rendering(settings, &args.rendering)?;
    let mut drifts = drifts(&committed(&args.dir, &args.rendering)?, &wanted);
    for path in &args.accept {
        let Some(index) = drifts.iter().position(|(drifted, _)| drifted == path) else {
            return Err(Fault::failed(format!("accept {path}: does not differ")).into());
        };
        accept(&args.dir, path, wanted.get(path))?;
        print(&format!("accepted {path}\n"))?;
        drifts.remove(index);
    }
    if drifts.is_empty() {
        return Ok(exit);
    }
    let left = if stdin().is_terminal() && stdout().is_terminal() {
        walk(&args.dir, &wanted, &drifts)?
    } else {
        commands(args, &drifts)?;
        drifts.len()
    };
    Ok(if left == 0 { exit } else { Exit::No })
}

/// Asks for each; says how many still differ.
fn walk(dir: &Utf8Path, wanted: &Tree, drifts: &[(Utf8PathBuf, String)]) -> Result<usize> {
    let mut left = drifts.len();
    for (index, (path, text)) in drifts.iter().enumerate() {
        print(&format!("{text}\n"))?;
        match ask(&format!("{path} ({} of {}): accept, reject, skip or quit? ", index + 1, drifts.len()))? {
            Answer::Accept => {
                accept(dir, path, wanted.get(path))?;
                left -= 1;
            }
            Answer::Reject => print(&format!("{path} stays; what it is rendered from has to change\n"))?,
            Answer::Skip => {}
            Answer::Quit => break,
        }
    }
    Ok(left)
}

fn ask(question: &str) -> Result<Answer> {
    loop {
        print(question)?;
        std::io::Write::flush(&mut stdout()).at("write", "standard output")?;
        let mut line = String::new();
        if stdin().lock().read_line(&mut line).at("read", "standard input")? == 0 {
            return Ok(Answer::Quit);
        }
        match line.trim() {
            "a" | "accept" => return Ok(Answer::Accept),
            "r" | "reject" => return Ok(Answer::Reject),
            "s" | "skip" | "" => return Ok(Answer::Skip),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => {}
        }
    }
}

/// What to run instead, where nobody can be asked.
fn commands(args: &cli::Review, drifts: &[(Utf8PathBuf, String)]) -> Result<()> {
    let quoted = |path: &Utf8Path| shell_escape::unix::escape(path.as_str().into()).into_owned();
    let dir = quoted(&args.dir);
    print("# These differ. To see how: hermes-s6gen render --check, with the same options. To accept one:\n")?;
    let line = |path: &Utf8Path| format!("hermes-s6gen review --dir {dir} --accept {}\n", quoted(path));
    drifts.iter().try_for_each(|(path, _)| print(&line(path)))
}
