//! The run user, and on whose authority this process acts.

use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use camino::Utf8Path;
use rustix::process::{Gid, Pid, Uid, getegid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::error::{At, Fault};

/// A user as the passwd file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub uid: Uid,
    /// The primary group's id.
    pub gid: Gid,
}

impl User {
    /// Looks `name` up in `<root>/etc/passwd`. An image under construction has its own passwd file, which the
    /// builder's C library does not read; hence no `getpwnam`.
    ///
    /// # Errors
    /// When the file cannot be read or has no such user.
    pub fn lookup(root: &Utf8Path, name: &str) -> Result<Self> {
        let path = root.join("etc/passwd");
        let passwd = std::fs::read(&path).at("read", &path)?;
        passwd
            .split(|byte| *byte == b'\n')
            .filter_map(|line| std::str::from_utf8(line).ok())
            .find_map(|line| Self::from_line(line, name))
            .ok_or_else(|| {
                Fault::failed(format!("run user {name}: is not in {path}"))
                    .advise("name an existing user with --user or HERMES_USER")
                    .into()
            })
    }

    fn from_line(line: &str, name: &str) -> Option<Self> {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        // All ones is no id: the kernel takes it for "leave as it is".
        (uid != u32::MAX && gid != u32::MAX).then(|| Self { uid: Uid::from_raw(uid), gid: Gid::from_raw(gid) })
    }
}

/// On whose authority slots are published and the home is touched.
#[derive(Clone, Debug)]
pub enum Authority {
    /// Root, working for the run user: slots are root's, the run user's group controls them.
    Root(User),
    /// An ordinary user, the gateways' own: everything is that user's.
    Own(User),
}

impl Authority {
    /// The authority of this process. Only root needs to know the run user, and only then is `name` looked up.
    ///
    /// # Errors
    /// When root's run user does not exist.
    pub fn of_process(name: &str) -> Result<Self> {
        if geteuid().is_root() {
            Ok(Self::Root(User::lookup(Utf8Path::new("/"), name)?))
        } else {
            Ok(Self::Own(User { uid: geteuid(), gid: getegid() }))
        }
    }

    /// The authority to read `home` where nothing is published and the run user may not exist, as on a reviewer's
    /// machine: root reads it with the rights of its owner.
    ///
    /// # Errors
    /// When there is no such home.
    pub fn of_reader(home: &Utf8Path) -> Result<Self> {
        if !geteuid().is_root() {
            return Self::of_process("");
        }
        let found = std::fs::metadata(home).at("stat", home)?;
        Ok(Self::Root(User { uid: Uid::from_raw(found.uid()), gid: Gid::from_raw(found.gid()) }))
    }

    /// The group that gets control, status and events of a slot.
    #[must_use]
    pub fn control_group(&self) -> Gid {
        match self {
            Self::Root(user) | Self::Own(user) => user.gid,
        }
    }

    /// Whether the process `pid` is the run user's in every respect; one that has gone is nobody's.
    #[must_use]
    pub fn owns(&self, pid: Pid) -> bool {
        let (Self::Root(user) | Self::Own(user)) = self;
        let status = std::fs::read(format!("/proc/{pid}/status")).unwrap_or_default();
        let status = String::from_utf8_lossy(&status);
        let ids = status.lines().find_map(|line| line.strip_prefix("Uid:")).map(str::split_whitespace);
        ids.is_some_and(|mut ids| ids.all(|id| id.parse() == Ok(user.uid.as_raw())))
    }

    /// Does `work` with the run user's rights and no more. The run user writes the home, so root must not walk in
    /// it: whatever is planted there can then only reach what that user reaches anyway.
    ///
    /// # Errors
    /// When the ids cannot be changed, and whatever `work` returns.
    pub fn in_home<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let user = match self {
            // Root is its own run user where a user namespace maps no other.
            Self::Root(user) if !user.uid.is_root() => user,
            Self::Root(_) | Self::Own(_) => return work(),
        };
        let borrowed = BorrowedIds::of(user).map_err(|error| {
            let cause = format!("become the run user (uid {}, gid {})", user.uid, user.gid);
            error.context(Fault::failed(cause).advise(
                "map that id into the container's user namespace, keep SETUID and SETGID, or say --user root where \
                 there is but one id",
            ))
        })?;
        let result = work();
        drop(borrowed);
        result
    }
}

/// This thread's effective ids, changed until dropped.
struct BorrowedIds;

impl BorrowedIds {
    fn of(user: &User) -> Result<Self> {
        set_thread_groups(&[user.gid]).context("set supplementary groups")?;
        // From here on every early return has to put back what was changed.
        let borrowed = Self;
        set_thread_res_gid(None, user.gid, None).context("set effective group")?;
        set_thread_res_uid(None, user.uid, None).context("set effective user")?;
        Ok(borrowed)
    }
}

impl Drop for BorrowedIds {
    fn drop(&mut self) {
        let back = set_thread_res_uid(None, Uid::ROOT, None)
            .and_then(|()| set_thread_res_gid(None, Gid::ROOT, None))
            .and_then(|()| set_thread_groups(&[Gid::ROOT]));
        if back.is_err() {
            // Going on with somebody else's ids would put wrong owners on everything that follows.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passwd_line_gives_ids() {
        let user = User::from_line("hermes:x:10000:10001::/opt/data:/bin/sh", "hermes").unwrap();
        assert_eq!((user.uid.as_raw(), user.gid.as_raw()), (10000, 10001));
    }

    #[test]
    fn processes_have_owners() {
        let own = Authority::Own(User { uid: geteuid(), gid: getegid() });
        let other = Authority::Own(User { uid: Uid::from_raw(geteuid().as_raw() + 1), gid: getegid() });
        let pid = rustix::process::getpid();
        assert!(own.owns(pid) && !other.owns(pid));
        let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
        let gone = Pid::from_child(&child);
        child.wait().unwrap();
        assert!(!own.owns(gone));
    }

    #[test]
    fn other_lines_give_none() {
        for line in
            ["", "hermes", "hermes:x", "hermes:x:a:1", "hermesx:x:1:1", "hermes:x:4294967295:1", "hermes:x:-1:1"]
        {
            assert_eq!(User::from_line(line, "hermes"), None, "{line}");
        }
    }
}
