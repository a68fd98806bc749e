//! The run user's ids, as the operator wants them.

use std::process::Command;

use anyhow::Result;
use camino::Utf8Path;
use rustix::process::Gid;

use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::program::run;
use crate::user::User;

/// No user's home. While usermod changes an id it gives everything below the home to it, however much that is and
/// whatever lies there, unless there is no such directory.
const NOWHERE: &str = "/nonexistent/hermes-s6gen";

/// Ids that the run user is to have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The user's, if it is to have a certain one.
    pub uid: Option<u32>,
    /// Its group's.
    pub gid: Option<u32>,
}

impl Ids {
    /// Reads one id from the first of `given` that is set and not empty: a variable's name and its value.
    ///
    /// # Errors
    /// When it is no id of an ordinary user.
    pub fn read(given: &[(&str, Option<&str>)]) -> Result<Option<u32>, Fault> {
        let Some((name, value)) =
            given.iter().find_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        else {
            return Ok(None);
        };
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        let id = value.parse().ok().filter(|id| digits && (1..=65_534).contains(id));
        id.map(Some).ok_or_else(|| {
            Fault::failed(format!("use {name}={}: is not a number from 1 to 65534", value.escape_debug()))
        })
    }
}

/// Gives `user`, whose home is `home`, the ids of `wanted`, with the tools that passwd and group belong to. Says which
/// group id it had, if that changed.
///
/// # Errors
/// When the tools are missing or fail, or the group is not the user's own.
pub fn change_ids(user: &str, home: &Utf8Path, wanted: Ids, deadline: Deadline) -> Result<Option<Gid>> {
    let found = User::lookup(Utf8Path::new("/"), user)?;
    let mut former = None;
    if let Some(gid) = wanted.gid.filter(|gid| *gid != found.gid.as_raw()) {
        let group = group_of(found.gid)?;
        if group != user {
            let cause = format!("change the group id of {user}: its group {group} is not its own");
            return Err(Fault::failed(cause).advise(format!("groupadd {user} && usermod -g {user} {user}")).into());
        }
        change("groupmod", &["-o", "-g", &gid.to_string(), user], deadline)?;
        former = Some(found.gid);
    }
    let had = passwd_home(user)?;
    if let Some(uid) = wanted.uid.filter(|uid| *uid != found.uid.as_raw()) {
        change("usermod", &["-o", "-u", &uid.to_string(), "-d", NOWHERE, user], deadline)?;
    }
    // Also where an earlier boot was interrupted here.
    if passwd_home(user)?.as_deref() == Some(NOWHERE) {
        let back = had.filter(|had| had != NOWHERE).unwrap_or_else(|| home.to_string());
        change("usermod", &["-d", &back, user], deadline)?;
    }
    Ok(former)
}

fn change(program: &str, args: &[&str], deadline: Deadline) -> Result<()> {
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let missing = "install the package that has it (Debian: passwd), or run the container with --user";
    let reply = run(&mut command, missing, deadline)?;
    if reply.code == Some(0) {
        return Ok(());
    }
    let cause = format!("run {program}: {}", reply.stderr.replace('\n', "; "));
    Err(Fault::failed(cause).advise("let /etc be written at boot, or build the image with these ids").into())
}

/// The name of the group `gid`.
fn group_of(gid: Gid) -> Result<String> {
    let groups = std::fs::read_to_string("/etc/group").at("read", "/etc/group")?;
    let name = |line: &str| {
        let fields: Vec<_> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(gid.as_raw())).then(|| fields[0].to_owned())
    };
    Ok(groups.lines().find_map(name).unwrap_or_else(|| gid.to_string()))
}

/// What passwd says is the home of `user`.
fn passwd_home(user: &str) -> Result<Option<String>> {
    let text = std::fs::read_to_string("/etc/passwd").at("read", "/etc/passwd")?;
    let line = text.lines().find(|line| line.split(':').next() == Some(user));
    Ok(line.and_then(|line| line.split(':').nth(5)).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_set_counts() {
        assert_eq!(Ids::read(&[("HERMES_UID", None), ("PUID", Some("1000"))]).unwrap(), Some(1000));
        assert_eq!(Ids::read(&[("HERMES_UID", Some("")), ("PUID", Some("7"))]).unwrap(), Some(7));
        assert_eq!(Ids::read(&[("HERMES_UID", Some("65534")), ("PUID", Some("7"))]).unwrap(), Some(65534));
        assert_eq!(Ids::read(&[("HERMES_UID", None), ("PUID", None)]).unwrap(), None);
    }

    #[test]
    fn what_is_no_ordinary_id_is_refused() {
        for bad in ["0", "65535", "-1", "+5", "1000 ", "0x10", "root", "4294967296", "99999999999999999999"] {
            assert!(Ids::read(&[("PUID", Some(bad))]).is_err(), "{bad}");
        }
    }
}
