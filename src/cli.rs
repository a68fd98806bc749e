//! The command line, as types.

use std::ffi::OsString;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Arg, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::examples::with_examples;
use crate::lint::Severity;
use crate::policy::Policy;

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

/// The roots that everything works on.
#[derive(Args, Debug)]
#[command(next_help_heading = "Places")]
pub struct Places {
    /// The Hermes home on the volume [default: /opt/data]
    #[arg(long, global = true, env = "HERMES_HOME", value_name = "DIR", hide_env_values = true)]
    pub home: Option<Utf8PathBuf>,
    /// The scan directory of s6-svscan [default: /run/service]
    #[arg(long, global = true, env = "S6_PROFILE_GATEWAY_SCANDIR", value_name = "DIR", hide_env_values = true)]
    pub scandir: Option<Utf8PathBuf>,
    /// Where the s6 programs are [default: /command]
    #[arg(long, global = true, env = "HERMES_S6_BIN_DIR", value_name = "DIR", hide_env_values = true)]
    pub s6_bin: Option<Utf8PathBuf>,
    /// The user that gateways run as [default: hermes]
    #[arg(long, global = true, env = "HERMES_USER", value_name = "NAME", hide_env_values = true)]
    pub user: Option<String>,
    /// The socket of the broker, which changes the scan directory for who may not [default:
    /// /run/hermes-s6gen/registrar]
    #[arg(long, global = true, env = "HERMES_S6GEN_BROKER", value_name = "SOCKET", hide_env_values = true)]
    pub broker: Option<Utf8PathBuf>,
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
    /// Print the API server port of profiles
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

/// What is rendered.
#[derive(Args, Debug)]
pub struct Rendering {
    /// Profiles to render; every profile of the home when none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<OsString>,
    /// Render as not wanted up, with a `down` file
    #[arg(long)]
    pub down: bool,
    /// What the gateways' environment has beside the container's.
    #[command(flatten)]
    pub extra: Extra,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `render`
#[derive(Args, Debug)]
pub struct Render {
    /// What is rendered.
    #[command(flatten)]
    pub rendering: Rendering,
    /// Write the tree to DIR, staged beside it and renamed; an earlier rendering there is replaced
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub out: Option<Utf8PathBuf>,
    /// Compare with the tree in DIR; print a unified diff and exit 1 when they differ
    #[arg(long, value_name = "DIR")]
    pub check: Option<Utf8PathBuf>,
}

/// `review`
#[derive(Args, Debug)]
pub struct Review {
    /// The committed tree
    #[arg(long, value_name = "DIR")]
    pub dir: Utf8PathBuf,
    /// Accept the drift of this file without asking, by its path in DIR; repeatable
    #[arg(long, value_name = "PATH")]
    pub accept: Vec<Utf8PathBuf>,
    /// What is rendered.
    #[command(flatten)]
    pub rendering: Rendering,
}

/// `lint`
#[derive(Args, Debug)]
pub struct Lint {
    /// What to lint; the built-in templates, rendered with hostile values, when nothing is named
    #[arg(value_name = "PATH")]
    pub paths: Vec<Utf8PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub format: LintFormat,
    /// The least severity that counts
    #[arg(long, value_enum, default_value_t = Severity::Info)]
    pub severity: Severity,
    /// Tell what a rule means instead, or `all` of them
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    pub explain: Option<String>,
}

/// `compile`
#[derive(Args, Debug)]
pub struct Compile {
    /// The root directory of the image
    #[arg(long, value_name = "DIR")]
    pub root: Utf8PathBuf,
    /// Write nothing: print a unified diff of what would change, and exit 1 when something would
    #[arg(long)]
    pub check: bool,
    /// Where this program is in the image
    #[arg(long, value_name = "FILE", default_value = "/usr/local/bin/hermes-s6gen")]
    pub program: Utf8PathBuf,
    /// Where Hermes itself is in the image
    #[arg(long, value_name = "FILE", default_value = "/opt/hermes/.venv/bin/hermes")]
    pub hermes: Utf8PathBuf,
}

/// `verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// The root directory of the image
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: Utf8PathBuf,
}

/// Extra environment.
#[derive(Args, Debug)]
pub struct Extra {
    /// Extra environment for the gateway, applied after the privilege drop; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<OsString>,
    /// Read extra environment from FILE, lines of NAME=VALUE taken as they are
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<Utf8PathBuf>,
}

/// What the rendered scripts do.
#[derive(Args, Debug)]
#[command(next_help_heading = "Scripts")]
pub struct Scripts {
    /// Where this program is on the machine that runs the scripts
    #[arg(
        long,
        env = "HERMES_S6GEN_PROGRAM",
        value_name = "FILE",
        default_value = "/usr/local/bin/hermes-s6gen",
        hide_env_values = true
    )]
    pub program: Utf8PathBuf,
    /// How many rotated log files a gateway keeps
    #[arg(long, env = "HERMES_GATEWAY_LOG_FILES", value_name = "COUNT", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=10_000), hide_env_values = true)]
    pub log_files: u32,
    /// The size in bytes at which a gateway's log is rotated
    #[arg(long, env = "HERMES_GATEWAY_LOG_SIZE", value_name = "BYTES", default_value_t = 1_000_000,
          value_parser = clap::value_parser!(u32).range(4096..=268_435_455), hide_env_values = true)]
    pub log_size: u32,
    /// Seconds until a gateway is started again after its first death; doubled with each further one
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_FIRST", value_name = "SECONDS", default_value_t = Policy::default().first,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_first: u32,
    /// The most seconds to wait between two tries
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_MOST", value_name = "SECONDS", default_value_t = Policy::default().most,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_most: u32,
    /// A run of that many seconds is healthy: earlier deaths are forgotten
    #[arg(long, env = "HERMES_GATEWAY_BACKOFF_HEALTHY", value_name = "SECONDS", default_value_t = Policy::default().healthy,
          value_parser = clap::value_parser!(u32).range(1..=86_400), hide_env_values = true)]
    pub backoff_healthy: u32,
    /// Give up after that many deaths within --cap-seconds; 0: never
    #[arg(long, env = "HERMES_GATEWAY_CAP_DEATHS", value_name = "COUNT", default_value_t = Policy::default().cap_deaths,
          value_parser = clap::value_parser!(u32).range(0..=100), hide_env_values = true)]
    pub cap_deaths: u32,
    /// The time that --cap-deaths looks back on
    #[arg(long, env = "HERMES_GATEWAY_CAP_SECONDS", value_name = "SECONDS", default_value_t = Policy::default().cap_seconds,
          value_parser = clap::value_parser!(u32).range(1..=604_800), hide_env_values = true)]
    pub cap_seconds: u32,
}

