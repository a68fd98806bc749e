//! The home on the volume and the profiles in it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use strsim::osa_distance;

use super::directory::Directory;
use crate::error::{At, Fault, exit_of};
use crate::exit::Exit;
use crate::profile::ProfileName;
use crate::user::Authority;

/// The file whose presence makes a directory below `profiles/` a profile.
const MARKER: &str = "SOUL.md";
/// Its name once the profile is deleted. The text stays until the directory goes.
const FORMER_MARKER: &str = "SOUL.md.deleted";
const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The root home: the default profile's own directory, with the others under `profiles/`.
#[derive(Clone, Debug)]
pub struct Home {
    path: Utf8PathBuf,
    authority: Authority,
}

/// What a survey of the home found.
#[derive(Debug, Default)]
pub struct Survey {
    /// The default profile, then the others in name order.
    pub profiles: Vec<ProfileName>,
    /// What looked like a profile but is none, and why.
    pub troubles: Vec<anyhow::Error>,
}

impl Home {
    /// The home at `path`, to be read on `authority`.
    #[must_use]
    pub fn new(path: &Utf8Path, authority: Authority) -> Self {
        Self { path: path.to_owned(), authority }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Every profile of this home. One that cannot be used is a trouble of its own and hides no other.
    ///
    /// # Errors
    /// When the home itself cannot be read.
    pub fn survey(&self) -> Result<Survey> {
        self.authority.in_home(|| {
            let mut survey = Survey { profiles: vec![ProfileName::default_profile()], troubles: Vec::new() };
            // Without the home there is nothing; without the others there still is the default profile.
            drop(self.open()?);
            let found = self.open_profiles().and_then(|profiles| {
                let listed = profiles.as_ref().map_or(Ok(Vec::new()), entries);
                Ok(profiles.zip(Some(listed.at("read", self.path.join("profiles"))?)))
            });
            let (profiles, names) = match found {
                Ok(Some(found)) => found,
                Ok(None) => return Ok(survey),
                Err(trouble) => {
                    survey.troubles.push(trouble);
                    return Ok(survey);
                }
            };
            for entry in names {
                match self.profile_at(&profiles, &entry) {
                    Ok(Some(name)) => survey.profiles.push(name),
                    Ok(None) => {}
                    Err(trouble) => survey.troubles.push(trouble),
                }
            }
            survey.profiles[1..].sort();
            Ok(survey)
        })
    }

    /// Fails unless `name` is a profile of this home.
    ///
    /// # Errors
    /// Exit code 4 when there is no such profile; otherwise when the home cannot be read.
    pub fn require(&self, name: &ProfileName) -> Result<()> {
        self.authority.in_home(|| {
            if name.is_default() {
                return Ok(());
            }
            let profiles = self.open_profiles()?;
            let found = profiles.map(|profiles| self.profile_at(&profiles, OsStr::new(name.as_str())));
            found.transpose()?.flatten().map(drop).ok_or_else(|| self.no_profile(name))
        })
    }

    /// Whether `name` is certainly no profile of this home: one that cannot be looked at is not lost.
    ///
    /// # Errors
    /// When this cannot be known.
    pub fn has_lost(&self, name: &ProfileName) -> Result<bool> {
        match self.require(name) {
            Err(error) if exit_of(&error) == Exit::NoSuch => Ok(true),
            required => required.map(|()| false),
        }
    }

    /// Does `work` with the directory of `name`, on the run user's rights.
    ///
    /// # Errors
    /// Exit code 4 when there is no such directory, and whatever `work` returns.
    pub fn in_profile<T>(&self, name: &ProfileName, work: impl FnOnce(&Directory) -> Result<T>) -> Result<T> {
        self.authority.in_home(|| work(&self.open_profile(name)?))
    }

    /// Makes the directory of `name` a profile no more. It can be one again when its `SOUL.md` gets its name back.
    ///
    /// # Errors
    /// Exit code 4 when there is no such directory; otherwise when it cannot be changed.
    pub fn disown(&self, name: &ProfileName) -> Result<()> {
        self.in_profile(name, |directory| directory.rename(MARKER, FORMER_MARKER))
    }

    /// [`Home::in_profile`] for each of `names`, one after the other.
    ///
    /// # Errors
    /// When the run user's rights cannot be had.
    pub fn in_each<T>(
        &self,
        names: &[ProfileName],
        work: impl Fn(&ProfileName, &Directory) -> Result<T>,
    ) -> Result<Vec<Result<T>>> {
        self.authority.in_home(|| {
            let profiles = self.open_profiles().ok().flatten();
            let visit = |name: &ProfileName| match &profiles {
                Some(profiles) if !name.is_default() => work(name, &self.open_below(profiles, name)?),
                _ => work(name, &self.open_profile(name)?),
            };
            Ok(names.iter().map(visit).collect())
        })
    }

    /// Does `work`, which touches this home, on the run user's rights.
    ///
    /// # Errors
    /// Whatever `work` returns.
    pub fn on_behalf<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.authority.in_home(work)
    }

