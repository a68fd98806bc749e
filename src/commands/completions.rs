//! `completions`

use anyhow::Result;
use clap_complete::{Shell, generate};

use crate::cli::{self, Cli};
use crate::exit::Exit;
use crate::output::print;

pub(super) fn completions(shell: cli::Shell) -> Result<Exit> {
    let shell = match shell {
        cli::Shell::Bash => Shell::Bash,
        cli::Shell::Zsh => Shell::Zsh,
        cli::Shell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut Cli::documented(), "hermes-s6gen", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
