//! Addresses that may stand in what we print.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// The longest address that is kept, in bytes.
const LONGEST: usize = 4096;

/// An absolute address of a scheme that is safe to print: `http`, `https`, `mailto`, `tel`, or `tg`.
///
/// Cheap to clone: a link that goes on over many paragraphs shares it.
///
/// SECURITY: `javascript:`, `data:` and unknown schemes in a post's links -> they are no addresses, and the text of
/// the link stands without it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Address {
    /// An absolute address, or one without scheme (`//host/path`), which becomes https; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let absolute =
            if text.starts_with("//") { format!("https:{text}") } else { text.to_owned() };
        let url = Url::parse(&absolute).ok()?;
        let known = match url.scheme() {
            "http" | "https" => url.has_host(),
            "mailto" | "tel" => url.path().len() > 1,
            "tg" => true,
            _ => false,
        };
        let printed = url.as_str();
        let clean = printed.bytes().all(|byte| byte.is_ascii_graphic());
        (known && clean && printed.len() <= LONGEST).then(|| Self(printed.into()))
    }

    /// As it is printed: ASCII, percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a browser can open it (`http` or `https`).
    pub fn is_web(&self) -> bool {
        self.0.starts_with("http")
    }

    /// Whether only Telegram's app can open it (`tg:`).
    pub fn is_app(&self) -> bool {
        self.0.starts_with("tg:")
    }

    /// The address taken apart.
    pub fn to_url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no address that may be printed"))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
