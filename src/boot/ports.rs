//! Ports that two gateways would both want.

use std::collections::BTreeMap;

use crate::profile::ProfileName;

/// A line for every port of `ports` that several profiles have.
#[must_use]
pub fn clashes(ports: impl IntoIterator<Item = (ProfileName, u16)>) -> Vec<String> {
    let mut by_port: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (profile, port) in ports {
        by_port.entry(port).or_default().push(profile.to_string());
    }
    let clash = |(port, profiles): (u16, Vec<String>)| {
        let profiles = Some(profiles).filter(|profiles| profiles.len() > 1)?.join(", ");
        Some(format!("port {port} is that of several gateways, of which one can have it: {profiles}"))
    };
    by_port.into_iter().filter_map(clash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shared_is_told() {
        let name = |name: &str| ProfileName::parse(name.as_ref()).unwrap();
        let told = clashes([(name("a"), 1), (name("b"), 2), (name("c"), 1)]);
        assert_eq!(told, ["port 1 is that of several gateways, of which one can have it: a, c"]);
    }
}
