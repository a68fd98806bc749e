//! The command line of `hermes-s6gen`.

use std::process::ExitCode;

use hermes_s6gen::cli::Cli;
use hermes_s6gen::{commands, error};
use rustix::fs::Mode;
use rustix::process::umask;

fn main() -> ExitCode {
    let cli = Cli::of_process();
    // Modes are set one by one where they matter; a caller's odd umask must not keep us out of our own directories.
    umask(Mode::from_raw_mode(0o022));
    match commands::execute(&cli) {
        Ok(exit) => exit.into(),
        Err(error) if error::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            error::report(&error);
            error::exit_of(&error).into()
        }
    }
}
