//! The settings of Telegram's hosts.

use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use crate::model::{ChannelName, Target};
use crate::net::FileHosts;
use crate::setting;

/// The part of `[upstream]` about Telegram's hosts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The first host: scheme, host and port, without a path.
    #[serde(rename = "upstream.url", deserialize_with = "url")]
    pub url: Url,
    /// Other hosts with the same pages, tried in order if the previous one cannot be reached.
    #[serde(rename = "upstream.fallback", deserialize_with = "fallback")]
    pub fallback: Vec<Url>,
    /// A channel known to exist, fetched if a response is in doubt.
    #[serde(rename = "upstream.canary", deserialize_with = "canary")]
    pub canary: ChannelName,
    /// The hosts of Telegram's files: host suffixes, or a literal `http://host:port` for tests and mirrors. See
    /// [`Settings::add_own_media_hosts`].
    #[serde(rename = "upstream.media_hosts", deserialize_with = "media_hosts")]
    pub media_hosts: Vec<String>,
}

impl Default for Settings {
    #[expect(clippy::expect_used, reason = "constants, covered by a test")]
    fn default() -> Self {
        let address = |text: &str| Url::parse(text).expect("a constant address");
        Self {
            url: address("https://t.me"),
            fallback: vec![address("https://telegram.me"), address("https://telegram.dog")],
            canary: ChannelName::parse("telegram").expect("a constant name"),
            media_hosts: [
                "telesco.pe",
                "cdn-telegram.org",
                "telegram-cdn.org",
                "telegram.org",
                "telegram.space",
                "t.me",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}

impl Settings {
    /// Adds the host of the pages, unless it is allowed already: a mirror and the demo serve files too.
    pub fn add_own_media_hosts(&mut self) {
        if self.file_hosts().allows(&self.url) {
            return;
        }
        self.media_hosts.push(self.url.as_str().trim_end_matches('/').to_owned());
        // A public mirror may serve files from its subdomains.
        if let Some(Host::Domain(name)) = self.url.host()
            && self.url.scheme() == "https"
            && self.url.port().is_none()
            && name.contains('.')
        {
            self.media_hosts.push(name.to_owned());
        }
    }

    /// The hosts of Telegram's files: HTTPS on a host of `media_hosts` or a subdomain, or exactly an entry with a
    /// scheme.
    pub fn file_hosts(&self) -> FileHosts {
        FileHosts::new(self.media_hosts.iter().map(String::as_str))
    }
}

fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    setting::parsed(from, origin)
}

fn fallback<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Url>, D::Error> {
    setting::list(from, 0..=64, origin)
}

fn canary<'de, D: Deserializer<'de>>(from: D) -> Result<ChannelName, D::Error> {
    setting::parsed(from, Target::channel_of_setting)
}

fn media_hosts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    setting::list(from, 1..=64, media_host)
}

/// Scheme, host and port of an HTTP server, and nothing else.
fn origin(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(setting::is_bare);
    url.filter(|url| {
        let has_user = !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && !has_user
    })
    .ok_or("")
}

/// A domain with its subdomains, or an origin such as `https://host:port`.
fn media_host(text: &str) -> Result<String, &'static str> {
    if text.contains("://") {
        return Ok(origin(text)?.as_str().trim_end_matches('/').to_owned());
    }
    let text = text.trim_start_matches('.').to_ascii_lowercase();
    // A name without a dot would allow a whole top-level domain.
    let is_name = text.contains('.') && !text.ends_with('.') && text.len() <= 253;
    match Host::parse(&text) {
        Ok(Host::Domain(domain)) if is_name && domain == text => Ok(text),
        _ => Err(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Address;

    #[test]
    fn files_come_from_telegrams_hosts_only() {
        let mut settings = Settings::default();
        settings.media_hosts.push("http://127.0.0.1:9000".to_owned());
        let hosts = settings.file_hosts();
        for (address, expected) in [
            ("https://cdn4.telesco.pe/file/a.jpg", true),
            ("https://telesco.pe/file/a.jpg", true),
            ("https://t.me/i/userpic/a.jpg", true),
            ("http://127.0.0.1:9000/file/a.jpg", true),
            ("http://127.0.0.1:9001/file/a.jpg", false),
            ("https://127.0.0.1:9000/file/a.jpg", false),
            ("http://cdn4.telesco.pe/file/a.jpg", false),
            ("https://cdn4.telesco.pe:8443/file/a.jpg", false),
            ("https://eviltelesco.pe/a.jpg", false),
            ("https://evilt.me/a.jpg", false),
            ("https://telesco.pe.evil.example/a.jpg", false),
            ("https://telesco.pe@evil.example/a.jpg", false),
            ("mailto:a@telesco.pe", false),
        ] {
            let url = Address::parse(address).unwrap().to_url();
            assert_eq!(url.is_some_and(|url| hosts.allows(&url)), expected, "{address}");
        }
    }

    #[test]
    fn defaults_point_to_telegram() {
        assert_eq!(Settings::default().url.as_str(), "https://t.me/");
        assert_eq!(Settings::default().fallback.len(), 2);
    }
}
