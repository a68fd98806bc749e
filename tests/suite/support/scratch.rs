//! A scratch tree: home, scan directory, programs, and what the container's environment would be.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::identity::DAEMON;
use super::{Answer, Identity, Svscan};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hermes-s6gen");

/// Everything that a run of the program under test touches.
#[derive(Debug)]
pub(crate) struct Scratch {
    directory: TempDir,
    who: Identity,
}

/// Writes a program that anybody may run. A child does it: were the file open in this process, a child that another thread
/// starts meanwhile could have it open too, and nobody can run what is open for writing.
pub(crate) fn write_script(path: &Path, text: &str) {
    let script = "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\"";
    Answer::of(Command::new("sh").args(["-c", script]).arg(path).arg(text)).ok();
}

impl Scratch {
    /// A tree for `who`, with a default profile and nothing registered.
    pub(crate) fn new(who: Identity) -> Self {
        let scratch = Self { directory: tempfile::tempdir().unwrap(), who };
        scratch.mode("", 0o755);
        for directory in ["scan", "bin", "contenv", "home", "behave", "record"] {
            fs::create_dir(scratch.path(directory)).unwrap();
            scratch.mode(directory, 0o755);
        }
        let (owner, runner) = who.uids();
        scratch.give("scan", owner);
        for directory in ["home", "record"] {
            scratch.give(directory, runner);
        }
        scratch.profile_in("home");
        for program in fs::read_dir("/usr/bin").unwrap().flatten() {
            if program.file_name().to_string_lossy().starts_with("s6-") {
                symlink(program.path(), scratch.path("bin").join(program.file_name())).unwrap();
            }
        }
        let here = format!("scratch={}\n", scratch.root().display());
        scratch.program("with-contenv", &format!("#!/bin/sh\n{here}{}", include_str!("with-contenv.sh")));
        scratch.program("hermes", &format!("#!/bin/sh\n{here}{}", include_str!("hermes.sh")));
        scratch.contenv("HERMES_HOME", scratch.path("home").to_str().unwrap());
        let path = format!("{}:/usr/bin:/bin", scratch.path("bin").display());
        scratch.contenv("PATH", &path);
        scratch
    }

    /// The tree's root.
    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// A path in it.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root().join(relative)
    }

    /// Whose it is.
    pub(crate) fn who(&self) -> Identity {
        self.who
    }

    /// The service directory of `profile`.
    pub(crate) fn slot(&self, profile: &str) -> PathBuf {
        self.path("scan").join(format!("gateway-{profile}"))
    }

    /// The directory of `profile` in the home.
    pub(crate) fn profile_path(&self, profile: &str) -> PathBuf {
        match profile {
            "default" => self.path("home"),
            name => self.path("home/profiles").join(name),
        }
    }

    /// Makes profiles.
    pub(crate) fn profiles(&self, names: &[&str]) {
        for name in names {
            self.profile_in(&format!("home/profiles/{name}"));
        }
    }

    fn profile_in(&self, directory: &str) {
        fs::create_dir_all(self.path(directory)).unwrap();
        fs::write(self.path(directory).join("SOUL.md"), "# soul\n").unwrap();
        let (_, runner) = self.who.uids();
        for path in ["home/profiles", directory, &format!("{directory}/SOUL.md")] {
            if self.path(path).exists() {
                self.give(path, runner);
            }
        }
    }

    /// Writes `relative` as the run user's file.
    pub(crate) fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(relative), bytes).unwrap();
        self.give(relative, self.who.uids().1);
    }

    /// Sets what the gateway of `profile` does; see `hermes.sh`.
    pub(crate) fn behave(&self, profile: &str, behaviour: &str) {
        fs::write(self.path("behave").join(profile), format!("{behaviour}\n")).unwrap();
    }

    /// Sets a variable of the container's environment.
    pub(crate) fn contenv(&self, name: &str, value: &str) {
        fs::write(self.path("contenv").join(name), format!("{value}\n")).unwrap();
    }

    /// What the gateway of `profile` recorded as `what`: `argv`, `id` or `env`.
    pub(crate) fn recorded(&self, profile: &str, what: &str) -> Vec<u8> {
        fs::read(self.path("record").join(format!("{profile}.{what}"))).unwrap_or_default()
    }

    /// How often the gateway of `profile` was started.
    pub(crate) fn starts(&self, profile: &str) -> usize {
        self.recorded(profile, "starts").split(|byte| *byte == b'\n').count() - 1
    }

    /// Starts s6-svscan.
    pub(crate) fn svscan(&self) -> Svscan {
        Svscan::start(self, &[])
    }

    /// The program under test with `args`, for the tree's identity and the tree alone.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_as(self.who, args)
    }

    /// The same for somebody else.
    pub(crate) fn command_as(&self, who: Identity, args: &[&str]) -> Command {
        self.command_at(who, ("", ""), args)
    }

    fn command_at(&self, who: Identity, (flag, value): (&str, &str), args: &[&str]) -> Command {
        let mut command = who.command(PROGRAM);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HERMES_S6GEN_PROGRAM", PROGRAM);
        let place = |name: &str| self.path(name).into_os_string();
        for (name, usual) in [
            ("--home", place("home")),
            ("--scandir", place("scan")),
            ("--s6-bin", place("bin")),
            ("--user", DAEMON.0.into()),
            ("--broker", place("broker/registrar")),
        ] {
            command.arg(name).arg(if name == flag { value.into() } else { usual });
        }
        command.args(args);
        command
    }

    /// Runs it with one place elsewhere.
    pub(crate) fn run_at(&self, flag: &str, value: &str, args: &[&str]) -> Answer {
        Answer::of(&mut self.command_at(self.who, (flag, value), args))
    }

    /// Runs it.
    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        Answer::of(&mut self.command(args))
    }

    /// Runs an s6 program on the slot of `profile` as the tree's identity.
    pub(crate) fn s6(&self, program: &str, options: &[&str], profile: &str) -> Answer {
        Answer::of(self.who.command(program).args(options).arg(self.slot(profile)))
    }

    pub(crate) fn program(&self, name: &str, text: &str) {
        write_script(&self.path("bin").join(name), text);
    }

    fn mode(&self, relative: &str, mode: u32) {
        fs::set_permissions(self.path(relative), Permissions::from_mode(mode)).unwrap();
    }

    fn give(&self, relative: &str, uid: u32) {
        chown(self.path(relative), Some(uid), Some(uid)).unwrap();
    }
}
