//! The script templates of the image and the fields they are filled with.

use askama::Template;
use camino::Utf8Path;

use super::RULES;
use super::image::{FRONT, Image, WRAPPER};

/// Scripts that start this program with a clean environment all need the same.
macro_rules! boot_script {
    ($(#[$doc:meta])* $name:ident, $path:literal) => {
        $(#[$doc])*
        #[derive(Template)]
        #[template(path = $path, config = "templates/askama.toml")]
        pub(super) struct $name<'a> {
            s6_bin: &'a Utf8Path,
            program: &'a Utf8Path,
            user: &'a str,
        }

        impl<'a> $name<'a> {
            pub(super) fn new(image: &'a Image) -> Self {
                Self { s6_bin: &image.s6_bin, program: &image.program, user: &image.user }
            }
        }
    };
}

boot_script!(
    /// `cont-init.d/01-hermes-setup`: the home made ready.
    PrepareHome,
    "image/prepare-home.sh"
);
boot_script!(
    /// `cont-init.d/02-reconcile-profiles`: slots for all profiles.
    Reconcile,
    "image/reconcile.sh"
);
boot_script!(
    /// `cont-finish.d/01-hermes-drain`: gateways end before the container does.
    Drain,
    "image/drain.sh"
);

/// `hermes-registrar`: the broker.
#[derive(Template)]
#[template(path = "image/registrar-run.sh", config = "templates/askama.toml")]
pub(super) struct Registrar<'a> {
    s6_bin: &'a Utf8Path,
    program: &'a Utf8Path,
    user: &'a str,
    socket: &'a Utf8Path,
    /// Where the socket lies, beside the rules in force.
    directory: &'a Utf8Path,
    /// The rules that the image has.
    rules: String,
}

impl<'a> Registrar<'a> {
    pub(super) fn new(image: &'a Image) -> Self {
        Self {
            s6_bin: &image.s6_bin,
            program: &image.program,
            user: &image.user,
            socket: &image.broker,
            directory: image.broker.parent().unwrap_or(&image.broker),
            rules: format!("/{RULES}"),
        }
    }
}

/// `dashboard`: Hermes' own, where it is wanted.
#[derive(Template)]
#[template(path = "image/dashboard-run.sh", config = "templates/askama.toml")]
pub(super) struct Dashboard<'a> {
    s6_bin: &'a Utf8Path,
    hermes: &'a Utf8Path,
    user: &'a str,
}

impl<'a> Dashboard<'a> {
    pub(super) fn new(image: &'a Image) -> Self {
        Self { s6_bin: &image.s6_bin, hermes: &image.hermes, user: &image.user }
    }
}

/// `main-hermes`: a place kept.
#[derive(Template)]
#[template(path = "image/main-hermes-run.sh", config = "templates/askama.toml")]
pub(super) struct MainHermes {}

/// What keeps a service down that has nothing to do.
#[derive(Template)]
#[template(path = "image/finish.sh", config = "templates/askama.toml")]
pub(super) struct Finish {}

/// `hermes`: what people call.
#[derive(Template)]
#[template(path = "image/hermes.sh", config = "templates/askama.toml")]
pub(super) struct Front<'a> {
    s6_bin: &'a Utf8Path,
    program: &'a Utf8Path,
    hermes: &'a Utf8Path,
    user: &'a str,
    own_path: &'static str,
}

impl<'a> Front<'a> {
    pub(super) fn new(image: &'a Image) -> Self {
        Self {
            s6_bin: &image.s6_bin,
            program: &image.program,
            hermes: &image.hermes,
            user: &image.user,
            own_path: FRONT,
        }
    }
}

/// `main-wrapper.sh`: the container's command.
#[derive(Template)]
#[template(path = "image/main-wrapper.sh", config = "templates/askama.toml")]
pub(super) struct Wrapper<'a> {
    s6_bin: &'a Utf8Path,
    user: &'a str,
    own_path: &'static str,
    front: &'static str,
}

impl<'a> Wrapper<'a> {
    pub(super) fn new(image: &'a Image) -> Self {
        Self { s6_bin: &image.s6_bin, user: &image.user, own_path: WRAPPER, front: FRONT }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::cli::Cli;

    fn variables(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().filter_map(|arg| Some(arg.get_env()?.to_str()?.to_owned()));
        own.chain(command.get_subcommands().flat_map(variables)).collect()
    }

    #[test]
    fn the_clean_environment_has_every_variable_that_is_read() {
        let script = include_str!("../../templates/image/clean-environment.sh");
        let words: Vec<_> = script.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
        // What the scripts say by options, and what only callers of the broker read.
        let others = ["HERMES_S6_BIN_DIR", "HERMES_USER", "HERMES_S6GEN_BROKER"];
        for name in variables(&Cli::command()) {
            assert!(words.contains(&name.as_str()) || others.contains(&name.as_str()), "{name}");
        }
    }
}
