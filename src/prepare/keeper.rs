//! Whose the volume is to be.

use std::os::fd::AsRawFd;

use anyhow::Result;
use rustix::fs::{Access, AtFlags, CWD, accessat, chownat};
use rustix::io::Errno;
use rustix::process::Gid;

use super::place::Place;
use crate::error::{At, Fault};
use crate::user::{Authority, User};

/// The run user, as the one who keeps the volume.
#[derive(Debug)]
pub struct Keeper {
    /// On whose authority things change hands.
    pub authority: Authority,
    /// The run user's group before this boot gave it another id.
    pub former_group: Option<Gid>,
}

/// Whose a place is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The run user's, as it was.
    Already,
    /// The run user's, and it was another's.
    Given,
    /// Another's, as the volume has it so; the run user gets along.
    Usable,
}

impl Keeper {
    /// Gives `place` to the run user. Its group changes with its owner only: a cluster's fsGroup is left alone.
    ///
    /// # Errors
    /// When it cannot be given and the run user cannot use it as it is.
    pub fn give(&self, place: &Place) -> Result<Kept> {
        let User { uid, gid } = *self.user();
        let group = Gid::from_raw(place.found.st_gid);
        if place.found.st_uid == uid.as_raw() && Some(group) != self.former_group {
            return Ok(Kept::Already);
        }
        match chownat(&place.fd, "", Some(uid), Some(gid), AtFlags::EMPTY_PATH) {
            Ok(()) => Ok(Kept::Given),
            // A network file system, a user namespace without that id, a volume that is read-only, a missing capability.
            Err(refused @ (Errno::PERM | Errno::ACCESS | Errno::ROFS | Errno::INVAL | Errno::OPNOTSUPP)) => {
                self.usable(place).map_err(|denied| {
                    let cause = format!("chown {}: {refused}, and the run user cannot use it: {denied:#}", place.shown);
                    Fault::failed(cause).advise(format!("chown {uid}:{gid} it where the volume comes from")).into()
                })
            }
            Err(error) => Err(error).at("chown", &place.shown),
        }
    }

    /// Does `work` as the run user.
    ///
    /// # Errors
    /// Whatever `work` returns.
    pub fn as_run_user<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.authority.in_home(work)
    }

    fn user(&self) -> &User {
        match &self.authority {
            Authority::Root(user) | Authority::Own(user) => user,
        }
    }

    /// By access and not by owner: what an ACL or a server grants shows in no mode.
    fn usable(&self, place: &Place) -> Result<Kept> {
        let directory = rustix::fs::FileType::from_raw_mode(place.found.st_mode).is_dir();
        let wanted = Access::READ_OK | Access::WRITE_OK;
        let wanted = if directory { wanted | Access::EXEC_OK } else { wanted };
        // This name is the descriptor itself; no other name is looked up.
        let own_name = format!("/proc/self/fd/{}", place.fd.as_raw_fd());
        self.as_run_user(|| Ok(accessat(CWD, own_name, wanted, AtFlags::EACCESS)?))?;
        Ok(Kept::Usable)
    }
}
