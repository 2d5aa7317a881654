//! Sections that belong to no module below: plain values.

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
