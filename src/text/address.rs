//! Addresses that are safe to print.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

/// In bytes.
const MAX_BYTES: usize = 4096;

/// An absolute `http`, `https`, `mailto`, `tel` or `tg` address in printable ASCII. Cheap to clone: a link over many
/// paragraphs shares it.
///
/// SECURITY: `javascript:`, `data:` and unknown schemes in a post's links -> rejected; the text of the link stays.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Address {
    /// `//host/path` becomes https.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_BYTES {
            return None;
        }
        let url = if text.starts_with("//") {
            Url::parse(&format!("https:{text}")).ok()?
        } else {
            Url::parse(text).ok()?
        };
        let is_allowed = match url.scheme() {
            "http" | "https" => url.has_host(),
            "mailto" | "tel" => url.path().len() > 1,
            "tg" => true,
            _ => false,
        };
        let printed = url.as_str();
        let is_ascii = printed.bytes().all(|byte| byte.is_ascii_graphic());
        (is_allowed && is_ascii && printed.len() <= MAX_BYTES).then(|| Self(printed.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `http` or `https`.
    pub fn is_web(&self) -> bool {
        self.0.starts_with("http")
    }

    /// Whether only Telegram's app can open it (`tg:`).
    pub(crate) fn is_app(&self) -> bool {
        self.0.starts_with("tg:")
    }

    pub fn to_url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("the address is not allowed"))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
