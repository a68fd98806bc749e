//! Signs of life on a terminal, when work takes longer than people wait without asking.

use std::io::{IsTerminal, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::span::span;

const FIRST: Duration = Duration::from_secs(1);
const NEXT: Duration = Duration::from_secs(5);

/// While it lives, it tells on a terminal's standard error that work goes on.
#[derive(Debug)]
pub struct Progress {
    _end: Option<Sender<()>>,
}

impl Progress {
    /// Tells of the work called `what`, from the first second on.
    #[must_use]
    pub fn of(what: &'static str) -> Self {
        if !stderr().is_terminal() {
            return Self { _end: None };
        }
        let (end, ended) = mpsc::channel::<()>();
        let began = Instant::now();
        let tell = move || {
            let mut wait = FIRST;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                anstream::eprintln!("hermes-s6gen: {what}: at it for {}", span(began.elapsed()));
                wait = NEXT;
            }
        };
        // Without a thread there is no news, and the work is done all the same.
        let told = thread::Builder::new().spawn(tell);
        Self { _end: told.ok().map(|_| end) }
    }
}
