//! The stylesheets and the icon, built into the program.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::locale::Words;

pub(in crate::web) const STYLE: &str = include_str!("../../../static/style.css");

pub(in crate::web) const ICON: &[u8] = include_bytes!("../../../static/icon.svg");

/// The stylesheet of feeds in browsers, with placeholders for texts.
const FEED_STYLE: &str = include_str!("../../../static/feed.css");

/// The file name below `/-/`, as in `Links::feed_style`.
pub(in crate::web) const FEED_STYLE_NAME: &str = "feed.css";

/// The stylesheet's file name. It contains a hash of the content, so that caches never revalidate it.
pub(in crate::web) static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash: String =
        Sha256::digest(STYLE.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("style.{hash}.css")
});

/// The stylesheet of feeds, in one language.
pub(in crate::web) fn feed_style(words: &'static Words) -> String {
    let attachment = format!("{} ", words.tr("feed-attachment"));
    FEED_STYLE
        .replace("%notice%", &string(words.tr("feed-notice")))
        .replace("%attachment%", &string(&attachment))
}

/// A CSS string literal.
fn string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Language;

    #[test]
    fn feed_stylesheet_is_localised() {
        let english = feed_style(Words::of(Language::English));
        assert!(english.contains("\"This is a feed: copy its address into your reader.\""));
        let russian = feed_style(Words::of(Language::Russian));
        assert!(russian.contains("\"Это лента: скопируйте её адрес в свою читалку.\""));
        for style in [english, russian] {
            assert!(!style.contains('%') && !style.contains("url(") && !style.contains("@import"));
        }
        assert_eq!(string("a \"b\" \\"), "\"a \\\"b\\\" \\\\\"");
    }
}
