//! What the operator decides about files.

use std::path::PathBuf;

use bytesize::ByteSize;

/// `[media]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where files come from. What feeds do by default follows from it: `service::Settings::feed` has it as an option.
    pub mode: Mode,
    /// The folder of kept files, absolute once loaded; `None`: nothing is kept, files only pass through.
    pub cache_dir: Option<PathBuf>,
    /// All kept files together.
    pub cache_size: ByteSize,
    /// The largest file that is kept; larger ones are redirected.
    pub max_file: ByteSize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Proxy,
            cache_dir: Some(PathBuf::from("data/media")),
            cache_size: ByteSize::gib(2),
            max_file: ByteSize::mib(64),
        }
    }
}

/// Where files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From us.
    Proxy,
    /// From Telegram, by an address of ours that leads to the present one.
    Redirect,
    /// From nowhere: files are named only. Who asks for one all the same is redirected.
    None,
}
