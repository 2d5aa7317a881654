//! Content negotiation: `Accept`, `Accept-Encoding` and `Accept-Language` (RFC 9110, section 12.5).

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderName};

use crate::model::{Format, Language};
use crate::service::ContentEncoding;

/// The most list members that are parsed.
const MAX_MEMBERS: usize = 64;

const HTML: [&str; 2] = ["text/html", "application/xhtml+xml"];

const JSON: [&str; 2] = ["application/problem+json", "application/json"];

/// The members of a list with their weights in thousandths.
fn weighted(headers: &HeaderMap, name: HeaderName) -> Vec<(String, u16)> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let members = values.flat_map(|value| value.split(',')).take(MAX_MEMBERS);
    members.filter_map(member).collect()
}

fn member(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_ascii_lowercase();
    let quality =
        parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some((name, quality.map_or(1000, weight)))
}

/// A weight such as `0.5`, in thousandths. An invalid weight counts as 1.
fn weight(text: &str) -> u16 {
    let number = text
        .trim()
        .parse::<f32>()
        .ok()
        .filter(|number| (0.0..=1.0).contains(number))
        .unwrap_or(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    let thousandths = (number * 1000.0).round() as u16;
    thousandths
}

/// The content encoding of the response: Brotli unless gzip has a higher weight, and either unless identity has a
/// higher weight. A client that refuses everything gets identity instead of an error, as RFC 9110, section 12.5.3,
/// allows.
pub(super) fn coding(headers: &HeaderMap) -> ContentEncoding {
    if !headers.contains_key(ACCEPT_ENCODING) {
        return ContentEncoding::Identity;
    }
    let members = weighted(headers, ACCEPT_ENCODING);
    let any = best(&members, &["*"]);
    let brotli = best(&members, &["br"]).or(any).unwrap_or(0);
    let gzip = best(&members, &["gzip", "x-gzip"]).or(any).unwrap_or(0);
    let identity = best(&members, &["identity"]).unwrap_or(1);
    if brotli.max(gzip) < identity.max(1) {
        ContentEncoding::Identity
    } else if brotli >= gzip {
        ContentEncoding::Brotli
    } else {
        ContentEncoding::Gzip
    }
}

/// Whether the client is a browser: it names HTML, with a weight no lower than that of JSON.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let members = weighted(headers, ACCEPT);
    let html = best(&members, &HTML).unwrap_or(0);
    html > 0 && html >= best(&members, &JSON).unwrap_or(0)
}

/// Whether the client names JSON, with a weight above that of HTML and no lower than that of the wildcards.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let members = weighted(headers, ACCEPT);
    let json = best(&members, &JSON).unwrap_or(0);
    json > best(&members, &HTML).unwrap_or(0)
        && json >= best(&members, &["text/*", "*/*"]).unwrap_or(0)
}

/// The highest weight of the named types; `None` if none is named.
fn best(members: &[(String, u16)], names: &[&str]) -> Option<u16> {
    let named = members.iter().filter(|(name, _)| names.contains(&name.as_str()));
    named.map(|(_, quality)| *quality).max()
}

/// The language of pages: the supported language with the highest weight, by default the first.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let members = weighted(headers, ACCEPT_LANGUAGE);
    let quality = |language: Language| {
        let is_of = |member: &str| member.split('-').next() == Some(language.tag());
        let named = members.iter().filter(|(member, _)| is_of(member));
        named.map(|(_, quality)| *quality).max().unwrap_or(0)
    };
    // `max_by_key` returns the last of equal elements; reversed, the first.
    let best = Language::ALL.iter().copied().rev().max_by_key(|language| quality(*language));
    best.unwrap_or_default()
}

/// Whether a browser opens the URL: it names HTML, and no feed type, as readers do.
pub(super) fn is_browser_navigation(headers: &HeaderMap) -> bool {
    let members = weighted(headers, ACCEPT);
    let feeds = Format::ALL.map(Format::media_type);
    best(&members, &["text/html"]) > Some(0) && best(&members, &feeds).unwrap_or(0) == 0
}

