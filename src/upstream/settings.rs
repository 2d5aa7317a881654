//! Where Telegram is.

use url::Url;

use crate::model::ChannelName;

/// `[upstream]`'s part that concerns Telegram's web face.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Telegram's web face: scheme, host and port, without a path.
    pub url: Url,
    /// Other hosts with the same pages, asked in order when the one before cannot be reached.
    pub fallback: Vec<Url>,
    /// A channel known to exist, asked when an answer is in doubt.
    pub canary: ChannelName,
    /// Where Telegram keeps files: a host suffix, or a literal `http://host:port` for tests and mirrors.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_point_to_telegram() {
        assert_eq!(Settings::default().url.as_str(), "https://t.me/");
        assert_eq!(Settings::default().fallback.len(), 2);
    }
}
