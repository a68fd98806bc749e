//! SARIF 2.1.0, as much of it as findings need.

use serde::Serialize;

use crate::lint::{Finding, RULES, Rule, Severity};

/// A SARIF log with one run.
#[derive(Debug, Serialize)]
pub struct Sarif {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
struct Run {
    tool: Tool,
    results: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct Text {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Debug, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

impl Sarif {
    /// The log of `findings`.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let driver = Driver {
            name: "hermes-s6gen",
            version: env!("CARGO_PKG_VERSION"),
            rules: RULES.into_iter().map(descriptor).collect(),
        };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run { tool: Tool { driver }, results: findings.iter().map(outcome).collect() }],
        }
    }
}

fn descriptor(rule: &Rule) -> Descriptor {
    let text = |text: &str| Text { text: text.to_owned() };
    Descriptor {
        id: rule.code,
        short_description: text(rule.title),
        full_description: text(rule.why),
        help: text(rule.mend),
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn outcome(finding: &Finding) -> Outcome {
    let artifact_location = Artifact { uri: uri(finding.path.as_str()) };
    let region = finding.line.map(|start_line| Region { start_line });
    Outcome {
        rule_id: finding.rule.code,
        rule_index: RULES.iter().position(|rule| *rule == finding.rule).unwrap_or_default(),
        level: level(finding.rule.severity),
        message: Text { text: finding.message.clone() },
        locations: [Location { physical_location: Physical { artifact_location, region } }],
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A path as a URI: absolute ones have a scheme, and odd bytes are escaped.
fn uri(path: &str) -> String {
    use std::fmt::Write;
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_become_uris() {
        assert_eq!(super::uri("/a b/é"), "file:///a%20b/%C3%A9");
        assert_eq!(super::uri("a/b:c"), "a/b%3Ac");
    }
}
