//! The static assets of the image: what compile writes below its root and verify finds again.

mod audit;
mod image;
mod install;
mod scripts;

use anyhow::Result;
use camino::Utf8Path;

pub use audit::{audit, found, modes};
pub use image::Image;
pub use install::install;

use crate::manifest::Manifest;
use crate::render::{json, script};
use crate::tree::{Group, Tree};

/// Where the manifest lies, below the image's root.
pub const MANIFEST: &str = "usr/share/hermes-s6gen/manifest.json";
/// The broker's access rules, as s6-ipcserver-access reads them.
const RULES: &str = "etc/hermes-s6gen/broker";
/// s6-overlay's service definitions (s6-rc-compile's page).
const SERVICES: &str = "etc/s6-overlay/s6-rc.d";

/// Every asset of `image`, by path below its root. Files lie where other packages' files lie too; directories are
/// named only where nobody but this program has anything in them.
///
/// # Errors
/// When a value has a NUL byte, which no script can hold.
pub fn assets(image: &Image) -> Result<Tree> {
    let mut tree = Tree::default();
    let run = |tree: &mut Tree, path: &str, text: String| tree.file(path, 0o755, Group::Owner, text);
    run(&mut tree, "etc/cont-init.d/01-hermes-setup", script(&scripts::PrepareHome::new(image))?);
    run(&mut tree, "etc/cont-init.d/02-reconcile-profiles", script(&scripts::Reconcile::new(image))?);
    run(&mut tree, "etc/cont-finish.d/01-hermes-drain", script(&scripts::Drain::new(image))?);
    run(&mut tree, image::FRONT.trim_start_matches('/'), script(&scripts::Front::new(image))?);
    run(&mut tree, image::WRAPPER.trim_start_matches('/'), script(&scripts::Wrapper::new(image))?);
    service(&mut tree, "main-hermes", script(&scripts::MainHermes {})?);
    service(&mut tree, "dashboard", script(&scripts::Dashboard::new(image))?);
    let registrar = service(&mut tree, "hermes-registrar", script(&scripts::Registrar::new(image))?);
    tree.file(format!("{registrar}/notification-fd"), 0o644, Group::Owner, "3\n");
    // A broker that cannot listen must not hold up the boot.
    tree.file(format!("{registrar}/timeout-up"), 0o644, Group::Owner, "5000\n");
    for name in ["dashboard", "hermes-registrar"] {
        run(&mut tree, &format!("{SERVICES}/{name}/finish"), script(&scripts::Finish {})?);
    }
    rules(&mut tree);
    directories(&mut tree, Utf8Path::new(MANIFEST));
    let manifest = json(&Manifest::of(&tree))?;
    tree.file(MANIFEST, 0o644, Group::Owner, manifest);
    Ok(tree)
}

/// A longrun of s6-overlay's user bundle; gives its directory.
fn service(tree: &mut Tree, name: &str, run: String) -> String {
    let directory = format!("{SERVICES}/{name}");
    let owner = Group::Owner;
    tree.file(format!("{directory}/type"), 0o644, owner, "longrun\n");
    tree.file(format!("{directory}/run"), 0o755, owner, run);
    tree.file(format!("{directory}/dependencies.d/base"), 0o644, owner, "");
    tree.file(format!("{SERVICES}/user/contents.d/{name}"), 0o644, owner, "");
    directories(tree, &Utf8Path::new(&directory).join("dependencies.d/base"));
    directory
}

/// Root may ask, others may not; the service adds the run user, whose id is known only at run time.
fn rules(tree: &mut Tree) {
    for rule in ["uid/0/allow", "uid/default/deny"] {
        let path = Utf8Path::new(RULES).join(rule);
        tree.file(path.as_path(), 0o644, Group::Owner, "");
        directories(tree, &path);
    }
}

/// Names the directories of `path` that are ours alone.
fn directories(tree: &mut Tree, path: &Utf8Path) {
    for directory in path.ancestors().skip(1) {
        tree.directory(directory, 0o755, Group::Owner);
        if directory.file_name() == Some("hermes-s6gen") || directory.parent() == Some(Utf8Path::new(SERVICES)) {
            return;
        }
    }
}
