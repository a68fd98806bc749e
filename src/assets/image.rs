//! What an image is made of, as its assets name it.

use camino::Utf8PathBuf;

/// The command that people run.
pub(super) const FRONT: &str = "/usr/local/bin/hermes";
/// What `/init` runs the container's command through. Hermes' own image has it there, and people name it.
pub(super) const WRAPPER: &str = "/opt/hermes/docker/main-wrapper.sh";

/// Paths in the image, and who runs there.
#[derive(Clone, Debug)]
pub struct Image {
    /// The directory of the s6 programs.
    pub s6_bin: Utf8PathBuf,
    /// This program.
    pub program: Utf8PathBuf,
    /// Hermes itself.
    pub hermes: Utf8PathBuf,
    /// The run user's name.
    pub user: String,
    /// The socket of the broker.
    pub broker: Utf8PathBuf,
}
