//! The requirements of standards and readers, one rule each (`rules.toml`). Each test names the rules that it checks.
//!
//! The tests check the responses of a running feedline for the sample channels.

mod atom;
mod every;
mod http;
mod json;
mod page;
mod rss;
mod tree;

use feedline::model::Format;

use crate::support::{Answer, CHANNELS, TestApp};

/// Sample channels in one merged feed.
const SEVERAL: &str = "quiet_corner+tidewater+zenit_library";

/// Queries that change the content of a feed, in feedline's normal form.
const QUERIES: [&str; 6] = [
    "",
    "?service=1&stats=1&limit=100",
    "?limit=3&before=20",
    "?title=none&media=none",
    "?title=marked&link=page",
    "?tag=fog&content=text",
];

/// A feed response.
struct Sample {
    channel: &'static str,
    query: String,
    /// `/tidewater/rss.xml?limit=3`
    path: String,
    answer: Answer,
}

/// Every sample channel, and several merged, with every query, in one format.
async fn samples(app: &TestApp, format: Format) -> Vec<Sample> {
    let mut samples = Vec::new();
    for channel in CHANNELS.into_iter().chain([SEVERAL]) {
        for query in QUERIES {
            let query = match channel {
                SEVERAL => query.replace("before=20", "before=tidewater.20,zenit_library.20"),
                _ => query.to_owned(),
            };
            let path = format!("/{channel}/{}{query}", format.file_name());
            let answer = app.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            samples.push(Sample { channel, query, path, answer });
        }
    }
    samples
}

/// Whether it is an absolute, percent-encoded web URL.
fn is_address(text: &str) -> bool {
    let parsed = url::Url::parse(text);
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    is_plain && parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Whether it is a language tag (RFC 5646) of a language, optionally with a region.
fn is_language(text: &str) -> bool {
    let (language, region) = text.split_once('-').unwrap_or((text, "XX"));
    let is_short = |text: &str| (2..=3).contains(&text.len());
    is_short(language)
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && region.len() == 2
        && region.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The values of URL attributes in an item's HTML.
fn addresses_in(html: &str) -> Vec<String> {
    let fragment = scraper::Html::parse_fragment(html);
    let elements = fragment.root_element().descendent_elements();
    let values = elements.flat_map(|element| {
        ["href", "src", "poster"].map(|name| element.attr(name).map(str::to_owned))
    });
    values.flatten().collect()
}
