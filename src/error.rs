//! Errors read `verb path: cause`, and where something helps, a `try:` line says what.

use std::{fmt, io};

use anyhow::Context;
use rustix::io::Errno;

use crate::exit::Exit;

/// An error that knows its exit code and what the operator can do about it.
#[derive(Debug)]
pub struct Fault {
    cause: String,
    exit: Exit,
    advice: Option<String>,
}

impl Fault {
    /// The work could not be done: exit code 2.
    #[must_use]
    pub fn failed(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), exit: Exit::Failed, advice: None }
    }

    /// The answer is no, or time ran out: exit code 1.
    #[must_use]
    pub fn no(cause: impl Into<String>) -> Self {
        Self { exit: Exit::No, ..Self::failed(cause) }
    }

    /// There is no such gateway: exit code 4.
    #[must_use]
    pub fn no_such(cause: impl Into<String>) -> Self {
        Self { exit: Exit::NoSuch, ..Self::failed(cause) }
    }

    /// Adds the `try:` line.
    #[must_use]
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    fn of(error: &anyhow::Error) -> Option<&Self> {
        // One that was added as context is no cause of its own.
        error.downcast_ref().or_else(|| error.chain().find_map(|cause| cause.downcast_ref()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl std::error::Error for Fault {}

/// Names what was being done to what when a system call failed.
pub trait At<T> {
    /// Prefixes the error with `verb what`.
    ///
    /// # Errors
    /// The same error, with its context.
    fn at(self, verb: &str, what: impl fmt::Display) -> anyhow::Result<T>;
}

impl<T, E> At<T> for Result<T, E>
where
    Result<T, E>: Context<T, E>,
{
    fn at(self, verb: &str, what: impl fmt::Display) -> anyhow::Result<T> {
        self.with_context(|| format!("{verb} {what}"))
    }
}

/// The exit code that `error` stands for.
#[must_use]
pub fn exit_of(error: &anyhow::Error) -> Exit {
    Fault::of(error).map_or(Exit::Failed, |fault| fault.exit)
}

/// What helps against `error`, where that is known.
#[must_use]
pub fn advice_of(error: &anyhow::Error) -> Option<&str> {
    Fault::of(error)?.advice.as_deref()
}

/// Whether `error` says that this user may not know.
#[must_use]
pub fn is_denied(error: &anyhow::Error) -> bool {
    let denied = |cause: &(dyn std::error::Error + 'static)| {
        let errno = cause.downcast_ref().map(|errno: &Errno| io::Error::from(*errno).kind());
        errno.or(cause.downcast_ref().map(io::Error::kind)) == Some(io::ErrorKind::PermissionDenied)
    };
    error.chain().any(denied)
}

/// Whether `error` only says that the reader of our output has gone, which is no failure of ours.
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(closed))
}

/// Prints `error` on standard error, and its advice where there is one.
pub fn report(error: &anyhow::Error) {
    anstream::eprintln!("hermes-s6gen: {error:#}");
    if let Some(advice) = advice_of(error) {
        anstream::eprintln!("  try: {advice}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_wherever_it_is() {
        let fault = || Fault::no_such("a").advise("b");
        let context = anyhow::Error::new(Errno::NOENT).context(fault()).context("more");
        for error in [fault().into(), anyhow::Error::new(fault()).context("more"), context] {
            assert_eq!((exit_of(&error), advice_of(&error)), (Exit::NoSuch, Some("b")), "{error:#}");
        }
    }

    #[test]
    fn denials_are_known() {
        let io: anyhow::Result<()> = Err(io::Error::from(io::ErrorKind::PermissionDenied)).at("open", "x");
        let errno: anyhow::Result<()> = Err(Errno::ACCESS).at("open", "x");
        assert!(is_denied(&io.unwrap_err()) && is_denied(&errno.unwrap_err()));
        assert!(!is_denied(&anyhow::Error::new(Errno::NOENT)));
    }
}
