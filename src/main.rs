//! The command line of `hermes-s6gen`.

use std::process::ExitCode;

use clap::Parser;
use hermes_s6gen::cli::Cli;
use hermes_s6gen::{commands, error};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::execute(&cli) {
        Ok(exit) => exit.into(),
        Err(error) if error::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            error::report(&error);
            error::exit_of(&error).into()
        }
    }
}