/// The feed format that the client names and prefers over HTML. `*/*` expresses no preference.
pub(super) fn preferred_feed(headers: &HeaderMap) -> Option<Format> {
    let members = weighted(headers, ACCEPT);
    let html = best(&members, &HTML);
    // If HTML is not named, the feed's weight must be no lower than that of the wildcards.
    let others = best(&members, &["text/*", "*/*"]).unwrap_or(0);
    let feeds = Format::ALL.into_iter().filter_map(|format| {
        let quality = best(&members, &[format.media_type()])?;
        let is_preferred = html.map_or(quality >= others, |html| quality > html);
        (quality > 0 && is_preferred).then_some((format, quality))
    });
    feeds.rev().max_by_key(|(_, quality)| *quality).map(|(format, _)| format)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    /// Conformance: 7.5
    #[test]
    fn content_encoding_follows_accept_encoding() {
        for (value, coding_wanted) in [
            ("gzip", ContentEncoding::Gzip),
            ("gzip, deflate, br", ContentEncoding::Brotli),
            ("br;q=0.5, gzip", ContentEncoding::Gzip),
            ("GZIP;Q=0.3", ContentEncoding::Gzip),
            ("x-gzip", ContentEncoding::Gzip),
            ("*", ContentEncoding::Brotli),
            ("*;q=0", ContentEncoding::Identity),
            ("gzip;q=0", ContentEncoding::Identity),
            ("gzip;q=0, *", ContentEncoding::Brotli),
            ("identity, gzip;q=0.5", ContentEncoding::Identity),
            ("identity;q=0", ContentEncoding::Identity),
            ("", ContentEncoding::Identity),
            ("zstd, deflate", ContentEncoding::Identity),
            ("gzip;q=nonsense", ContentEncoding::Gzip),
        ] {
            assert_eq!(coding(&headers(ACCEPT_ENCODING, value)), coding_wanted, "{value}");
        }
        assert_eq!(coding(&HeaderMap::new()), ContentEncoding::Identity);
    }

    #[test]
    fn page_language_follows_accept_language() {
        for (value, language_wanted) in [
            ("ru", Language::Russian),
            ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", Language::Russian),
            ("RU-by", Language::Russian),
            ("uk, ru;q=0.4", Language::Russian),
            ("en-GB, ru;q=0.9", Language::English),
            ("ru;q=0", Language::English),
            ("de", Language::English),
            ("*", Language::English),
            ("", Language::English),
            ("rue", Language::English),
        ] {
            assert_eq!(language(&headers(ACCEPT_LANGUAGE, value)), language_wanted, "{value}");
        }
    }

    #[test]
    fn wants_html_follows_accept_header() {
        for (value, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("*/*", false),
            ("application/rss+xml, text/xml;q=0.9", false),
            ("application/json, text/html;q=0.5", false),
            ("text/html;q=0", false),
        ] {
            assert_eq!(wants_html(&headers(ACCEPT, value)), html, "{value}");
        }
    }

    #[test]
    fn browser_navigation_accepts_html_but_no_feed() {
        for (value, browser) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true),
            ("text/html", true),
            ("*/*", false),
            ("application/rss+xml, application/xml;q=0.9, */*;q=0.8", false),
            (
                "application/xml, application/atom+xml, application/rss+xml, text/html, */*;q=0.9",
                false,
            ),
            ("text/html;q=0, */*", false),
            ("text/html, application/rss+xml;q=0", true),
            ("", false),
        ] {
            assert_eq!(is_browser_navigation(&headers(ACCEPT, value)), browser, "{value}");
        }
        assert!(!is_browser_navigation(&HeaderMap::new()));
    }

    #[test]
    fn json_is_preferred_only_if_named_in_accept() {
        for (value, json) in [
            ("application/json", true),
            ("application/json, text/html;q=0.9", true),
            ("application/json, */*", true),
            ("application/json;q=0.5, */*", false),
            ("text/html, application/json", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(prefers_json(&headers(ACCEPT, value)), json, "{value}");
        }
    }

    #[test]
    fn feed_is_preferred_only_if_named_in_accept() {
        for (value, format) in [
            ("*/*", None),
            ("text/html, */*;q=0.1", None),
            ("application/rss+xml", Some(Format::Rss)),
            ("application/atom+xml, application/rss+xml", Some(Format::Rss)),
            (
                "application/feed+json, text/html;q=0.9, application/rss+xml;q=0.5",
                Some(Format::Json),
            ),
            ("text/html, application/atom+xml", None),
            ("application/xhtml+xml, application/atom+xml;q=0.9", None),
            ("application/rss+xml, application/xml;q=0.9, */*;q=0.8", Some(Format::Rss)),
            ("application/rss+xml, */*", Some(Format::Rss)),
            ("application/rss+xml;q=0.5, */*", None),
            ("application/rss+xml;q=0", None),
            ("text/html;q=0, application/atom+xml", Some(Format::Atom)),
            ("text/html;q=0.8, application/atom+xml;q=0.9", Some(Format::Atom)),
        ] {
            assert_eq!(preferred_feed(&headers(ACCEPT, value)), format, "{value}");
        }
    }
}
