//! The command line of `hermes-s6gen`.

use std::process::ExitCode;

use hermes_s6gen::cli::Cli;
use hermes_s6gen::publish::UMASK;
use hermes_s6gen::{commands, error};
use rustix::fs::Mode;
use rustix::process::umask;

fn main() -> ExitCode {
    let cli = Cli::of_process();
    umask(Mode::from_raw_mode(UMASK));
    match commands::execute(&cli) {
        Ok(exit) => exit.into(),
        Err(error) if error::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            error::report(&error);
            error::exit_of(&error).into()
        }
    }
}
