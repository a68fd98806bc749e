//! Whether the default gateway serves the other profiles too.

use std::ffi::OsStr;

use anyhow::Result;
use saphyr_parser::{Event, Parser};

use super::directory::Directory;
use super::dotenv::dotenv;
use crate::error::{At, Fault};

/// The variable that says so to Hermes.
const VARIABLE: &str = "GATEWAY_MULTIPLEX_PROFILES";
const CONFIG: &str = "config.yaml";
const KEY: &str = "multiplex_profiles";

/// The question as Hermes' gateway answers it: the root home's `.env`, then the environment, where either says yes or no,
/// then `config.yaml` (`multiplex_profiles`, or below `gateway`), then no.
///
/// # Errors
/// When a file that has to be asked cannot be read.
pub fn multiplexes(root: &Directory, environment: Option<&OsStr>) -> Result<bool> {
    let written = dotenv(root, VARIABLE)?;
    let given = written.as_deref().or_else(|| environment?.to_str());
    match given.and_then(truth) {
        Some(answer) => Ok(answer),
        None => configured(root),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn configured(root: &Directory) -> Result<bool> {
    let Some(found) = root.read(CONFIG)? else { return Ok(false) };
    let path = root.path().join(CONFIG);
    let text = std::str::from_utf8(&found.bytes).at("read", &path)?;
    let scalars = scalars(text.trim_start_matches('\u{feff}'));
    let scalars = scalars.map_err(|cause| Fault::no(format!("read {path}: {cause}")))?;
    let find = |wanted: &[&str]| scalars.iter().find(|(keys, _)| keys == wanted).map(|(_, value)| value.as_str());
    let value = find(&[KEY]).or_else(|| find(&["gateway", KEY]));
    Ok(value.and_then(truth).unwrap_or_default())
}

/// A scalar of a YAML document and the mapping keys that lead to it.
type Scalar = (Vec<String>, String);

/// Where the parser is in the document.
enum Level {
    /// In a mapping, with the key whose value comes next.
    Mapping(Option<String>),
    Sequence,
}

/// The scalars that mappings alone lead to. Only events are looked at: aliases of aliases then cost nothing.
fn scalars(text: &str) -> Result<Vec<Scalar>, saphyr_parser::ScanError> {
    let mut found = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        match event?.0 {
            Event::Scalar(value, ..) => match levels.last_mut() {
                Some(Level::Mapping(key @ None)) => {
                    *key = Some(value.into_owned());
                    continue;
                }
                _ => found.extend(path(&levels).map(|keys| (keys, value.into_owned()))),
            },
            Event::MappingStart(..) => {
                levels.push(Level::Mapping(None));
                continue;
            }
            Event::SequenceStart(..) => {
                levels.push(Level::Sequence);
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => drop(levels.pop()),
            Event::Alias(_) => {}
            _ => continue,
        }
        // A value has ended, or a key that is no scalar, which then stands for no path that is asked for.
        if let Some(Level::Mapping(key)) = levels.last_mut() {
            *key = if key.is_some() { None } else { Some(String::new()) };
        }
    }
    Ok(found)
}

fn path(levels: &[Level]) -> Option<Vec<String>> {
    let key = |level: &Level| if let Level::Mapping(key) = level { key.clone() } else { None };
    levels.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn find(text: &str) -> Vec<String> {
        let scalars = scalars(text).unwrap().into_iter();
        scalars
            .filter(|(keys, _)| keys.last().is_some_and(|key| key == KEY))
            .map(|(keys, v)| keys.join(".") + "=" + &v)
            .collect()
    }

    #[test]
    fn keys_lead_to_scalars() {
        assert_eq!(find("multiplex_profiles: true"), ["multiplex_profiles=true"]);
        assert_eq!(
            find("a: [1, {x: y}]\ngateway:\n  b: {c: d}\n  multiplex_profiles: 'on'\n"),
            ["gateway.multiplex_profiles=on"]
        );
        assert_eq!(find("? [odd, key]\n: value\nmultiplex_profiles: no"), ["multiplex_profiles=no"]);
        assert_eq!(find("list:\n- multiplex_profiles: true\n"), Vec::<String>::new());
        assert_eq!(
            find("a: &x {multiplex_profiles: 1}\nb: *x\nmultiplex_profiles: 0"),
            ["a.multiplex_profiles=1", "multiplex_profiles=0"]
        );
    }

    #[test]
    fn what_is_no_yaml_is_said_to_be_none() {
        assert!(scalars("a: [1").is_err());
        assert!(scalars("").unwrap().is_empty());
        assert!(scalars(&"[".repeat(300_000)).is_err());
        assert!(scalars(&"- ".repeat(300_000)).is_ok());
    }

    #[test]
    fn aliases_of_aliases_cost_nothing() {
        let line = |level| format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]", level - 1);
        let lines: Vec<_> = std::iter::once("a0: &a0 [x]".to_owned()).chain((1..60).map(line)).collect();
        assert!(scalars(&lines.join("\n")).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_yaml_or_is_not(text in ".*|([a-z]{1,3}|[]\\[{}:,&*!|>'\"#?%@-]|\n| |multiplex_profiles: (yes|no)){0,60}") {
            let _ = scalars(&text);
        }

        #[test]
        fn a_key_is_found_whatever_stands_beside_it(
            keys in prop::collection::btree_map("[a-l]{1,6}", "[a-z0-9]{0,6}", 0..6),
            value in "[a-z0-9]{1,6}",
        ) {
            let beside: Vec<_> = keys.iter().map(|(key, value)| format!("{key}: \"{value}\"\n")).collect();
            prop_assert_eq!(find(&format!("{}{KEY}: {value}\n", beside.concat())), [format!("{KEY}={value}")]);
        }
    }
}