/// How long to wait.
#[derive(Args, Debug)]
pub struct Wait {
    /// How long to wait for the wanted state, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
}

/// `register`
#[derive(Args, Debug)]
pub struct Register {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
    /// Register it down: its gateway starts only when told to
    #[arg(long)]
    pub down: bool,
    /// What the gateway's environment has beside the container's.
    #[command(flatten)]
    pub extra: Extra,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `unregister`
#[derive(Args, Debug)]
pub struct Unregister {
    /// The profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<OsString>,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `reconcile`
#[derive(Args, Debug)]
pub struct Reconcile {
    /// Print what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Restart what runs files that have changed
    #[arg(long)]
    pub restart_changed: bool,
    /// Which of the gateways that are wanted this container starts: auto (as its command suggests), none, all, or names
    #[arg(
        long,
        env = "HERMES_GATEWAY_AUTOSTART",
        value_name = "WHICH",
        default_value = "auto",
        hide_env_values = true
    )]
    pub autostart: String,
    /// Whether the container's command is the gateway itself, whatever its options: 1, true or yes
    #[arg(long, env = "HERMES_GATEWAY_NO_SUPERVISE", value_name = "YES", default_value = "", hide = true)]
    pub no_supervise: String,
    /// Start gateways that many seconds apart, without holding up the boot
    #[arg(long, env = "HERMES_GATEWAY_STAGGER", value_name = "SECONDS", default_value = "0", value_parser = seconds,
          hide_env_values = true)]
    pub stagger: Duration,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Where the process file system is, which tells the container's command
    #[arg(long, value_name = "DIR", default_value = "/proc", hide = true)]
    pub proc: Utf8PathBuf,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long supervisors may take to come, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub timeout: Duration,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `drain`
