//! More profiles than an s6-svscan takes.

use std::fs;

use super::{actions, profile, reconcile};
use crate::support::{Answer, Identity, Scratch, Svscan, wait_until};

/// A home of 1,000 profiles, of which the last ten are wanted.
fn thousand() -> Scratch {
    let scratch = Scratch::new(Identity::Ordinary);
    for number in 0..990 {
        scratch.profiles(&[&format!("p{number:03}")]);
    }
    for number in 0..10 {
        profile(&scratch, &format!("z{number}"), r#"{"desired_state":"running"}"#);
    }
    scratch
}

/// Whether s6-svscan is of 2.12 or later, where loggers count.
fn modern() -> bool {
    Answer::of(std::process::Command::new("s6-svscan").arg("-?")).err.contains("-C services_max")
}

/// As many as fit are supervised, those that are wanted among them; all others are named; and it all goes on working.
fn as_many_as_fit(scratch: &Scratch, least: usize, most: usize) {
    let answer = reconcile(scratch, &[]);
    assert_eq!(answer.code, 1, "{}", answer.err.lines().take(5).collect::<String>());
    let told = actions(&answer);
    assert_eq!(told.len(), 1001);
    let named = told.iter().filter(|(_, action)| *action == "failed").count();
    let fits = 1001 - named;
    assert!((least..=most).contains(&fits), "{fits} fit");
    assert_eq!(answer.err.matches("takes no more services").count(), named);
    assert!((0..10).all(|number| told[&format!("z{number}")] == "started"), "{told:?}");
    assert_eq!(scratch.run(&["list"]).ok().out.lines().count(), fits);
    let report = scratch.run(&["gateway", "status", "--all", "--format", "json"]).ok().json();
    let states = report["gateways"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap());
    let mut counts = std::collections::BTreeMap::new();
    for state in states {
        *counts.entry(state).or_insert(0) += 1;
    }
    assert_eq!((counts["unregistered"], counts.get("unsupervised")), (named, None), "{counts:?}");
    // One out, one in.
    let outsider = told.iter().filter(|(_, action)| *action == "failed").map(|(name, _)| name).next_back().unwrap();
    scratch.run(&["register", outsider]).fails(2, "takes no more services");
    scratch.run(&["unregister", "p000"]).ok();
    scratch.run(&["register", outsider]).ok();
    wait_until("it starts", || scratch.starts(outsider) == 1);
    scratch.run(&["register", "p000"]).fails(2, "takes no more services");
    let again = actions(&reconcile(scratch, &[]));
    assert_eq!(again.values().filter(|action| *action == "kept").count(), fits);
}

#[test]
fn a_thousand_profiles_where_not_all_fit() {
    let scratch = thousand();
    let _svscan = Svscan::under(&scratch, &["s6-softlimit", "-o", "4096"], &[]);
    as_many_as_fit(&scratch, 500, 500);
}

#[test]
fn a_thousand_profiles_and_few_descriptors() {
    let scratch = thousand();
    let _svscan = Svscan::under(&scratch, &["s6-softlimit", "-o", "256"], &[]);
    as_many_as_fit(&scratch, 100, 125);
}

#[test]
fn a_thousand_profiles_where_all_fit() {
    let scratch = thousand();
    let options = if modern() { ["-C", "2100"] } else { ["-c", "1100"] };
    let _svscan = Svscan::under(&scratch, &["s6-softlimit", "-o", "4096"], &options);
    let answer = reconcile(&scratch, &[]).ok();
    assert_eq!(actions(&answer).len(), 1001);
    let status = scratch.run(&["gateway", "status", "--all"]).ok().out;
    assert_eq!(status.matches(" stopped ").count(), 991);
    wait_until("the wanted ones start", || (0..10).all(|number| scratch.starts(&format!("z{number}")) == 1));
    assert!(fs::read_to_string(scratch.path("svscan.log")).unwrap_or_default().matches("too many").count() == 0);
}
