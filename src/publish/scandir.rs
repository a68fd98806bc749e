//! The scan directory and the slots in it.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::deadline::Deadline;
use crate::error::{At, Fault};
use crate::layout::UNFINISHED;
use crate::profile::ProfileName;
use crate::publish::Writer;
use crate::publish::space::room_for_supervisors;
use crate::s6::{Load, S6};
use crate::user::Authority;

/// A scan directory (s6-svscan's page), usually `/run/service`.
#[derive(Debug)]
pub struct ScanDir {
    path: Utf8PathBuf,
    s6: S6,
}

impl ScanDir {
    /// The scan directory at `path`, driven by the programs of `s6`.
    ///
    /// # Errors
    /// When it is missing or no directory.
    pub fn open(path: &Utf8Path, s6: S6) -> Result<Self> {
        let advice = "name the scan directory with --scandir or S6_PROFILE_GATEWAY_SCANDIR";
        let fault = || Fault::failed(format!("open {path}")).advise(advice);
        let found = std::fs::metadata(path).map_err(|error| anyhow::Error::new(error).context(fault()))?;
        if !found.is_dir() {
            return Err(Fault::failed(format!("open {path}: is not a directory")).advise(advice).into());
        }
        Ok(Self { path: path.to_owned(), s6 })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// The s6 programs that drive it.
    #[must_use]
    pub fn s6(&self) -> &S6 {
        &self.s6
    }

    /// The service directory of `profile`'s gateway, whether or not it is there.
    #[must_use]
    pub fn slot(&self, profile: &ProfileName) -> Utf8PathBuf {
        self.path.join(profile.slot())
    }

    /// Whether `profile` has a slot, be it one whose registration was interrupted.
    ///
    /// # Errors
    /// When this cannot be known, which is not the same as no.
    pub fn has(&self, profile: &ProfileName) -> Result<bool> {
        is_directory(&self.slot(profile))
    }

    /// Whether `profile` has a slot whose registration came to its end.
    ///
    /// # Errors
    /// As [`ScanDir::has`].
    pub fn has_registered(&self, profile: &ProfileName) -> Result<bool> {
        let unfinished = self.slot(profile).join(UNFINISHED);
        Ok(self.has(profile)? && !unfinished.try_exists().at("stat", unfinished)?)
    }

    /// The profiles that have a slot, in name order. Only real directories count: links, files and names that no
    /// profile can have are somebody else's.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn slots(&self) -> Result<Vec<ProfileName>> {
        let mut profiles = Vec::new();
        for entry in self.path.read_dir_utf8().at("read", &self.path)? {
            let entry = entry.at("read", &self.path)?;
            let is_directory = entry.file_type().at("stat", entry.path())?.is_dir();
            profiles.extend(ProfileName::of_slot(entry.file_name().as_ref()).filter(|_| is_directory));
        }
        profiles.sort();
        Ok(profiles)
    }

    /// What s6-svscan has to supervise here, gateways or not.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn load(&self) -> Result<Load> {
        let mut load = Load::default();
        for entry in self.path.read_dir_utf8().at("read", &self.path)? {
            let entry = entry.at("read", &self.path)?;
            if entry.file_name().starts_with('.') || !is_directory(entry.path())? {
                continue;
            }
            load.directories += 1;
            load.loggers += usize::from(is_directory(&entry.path().join("log"))?);
        }
        Ok(load)
    }

    /// Takes the right to change it; waits for another writer until `deadline`.
    ///
    /// # Errors
    /// When this user may not, somebody else might, nobody watches it, or another writer does not finish.
    pub fn writer(&self, authority: &Authority, deadline: Deadline) -> Result<Writer<'_>> {
        self.trusted_by(authority)?;
        self.executable()?;
        Writer::new(self, authority.clone(), deadline)
    }

    /// The links here that lead nowhere. At one, s6-svscan since 2.12 gives up the whole scan: nothing new starts, nothing
    /// is reaped. Under a name with a dot it is not looked at.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn dangling_links(&self) -> Result<Vec<Utf8PathBuf>> {
        let mut links = Vec::new();
        for entry in self.path.read_dir_utf8().at("read", &self.path)? {
            let entry = entry.at("read", &self.path)?;
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if is_link && !entry.file_name().starts_with('.') && entry.path().metadata().is_err() {
                links.push(entry.into_path());
            }
        }
        Ok(links)
    }

    /// Fails unless its file system has room for what the supervisors of `slots` more slots write.
    ///
    /// # Errors
    /// When it is full, or cannot be asked.
    pub fn has_room_for(&self, slots: usize) -> Result<()> {
        room_for_supervisors(&self.path, slots)
    }

    /// s6-supervise executes what lies here; a container engine may have mounted /run so that it cannot.
    ///
    /// # Errors
    /// When it cannot.
    pub fn executable(&self) -> Result<()> {
        let flags = statvfs(self.path.as_str()).at("stat", &self.path)?.f_flag;
        if !flags.contains(StatVfsMountFlags::NOEXEC) {
            return Ok(());
        }
        let cause = format!("write {}: is mounted noexec, so nothing in it could be started", self.path);
        Err(Fault::failed(cause).advise("mount it with exec, as in docker run --tmpfs /run:exec").into())
    }

    /// Root executes what lies here, so nobody else may be able to put something here.
    ///
    /// # Errors
    /// When somebody can, and `authority` is root's.
    pub fn trusted_by(&self, authority: &Authority) -> Result<()> {
        let found = std::fs::metadata(&self.path).at("stat", &self.path)?;
        let open_to_others = found.uid() != 0 || found.mode() & 0o022 != 0;
        if matches!(authority, Authority::Root(_)) && open_to_others {
            let cause = format!("write {}: users other than root may write there, and root would run it", self.path);
            return Err(Fault::failed(cause).advise(format!("chown root {0} && chmod go-w {0}", self.path)).into());
        }
        Ok(())
    }
}

fn is_directory(path: &Utf8Path) -> Result<bool> {
    match path.metadata() {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("stat", path),
    }
}