#[derive(Args, Debug)]
pub struct Drain {
    /// How long gateways may take to end by themselves before they are killed.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `list`
#[derive(Args, Debug)]
pub struct List {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// `doctor`
#[derive(Args, Debug)]
pub struct Doctor {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How long to look, in seconds; of what has not answered by then nothing is known
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub timeout: Duration,
    /// Where the process file system is
    #[arg(long, value_name = "DIR", default_value = "/proc", hide = true)]
    pub proc: Utf8PathBuf,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `completions`
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `man`
#[derive(Args, Debug)]
pub struct Man {
    /// The directory, made where it is missing
    #[arg(value_name = "DIR")]
    pub directory: Utf8PathBuf,
}

/// `gateway`
#[derive(Debug, Subcommand)]
pub enum Gateway {
    /// Bring gateways up, and keep them up over container restarts
    Start(Change),
    /// Bring gateways down, and keep them down over container restarts
    Stop(Change),
    /// Bring gateways down and up again, from whatever state they are in
    Restart(Change),
    /// Tell what gateways do
    Status(Status),
    /// Show what gateways wrote
    Logs(Logs),
    /// Explain how gateways are installed where s6 runs them
    Install,
    /// Explain how gateways are uninstalled where s6 runs them
    Uninstall,
}

/// Which gateways.
#[derive(Args, Debug)]
pub struct Which {
    /// The profile; repeatable [default: the active one]
    #[arg(short, long = "profile", value_name = "NAME")]
    pub profiles: Vec<OsString>,
    /// Every gateway
    #[arg(long, conflicts_with = "profiles")]
    pub all: bool,
}

/// `gateway start`, `stop` and `restart`
#[derive(Args, Debug)]
pub struct Change {
    /// Which gateways.
    #[command(flatten)]
    pub which: Which,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long a started gateway has to stay up to count as started, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub settle: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `gateway status`
#[derive(Args, Debug)]
pub struct Status {
    /// Which gateways.
    #[command(flatten)]
    pub which: Which,
    /// Exit 0 only when every wanted gateway is up
    #[arg(long)]
    pub check: bool,
    /// Refresh in place until interrupted
    #[arg(long, conflicts_with = "check")]
    pub watch: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
}

/// `gateway logs`
#[derive(Args, Debug)]
pub struct Logs {
    /// The profile [default: the active one]
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<OsString>,
    /// How many lines to show, across rotated files [default: 100, or with --since all of them]
    #[arg(short = 'n', long, value_name = "COUNT")]
    pub lines: Option<usize>,
    /// Go on with what is written from now on, over rotations
    #[arg(short, long)]
    pub follow: bool,
    /// Only lines since then: a span such as 10m or 2h, or a time such as 2026-11-23 or "2026-11-23 08:00"
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
}

/// `profile`
#[derive(Debug, Subcommand)]
pub enum Profile {
    /// A profile was created, installed, imported or cloned: register it, down
    Created(Hook),
    /// A profile is about to be deleted: record that it is stopped, stop it, remove its slot
    Deleted(Hook),
    /// A profile was renamed: move its slot and what was wanted of it
    Renamed(Renamed),
}

/// `profile created` and `deleted`
#[derive(Args, Debug)]
pub struct Hook {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
    /// How long a gateway may take to end by itself before it is killed, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub grace: Duration,
    /// How long to wait.
    #[command(flatten)]
    pub wait: Wait,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `profile renamed`
#[derive(Args, Debug)]
pub struct Renamed {
    /// Its name before
    #[arg(value_name = "OLD")]
    pub old: OsString,
    /// Its name now, and how to go about it.
    #[command(flatten)]
    pub new: Hook,
}

/// `backoff`
#[derive(Args, Debug)]
pub struct Backoff {
    /// The service directory
    #[arg(value_name = "SLOT")]
    pub slot: Utf8PathBuf,
    /// The program to become, and its arguments
    #[arg(value_name = "PROG", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub program: Vec<OsString>,
}

/// `finish`
#[derive(Args, Debug)]
pub struct Finish {
    /// The profile
    #[arg(value_name = "NAME")]
    pub name: OsString,
}

/// `prepare-home`
#[derive(Args, Debug)]
pub struct PrepareHome {
    /// The user id that the run user is to have
    #[arg(long, env = "HERMES_UID", value_name = "ID", hide_env_values = true)]
    pub uid: Option<String>,
    /// The group id that the run user is to have
    #[arg(long, env = "HERMES_GID", value_name = "ID", hide_env_values = true)]
    pub gid: Option<String>,
    /// The same as --uid, which wins
    #[arg(long, env = "PUID", value_name = "ID", hide_env_values = true)]
    pub puid: Option<String>,
    /// The same as --gid, which wins
    #[arg(long, env = "PGID", value_name = "ID", hide_env_values = true)]
    pub pgid: Option<String>,
}

/// `registrar`
#[derive(Args, Debug)]
pub struct Registrar {
    /// The request. The broker puts `--` before it, so that nothing in it is an option
    #[arg(value_name = "WORD", last = true)]
    pub request: Vec<OsString>,
    /// What the scripts do.
    #[command(flatten)]
    pub scripts: Scripts,
}

/// `port`
#[derive(Args, Debug)]
pub struct Port {
    /// The profiles
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<OsString>,
}

/// Shells that can be taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash, with the package bash-completion
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; the schema has a version
    Json,
}

/// Output formats of `lint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people
    Text,
    /// For programs; the schema has a version
    Json,
    /// For editors, as GCC's messages
    Gcc,
    /// For code scanning, SARIF 2.1.0
    Sarif,
}

/// A number of seconds, fractions allowed, at most a day: nothing here is worth waiting longer for.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "is not a number of seconds".to_owned())?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be from 0 to 86400 seconds".to_owned())
    }
}
