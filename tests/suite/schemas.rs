//! What programs read is what `docs/schemas/` says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::support::{Answer, Identity, Scratch, wait_until};

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(name).with_extension("json");
    serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()
}

#[track_caller]
fn is_valid(name: &str, answer: &Answer) -> Value {
    let value = answer.json();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema(name)).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
    value
}

/// Every object lists all its properties, so that nothing is left undocumented.
fn is_closed(schema: &Value) -> bool {
    let here = schema["type"] != "object" || {
        let names = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>());
        let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
        schema["additionalProperties"] == false && names(&schema["properties"]) == Some(required.collect())
    };
    here && match schema {
        Value::Object(object) => object.values().all(is_closed),
        Value::Array(array) => array.iter().all(is_closed),
        _ => true,
    }
}

#[test]
fn schemas_are_schemas_and_leave_nothing_out() {
    for name in ["status", "list", "plan", "lint", "doctor"] {
        let schema = schema(name);
        assert!(jsonschema::meta::is_valid(&schema) && is_closed(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["properties"]["version"]["const"], 1, "{name}");
    }
}

#[test]
fn real_output_is_valid() {
    for who in Identity::everybody("real_output_is_valid") {
        let scratch = Scratch::new(who);
        scratch.profiles(&["coder", "writer", "crash", "Bad"]);
        scratch.write("home/profiles/coder/gateway_state.json", r#"{"desired_state":"running"}"#);
        scratch.write("home/profiles/crash/gateway_state.json", r#"{"desired_state":"running","exit_code":3}"#);
        scratch.write("home/profiles/writer/gateway_state.json", "\u{0}");
        scratch.behave("crash", "exit 3");
        let _svscan = scratch.svscan();
        is_valid("list", &scratch.run(&["list", "--format", "json"]));
        is_valid("plan", &scratch.run(&["reconcile", "--autostart", "all", "--dry-run", "--format", "json"]));
        let plan = is_valid("plan", &scratch.run(&["reconcile", "--autostart", "all", "--format", "json"]));
        assert!(!plan["troubles"].as_array().unwrap().is_empty(), "{plan}");
        wait_until("it has died", || scratch.starts("crash") > 1);
        fs::write(scratch.slot("coder").join("run"), "#!/bin/sh\n").unwrap();
        is_valid("plan", &scratch.run(&["reconcile", "--autostart", "all", "--dry-run", "--format", "json"]));
        let slot = scratch.slot("coder");
        let lint = is_valid("lint", &scratch.run(&["lint", "--format", "json", slot.to_str().unwrap()]));
        let findings = lint["findings"].as_array().unwrap();
        assert!(findings.iter().any(|finding| finding["line"].is_null()), "{lint}");
        assert!(findings.iter().any(|finding| finding["line"].is_u64()), "{lint}");
        let listed = is_valid("list", &scratch.run(&["list", "--format", "json"]));
        assert_eq!(listed["slots"].as_array().unwrap().len(), 4, "{listed}");
        let status = is_valid("status", &scratch.run(&["gateway", "status", "--all", "--format", "json"]));
        let rows = status["gateways"].as_array().unwrap();
        assert!(rows.iter().any(|row| row["last_exit"]["code"] == 3), "{status}");
        let doctor = is_valid("doctor", &scratch.run(&["doctor", "--format", "json"]));
        assert!(doctor["checks"].as_array().unwrap().iter().any(|check| check["verdict"] == "trouble"), "{doctor}");
    }
}
