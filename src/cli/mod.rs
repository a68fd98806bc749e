//! The command line, as types.

mod chain;
mod examples;
mod format;
mod gateway;
mod image;
mod lint;
mod places;
mod profile;
mod render;
mod scripts;
mod slots;
mod tell;
mod wait;

use std::ffi::OsString;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

use examples::with_examples;

pub use chain::{Backoff, Finish, Registrar};
pub use format::{Format, LintFormat};
pub use gateway::{Change, Gateway, Logs, Status, Which};
pub use image::{Compile, PrepareHome, Verify};
pub use lint::Lint;
pub use places::Places;
pub use profile::{Hook, Profile, Renamed};
pub use render::{Extra, Render, Rendering, Review};
pub use scripts::Scripts;
pub use slots::{Drain, List, Reconcile, Register, Unregister};
pub use tell::{Completions, Doctor, Man, Port, Shell};
pub use wait::Wait;

/// Hermes gateways as s6 services: render, publish, drive, inspect.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110, subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// Where things are.
    #[command(flatten)]
    pub places: Places,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

impl Cli {
    /// The clap tree, with examples.
    #[must_use]
    pub fn documented() -> Command {
        with_examples(Self::command(), "")
    }

    /// The command line of this process; ends it where that is wrong.
    #[must_use]
    pub fn of_process() -> Self {
        let matches = without_empty_variables(Self::command()).try_get_matches();
        let matches = matches.unwrap_or_else(|error| match error.kind() {
            // Nothing else shows the examples, or has to wait until they are in place.
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                without_empty_variables(Self::documented()).get_matches()
            }
            _ => error.exit(),
        });
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// Set but empty counts as not set: a secret that is provisioned later, or `-e NAME=` to switch something off.
fn without_empty_variables(command: Command) -> Command {
    let empty: Vec<_> = std::env::vars_os().filter(|(_, value)| value.is_empty()).map(|(name, _)| name).collect();
    if empty.is_empty() { command } else { without_variables(command, &empty) }
}

fn without_variables(command: Command, names: &[OsString]) -> Command {
    let is_named = |arg: &Arg| arg.get_env().is_some_and(|name| names.iter().any(|empty| empty == name));
    let arg = |arg: Arg| if is_named(&arg) { arg.env(Resettable::Reset) } else { arg };
    command.mut_args(arg).mut_subcommands(|verb| without_variables(verb, names))
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Render service directories: print them, write them, or compare them with a committed tree
    Render(Render),
    /// Walk through the files of a committed tree that differ from what is rendered, and accept or reject each
    Review(Review),
    /// Find mistakes in service directories, scan directories, images and s6-rc sources
    Lint(Lint),
    /// Write the static assets of the image: boot scripts, services, the broker's rules, the `hermes` front
    Compile(Compile),
    /// Name every asset of an image that is missing, extra or changed
    Verify(Verify),
    /// Publish a profile's gateway as a supervised slot
    Register(Register),
    /// Stop gateways and remove their slots
    Unregister(Unregister),
    /// Bring the slots in step with the profiles of the home, as every boot does
    Reconcile(Reconcile),
    /// Bring every gateway down for the container's end; what is wanted of them stays
    Drain(Drain),
    /// List the slots of the scan directory
    List(List),
    /// Print the API server port that goes with a profile's name
    Port(Port),
    /// Tell what is wrong with this container or host, and how to mend it
    Doctor(Doctor),
    /// Start, stop, restart and inspect gateways
    #[command(subcommand)]
    Gateway(Gateway),
    /// Keep slots in step with profiles: the hooks of `hermes profile`
    #[command(subcommand)]
    Profile(Profile),
    /// Wait out what the deaths of a service ask for, then become PROG (run scripts call this)
    Backoff(Backoff),
    /// Decide what a gateway's clean exit means (finish scripts call this)
    #[command(hide = true)]
    Finish(Finish),
    /// Make the home on the volume ready for the run user (the image calls this at every boot, as root)
    PrepareHome(PrepareHome),
    /// Do what the run user asks of root: one verb, one profile name (the broker calls this)
    #[command(hide = true)]
    Registrar(Registrar),
    /// Name the service manager of this machine: s6, windows, launchd, systemd or none
    Detect,
    /// Print the completions of a shell
    Completions(Completions),
    /// Write the manual pages, one for each verb, to a directory
    Man(Man),
}
