//! What a container is for, by the command that it was started with.

use super::command::is;
use crate::profile::ProfileName;

/// Options of `hermes` that take a value, beside those that name a profile; the value is no verb.
const WITH_VALUE: [&str; 12] = [
    "-m",
    "--model",
    "--provider",
    "-t",
    "--toolsets",
    "-r",
    "--resume",
    "-s",
    "--skills",
    "-z",
    "--oneshot",
    "--usage-file",
];
/// Programs that do nothing but keep a container up.
const IDLE: [&str; 4] = ["sleep", "tail", "pause", "cat"];

/// What a container is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Gateways: its command is `gateway`, or does nothing but keep it up, or is not known.
    Gateways(Option<Request>),
    /// The dashboard alone.
    Dashboard,
    /// Something else that happens to share the volume: a shell, a chat.
    Other,
}

/// What a command of `gateway` or `gateway run` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose gateway. A name that no profile can have is nobody's.
    pub profile: Option<ProfileName>,
    /// Whether s6 is to supervise it; without, the command itself is the gateway.
    pub supervised: bool,
}

impl Role {
    /// The role of a container whose command is `command`, if it is known.
    #[must_use]
    pub fn of(command: Option<&[String]>) -> Self {
        let Some(words) = command else { return Self::Gateways(None) };
        let words = without(words, "entrypoint-dispatch.sh");
        let Some(program) = words.first() else { return Self::Gateways(None) };
        if IDLE.iter().any(|idle| is(program, idle)) {
            return Self::Gateways(None);
        }
        let line = Line::of(without(words, "hermes"));
        match line.verbs.as_slice() {
            ["gateway"] | ["gateway", "run", ..] => Self::Gateways(Some(Request {
                profile: line
                    .profile
                    .map_or(Some(ProfileName::default_profile()), |name| ProfileName::parse(name.as_ref()).ok()),
                supervised: !line.unsupervised,
            })),
            ["gateway", ..] => Self::Gateways(None),
            ["dashboard", ..] => Self::Dashboard,
            // Bare `hermes` is a chat.
            _ => Self::Other,
        }
    }
}

/// The words without the first, if that is `name`.
fn without<'a>(words: &'a [String], name: &str) -> &'a [String] {
    match words {
        [first, rest @ ..] if is(first, name) => rest,
        _ => words,
    }
}

/// Hermes' arguments, sorted; options count in any place, as they do for Hermes.
#[derive(Default)]
struct Line<'a> {
    verbs: Vec<&'a str>,
    profile: Option<&'a str>,
    unsupervised: bool,
}

impl<'a> Line<'a> {
    fn of(words: &'a [String]) -> Self {
        let mut line = Self::default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match word {
                "-p" | "--profile" => line.profile = words.next(),
                "--no-supervise" => line.unsupervised = true,
                _ if WITH_VALUE.contains(&word) => drop(words.next()),
                _ => match word
                    .strip_prefix("--profile=")
                    .or_else(|| word.strip_prefix("-p").filter(|_| !word.starts_with("--")))
                {
                    Some(name) => line.profile = Some(name),
                    None if !word.starts_with('-') => line.verbs.push(word),
                    None => {}
                },
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(line: &str) -> Role {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Role::of(Some(&words))
    }

    fn request(name: &str, supervised: bool) -> Role {
        Role::Gateways(Some(Request { profile: ProfileName::parse(name.as_ref()).ok(), supervised }))
    }

    #[test]
    fn a_gateway_is_known_in_every_order_of_words() {
        for line in [
            "gateway",
            "gateway run",
            "hermes gateway run",
            "/opt/hermes/.venv/bin/hermes gateway run --replace",
            "-m x gateway run",
        ] {
            assert_eq!(role(line), request("default", true), "{line}");
        }
        for line in [
            "gateway run -p coder",
            "-p coder gateway run",
            "hermes --profile=coder gateway",
            "gateway --profile coder run",
            "gateway run -pcoder",
        ] {
            assert_eq!(role(line), request("coder", true), "{line}");
        }
        for line in ["gateway run --no-supervise", "--no-supervise gateway run", "gateway --no-supervise"] {
            assert_eq!(role(line), request("default", false), "{line}");
        }
        assert_eq!(role("gateway run -p Work"), request("Work", true));
        assert_eq!(role("gateway status"), Role::Gateways(None));
    }

    #[test]
    fn so_are_dashboards_and_what_only_waits() {
        for line in [
            "dashboard",
            "hermes dashboard --no-open",
            "-p x dashboard",
            "hermes -p x dashboard",
            "/x/entrypoint-dispatch.sh dashboard",
        ] {
            assert_eq!(role(line), Role::Dashboard, "{line}");
        }
        for line in ["", "sleep infinity", "/bin/sleep 9", "tail -f /dev/null"] {
            assert_eq!(role(line), Role::Gateways(None), "{line}");
        }
        assert_eq!(Role::of(None), Role::Gateways(None));
    }

    #[test]
    fn anything_else_is_not_for_gateways() {
        for line in [
            "hermes",
            "chat",
            "hermes chat -p dashboard",
            "bash",
            "sh -c gateway",
            "-z dashboard",
            "serve",
            "--model gateway",
        ] {
            assert_eq!(role(line), Role::Other, "{line}");
        }
    }
}