    fn no_profile(&self, name: &ProfileName) -> anyhow::Error {
        let meant = self.similar(name).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        let cause = format!("profile {name}: there is none under {}{meant}", self.path);
        Fault::no_such(cause).advise(format!("hermes profile create {name}")).into()
    }

    /// The profile here whose name is the most like `name`, if one could be a slip of the finger away. For the caller who
    /// has the run user's rights already.
    fn similar(&self, name: &ProfileName) -> Option<ProfileName> {
        let profiles = self.open_profiles().ok()??;
        let slips = (name.as_str().len() + 2) / 4;
        let distance = |found: &OsString| Some((osa_distance(found.to_str()?, name.as_str()), found.clone()));
        let mut near: Vec<_> = entries(&profiles).ok()?.iter().filter_map(distance).collect();
        near.retain(|(distance, _)| *distance <= slips);
        near.sort();
        near.iter().find_map(|(_, found)| self.profile_at(&profiles, found).ok().flatten())
    }

    fn open(&self) -> Result<OwnedFd> {
        openat(CWD, self.path.as_str(), DIRECTORY, Mode::empty()).map_err(|error| match error {
            Errno::NOENT => anyhow::Error::new(error).context(
                Fault::failed(format!("open {}", self.path)).advise("name the home with --home or HERMES_HOME"),
            ),
            error => anyhow::Error::new(error).context(format!("open {}", self.path)),
        })
    }

    fn open_profile(&self, name: &ProfileName) -> Result<Directory> {
        if name.is_default() {
            return Ok(Directory::new(self.open()?, self.path.clone()));
        }
        let profiles = self.open_profiles()?.ok_or_else(|| self.no_profile(name))?;
        self.open_below(&profiles, name)
    }

    fn open_below(&self, profiles: &OwnedFd, name: &ProfileName) -> Result<Directory> {
        let path = self.path.join("profiles").join(name.as_str());
        match openat(profiles, name.as_str(), DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Err(Errno::NOENT) => Err(self.no_profile(name)),
            opened => Ok(Directory::new(opened.at("open", &path)?, path)),
        }
    }

    fn open_profiles(&self) -> Result<Option<OwnedFd>> {
        let home = self.open()?;
        match openat(&home, "profiles", DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(profiles) => Ok(Some(profiles)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error).at("open", self.path.join("profiles")),
        }
    }

    /// The profile called `entry`: none when nothing there claims to be one.
    fn profile_at(&self, profiles: &OwnedFd, entry: &OsStr) -> Result<Option<ProfileName>> {
        let shown = || format!("{}/profiles/{}", self.path, entry.as_bytes().escape_ascii());
        let directory = match openat(profiles, entry, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(directory) => directory,
            Err(Errno::NOENT) => return Ok(None),
            // A plain file, or a link: with O_DIRECTORY, Linux answers ENOTDIR to both.
            Err(Errno::NOTDIR | Errno::LOOP) => return self.refuse_link(profiles, entry).map(|()| None),
            Err(error) => return Err(error).at("open", shown()),
        };
        match statat(&directory, MARKER, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error).at("stat", format!("{}/{MARKER}", shown())),
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile => {
                return Err(Fault::failed(format!("read {}/{MARKER}: is not a regular file", shown())).into());
            }
            Ok(_) => {}
        }
        let name = ProfileName::parse(entry).at("use", shown())?;
        if name.is_default() {
            let cause = format!("use {}: the name is the root home's own", shown());
            return Err(Fault::failed(cause).advise("rename the directory").into());
        }
        Ok(Some(name))
    }

    fn refuse_link(&self, profiles: &OwnedFd, entry: &OsStr) -> Result<()> {
        let shown = format!("{}/profiles/{}", self.path, entry.as_bytes().escape_ascii());
        let stat = statat(profiles, entry, AtFlags::SYMLINK_NOFOLLOW).at("stat", &shown)?;
        if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
            let cause = format!("use {shown}: is a symbolic link");
            return Err(Fault::failed(cause).advise("put the profile's directory itself there").into());
        }
        Ok(())
    }
}

/// The names in `directory`, without those that begin with a dot.
fn entries(directory: &OwnedFd) -> rustix::io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !name.starts_with(b".") {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    Ok(names)
}
