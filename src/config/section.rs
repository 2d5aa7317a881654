//! Sections that belong to no module below: plain values.

use std::path::PathBuf;

use bytesize::ByteSize;

use crate::model::options::MediaMode;
use crate::web::TimeZone;

/// `[pages]`: how pages for people look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The zone in which times are shown.
    pub time_zone: TimeZone,
}

impl Default for Pages {
    fn default() -> Self {
        Self { time_zone: TimeZone::UTC }
    }
}

/// `[media]`: where files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Where files come from. What feeds do by default follows from it: `bridge::Settings::feed` has it as an option.
    pub mode: MediaMode,
    /// The folder of kept files; absolute once loaded.
    pub cache_dir: PathBuf,
    /// All kept files together.
    pub cache_size: ByteSize,
    /// The largest file that is kept.
    pub max_file: ByteSize,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            mode: MediaMode::Proxy,
            cache_dir: PathBuf::from("data/media"),
            cache_size: ByteSize::gib(2),
            max_file: ByteSize::mib(64),
        }
    }
}

/// `[limits]`, what concerns single clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute of one client that cost a request to Telegram; `None`: no limit.
    pub per_client: Option<u32>,
}

/// `[websub]`: the hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebSub {
    /// Whether there is one.
    pub enabled: WebSubMode,
    /// Whether callbacks may have addresses of private networks.
    pub private_callbacks: bool,
}

/// Whether there is a hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebSubMode {
    /// When `server.base_url` is public.
    #[default]
    Auto,
    /// Yes.
    On,
    /// No.
    Off,
}
