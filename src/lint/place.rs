//! A directory to lint: open, and looked up in nothing but itself.

use anyhow::Result;
use camino::{Utf8Path, Utf8PathBuf};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, ResolveFlags, open, openat, openat2};

use super::service::{Role, Service};
use super::snapshot::{Kind, Snapshot};
use crate::error::At;

/// An open directory.
#[derive(Debug)]
pub(super) struct Place {
    fd: OwnedFd,
    shown: Utf8PathBuf,
    name: String,
    is_checkout: bool,
    /// The root directory of the image that it is in, if it is in one that is not this machine.
    root: Option<OwnedFd>,
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Place {
    /// Opens the directory at `path`, which its caller named: links in it are followed.
    pub(super) fn open(path: &Utf8Path) -> Result<Self> {
        let fd = open(path.as_str(), DIRECTORY, Mode::empty()).at("open", path)?;
        let real = path.canonicalize_utf8().at("open", path)?;
        Ok(Self {
            fd,
            shown: path.to_owned(),
            name: real.file_name().unwrap_or_default().to_owned(),
            is_checkout: real.ancestors().any(|above| above.join(".git").exists()),
            root: None,
        })
    }

    /// The directory `name` in it, which nobody vouches for: a link is an error.
    pub(super) fn below(&self, name: &str) -> Result<Self> {
        let shown = self.shown.join(name);
        let fd = openat(&self.fd, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()).at("open", &shown)?;
        Ok(Self { fd, name: name.to_owned(), shown, is_checkout: self.is_checkout, root: self.copy_of_root()? })
    }

    /// The directory at `path` in the image whose root this is, found as it would be found there; none where there
    /// is none.
    pub(super) fn in_image(&self, path: &str) -> Result<Option<Self>> {
        let Ok(fd) = openat2(&self.fd, path, DIRECTORY, Mode::empty(), ResolveFlags::IN_ROOT) else { return Ok(None) };
        let shown = self.shown.join(path);
        let name = shown.file_name().unwrap_or_default().to_owned();
        let root = Some(self.fd.try_clone().at("open", &self.shown)?);
        Ok(Some(Self { fd, name, shown, is_checkout: self.is_checkout, root }))
    }

    fn copy_of_root(&self) -> Result<Option<OwnedFd>> {
        self.root.as_ref().map(|root| root.try_clone().at("open", &self.shown)).transpose()
    }

    pub(super) fn shown(&self) -> &Utf8Path {
        &self.shown
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_checkout(&self) -> bool {
        self.is_checkout
    }

    /// What lies directly in it.
    pub(super) fn names(&self) -> Result<Snapshot> {
        Snapshot::read(&self.fd, &self.shown, false)
    }

    /// The directories in it that have a readable name, in name order.
    pub(super) fn directories(&self) -> Result<Vec<String>> {
        let tree = self.names()?;
        let is_known = |name: &str| tree.is_directory(name) && !name.contains('\u{fffd}');
        Ok(tree.within("").map(|(name, _)| name).filter(|name| is_known(name)).map(str::to_owned).collect())
    }

    /// Whether the link `name` in it points to nothing, where its image's root is the root directory.
    pub(super) fn dangles(&self, name: &str, kind: &Kind) -> bool {
        let Kind::Link { dangling } = kind else { return false };
        let Some(root) = &self.root else { return *dangling };
        let Ok(target) = rustix::fs::readlinkat(&self.fd, name, Vec::new()) else { return true };
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        if target.as_bytes().starts_with(b"/") {
            return openat2(root, &target, flags, Mode::empty(), ResolveFlags::IN_ROOT).is_err();
        }
        openat(&self.fd, name, flags, Mode::empty()).is_err()
    }

    /// The service directory that it is.
    pub(super) fn service(self) -> Result<Service> {
        let tree = Snapshot::read(&self.fd, &self.shown, true)?;
        let role = Role::of(&self.name, &tree);
        Ok(self.service_of(tree, role))
    }

    /// The service directory that it is, with a role that is known.
    pub(super) fn service_as(self, role: Role) -> Result<Service> {
        let tree = Snapshot::read(&self.fd, &self.shown, true)?;
        Ok(self.service_of(tree, role))
    }

    fn service_of(self, tree: Snapshot, role: Role) -> Service {
        Service { shown: self.shown, name: self.name, tree, role, is_checkout: self.is_checkout, root: self.root }
    }
}
