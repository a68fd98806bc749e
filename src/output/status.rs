//! What gateways do, for programs and for people.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use anstyle::{AnsiColor, Color, Style};
use camino::Utf8PathBuf;
use jiff::Timestamp;
use serde::Serialize;

use super::span::span;
use crate::policy::{Ending, Policy};
use crate::profile::ProfileName;
use crate::settings::Settings;
use crate::status::{Failure, State, Status};

/// Everything that `gateway status` tells; its JSON form has a version.
#[derive(Debug, Serialize)]
pub struct Report {
    version: u32,
    manager: &'static str,
    gateways: Vec<Row>,
}

/// One gateway.
#[derive(Debug, Serialize)]
pub struct Row {
    profile: ProfileName,
    state: &'static str,
    #[serde(skip)]
    kind: State,
    reason: Option<&'static str>,
    pid: Option<i32>,
    since: Option<Timestamp>,
    #[serde(skip)]
    age: Option<Duration>,
    wanted: &'static str,
    #[serde(skip)]
    is_healthy: bool,
    port: Option<u16>,
    last_exit: Option<LastExit>,
    deaths_last_hour: usize,
    next_try: Option<Timestamp>,
    #[serde(skip)]
    next_in: Option<Duration>,
    backoff: Policy,
    log: Utf8PathBuf,
}

/// How the last run ended.
#[derive(Debug, Serialize)]
struct LastExit {
    code: Option<u8>,
    signal: Option<u8>,
    meaning: Option<&'static str>,
    at: Option<Timestamp>,
    #[serde(skip)]
    text: String,
}

impl Report {
    /// The report of `gateways`.
    #[must_use]
    pub fn new(gateways: Vec<Row>) -> Self {
        Self { version: 1, manager: "s6 (container supervisor)", gateways }
    }
}

impl Row {
    /// The gateway of `profile`, whose API server has `port`, as of `now`.
    #[must_use]
    pub fn new(
        settings: &Settings,
        profile: ProfileName,
        status: &Status,
        policy: Policy,
        port: Option<u16>,
        now: SystemTime,
    ) -> Self {
        let timestamp = |time: SystemTime| Timestamp::try_from(time).ok();
        let since = status.svstat.map(|stat| stat.since);
        let last_exit = status.deaths.last().map(|death| LastExit {
            code: if let Ending::Exit(code) = death.ending { Some(code) } else { None },
            signal: if let Ending::Signal(number) = death.ending { Some(number) } else { None },
            meaning: death.ending.meaning(),
            at: timestamp(death.at),
            text: death.ending.to_string(),
        });
        Self {
            state: word(status.state),
            kind: status.state,
            reason: reason(status.state),
            pid: status.svstat.and_then(|stat| stat.pid),
            since: since.and_then(timestamp),
            age: since.map(|since| now.duration_since(since).unwrap_or_default()),
            wanted: if status.wanted() { "up" } else { "down" },
            is_healthy: status.healthy(),
            port,
            last_exit,
            deaths_last_hour: status.deaths_last_hour(now),
            next_try: status.next_try.and_then(timestamp),
            next_in: status.next_try.and_then(|next| next.duration_since(now).ok()),
            backoff: policy,
            log: settings.home.join("logs/gateways").join(profile.as_str()),
            profile,
        }
    }

    /// What it does.
    #[must_use]
    pub fn state(&self) -> State {
        self.kind
    }

    /// Whether all is as wanted.
    #[must_use]
    pub fn healthy(&self) -> bool {
        self.is_healthy
    }

    fn cells(&self) -> [String; 9] {
        let dash = || "-".to_owned();
        [
            self.profile.to_string(),
            self.state.to_owned(),
            self.age.map_or_else(dash, span),
            self.pid.map_or_else(dash, |pid| pid.to_string()),
            self.wanted.to_owned(),
            self.port.map_or_else(dash, |port| port.to_string()),
            self.deaths_last_hour.to_string(),
            self.next_in.map_or_else(dash, |left| format!("in {}", span(left))),
            self.last_exit.as_ref().map_or_else(dash, |last| last.text.clone()),
        ]
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Paused => "paused",
        State::Starting => "starting",
        State::BackingOff => "backing off",
        State::Stopping => "stopping",
        State::Stopped => "stopped",
        State::ServedByDefault => "served by default",
        State::Failed(_) => "failed",
        State::Unsupervised => "unsupervised",
        State::Unregistered => "unregistered",
    }
}

fn reason(state: State) -> Option<&'static str> {
    match state {
        State::Failed(Failure::Configuration) => Some("exit 78: configuration error"),
        State::Failed(Failure::Cap) => Some("died as often as the cap allows"),
        _ => None,
    }
}

const HEADINGS: [&str; 9] = ["PROFILE", "STATE", "FOR", "PID", "WANTED", "PORT", "DEATHS/H", "NEXT TRY", "LAST EXIT"];

/// The report as a table; nothing is cut, and what is wrong stands out.
#[must_use]
pub fn table(report: &Report) -> String {
    let rows: Vec<_> = report.gateways.iter().map(Row::cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..HEADINGS.len()).map(width).collect();
    let line = |cells: &[&str], style: Style| {
        let mut text = String::new();
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let style = if column == 1 { style } else { Style::new() };
            let last = column + 1 == cells.len();
            let padding = if last { 0 } else { width - cell.len() + 2 };
            // Writing to a String does not fail.
            let _ = write!(text, "{style}{cell}{style:#}{:padding$}", "");
        }
        text + "\n"
    };
    let mut text = format!("Manager: {}\n\n{}", report.manager, line(&HEADINGS, Style::new()));
    for (row, cells) in report.gateways.iter().zip(&rows) {
        let cells: Vec<_> = cells.iter().map(String::as_str).collect();
        text += &line(&cells, style(row));
    }
    text
}

/// A state that has only just begun is what a crash loop looks like from outside.
fn style(row: &Row) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(Color::Ansi(colour)));
    match row.kind {
        State::Running if row.age.is_some_and(|age| age < Duration::from_secs(30)) => colour(AnsiColor::Yellow),
        State::Running => colour(AnsiColor::Green),
        State::Failed(_) | State::Unsupervised => colour(AnsiColor::Red),
        State::BackingOff | State::Starting | State::Stopping | State::Paused => colour(AnsiColor::Yellow),
        State::Stopped | State::ServedByDefault | State::Unregistered => Style::new().dimmed(),
    }
}
