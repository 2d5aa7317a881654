//! Atom 1.0 (RFC 4287): the MUST requirements of the specification. `scripts/readers` also validates against the
//! grammar in `tests/it/feed/schema`.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use feedline::model::Format;

use super::tree::Element;
use super::{is_address, samples};
use crate::support::TestApp;

async fn feeds(app: &TestApp) -> Vec<(String, Element)> {
    let samples = samples(app, Format::Atom).await.into_iter();
    samples.map(|sample| (sample.path, Element::parse(sample.answer.text()))).collect()
}

fn date(element: &Element) -> DateTime<Utc> {
    let text = &element.text;
    assert!(text.contains('T') && (text.ends_with('Z') || text.ends_with("+00:00")), "{text}");
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Conformance: 3.1, 3.8, 3.9
#[tokio::test]
async fn atom_feed_and_entries_have_required_elements_once() {
    let feed_elements =
        ["title", "id", "updated", "author", "generator", "icon", "link", "subtitle", "entry"];
    let entry_elements = [
        "title",
        "id",
        "updated",
        "author",
        "category",
        "link",
        "published",
        "content",
        "media:thumbnail",
        "source",
    ];
    let app = TestApp::start().await;
    for (path, feed) in feeds(&app).await {
        assert_eq!(feed.name, "feed", "{path}");
        for name in ["id", "title", "updated"] {
            assert!(!feed.one(name).text.trim().is_empty(), "{path}: {name}");
        }
        for name in ["subtitle", "generator", "icon"] {
            let element = feed.at_most_one(name);
            assert!(
                element.is_none_or(|element| !element.text.trim().is_empty()),
                "{path}: {name}"
            );
        }
        let unknown = feed.children.iter().find(|child| !feed_elements.contains(&&*child.name));
        assert!(unknown.is_none(), "{path}: {unknown:?}");
        for entry in feed.all("entry") {
            for name in ["id", "title", "updated", "published", "content", "author"] {
                let element = entry.one(name);
                let is_empty = element.text.trim().is_empty() && element.children.is_empty();
                assert!(!is_empty, "{path}: {name}");
            }
            let unknown =
                entry.children.iter().find(|child| !entry_elements.contains(&&*child.name));
            assert!(unknown.is_none(), "{path}: {unknown:?}");
            let terms = entry.all("category").map(|category| category.attribute("term"));
            assert!(
                terms.into_iter().all(|term| term.is_some_and(|term| !term.is_empty())),
                "{path}"
            );
        }
    }
}

/// Conformance: 3.2
#[tokio::test]
async fn atom_ids_are_absolute_and_unique() {
    let app = TestApp::start().await;
    for (path, feed) in feeds(&app).await {
        let mut ids: Vec<&str> = feed.all("entry").map(|entry| &*entry.one("id").text).collect();
        ids.push(&feed.one("id").text);
        assert!(ids.iter().all(|id| is_address(id)), "{path}: {ids:?}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path}");
    }
}

/// Conformance: 3.2
#[tokio::test]
async fn atom_feed_id_does_not_depend_on_page_order_or_host() {
    let app = TestApp::start().await;
    let id = async |query: &str, host: &str| {
        let answer = app.get_with(&format!("/tidewater/atom.xml?{query}"), &[("host", host)]).await;
        Element::parse(answer.text()).one("id").text.clone()
    };
    let own = id("tag=fog&forwards=none", "feeds.example").await;
    assert_eq!(id("forwards=none&tag=fog&limit=2&before=50", "other.example").await, own);
    assert_ne!(id("tag=fog", "feeds.example").await, own, "another choice is another feed");
    assert_eq!(id("", "feeds.example").await, "https://t.me/s/tidewater");
}

/// Conformance: 3.3
#[tokio::test]
async fn atom_authors_have_name() {
    let app = TestApp::start().await;
    for (path, feed) in feeds(&app).await {
        let of_sources = feed.all("entry").filter_map(|entry| entry.at_most_one("source"));
        let authors = feed
            .all("entry")
            .chain(of_sources)
            .map(|entry| entry.one("author"))
            .chain(feed.at_most_one("author"));
        for author in authors {
            assert!(!author.one("name").text.trim().is_empty(), "{path}");
            assert!(author.at_most_one("uri").is_none_or(|uri| is_address(&uri.text)), "{path}");
        }
    }
}

/// Conformance: 3.4
#[tokio::test]
async fn atom_dates_have_zone_and_updated_is_not_before_published() {
    let app = TestApp::start().await;
    for (path, feed) in feeds(&app).await {
        let feed_updated = date(feed.one("updated"));
        for entry in feed.all("entry") {
            let (published, updated) = (date(entry.one("published")), date(entry.one("updated")));
            assert!(published <= updated && updated <= feed_updated, "{path}");
        }
    }
}

/// Conformance: 3.4
#[tokio::test]
async fn atom_updated_advances_with_edits_and_never_goes_back() {
    let app = TestApp::start().await;
    let id = app.telegram.publish("tidewater", "The lamp is out.").unwrap();
    let look = async || {
        app.pass(Duration::from_secs(2 * 60 * 60));
        let feed = Element::parse(app.get("/tidewater/atom.xml").await.text());
        let entries = feed.all("entry");
        let all: Vec<_> = entries
            .map(|entry| {
                let dates = (date(entry.one("published")), date(entry.one("updated")));
                (entry.one("id").text.clone(), dates)
            })
            .collect();
        (date(feed.one("updated")), all)
    };
    let (first, entries) = look().await;
    assert_eq!(entries[0].1.0, entries[0].1.1, "never changed");
    assert!(app.telegram.edit("tidewater", id.get(), "The lamp is out. The spare one is lit."));
    let (second, edited) = look().await;
    assert!(second > first);
    assert_eq!(edited[0].0, entries[0].0);
    assert_eq!(edited[0].1.0, entries[0].1.0, "published stays");
    assert!(edited[0].1.1 > entries[0].1.1, "updated moves");
    assert_eq!(edited[1..], entries[1..], "nothing else does");
    app.telegram.delete("tidewater", id.get());
    let (third, _) = look().await;
    let (fourth, gone) = look().await;
    assert!(second <= third && third <= fourth);
    assert_eq!(gone, entries[1..], "it is gone after the second look");
    assert!(fourth > second, "a deletion is a change of the feed");
    assert_eq!(look().await.0, fourth);
}

/// Conformance: 3.5, 3.9
#[tokio::test]
async fn atom_links_are_unique_and_enclosures_have_type() {
    let app = TestApp::start().await;
    let mut files = 0;
    for (path, feed) in feeds(&app).await {
        for holder in feed.all("entry").chain([&feed]) {
            let mut kinds = BTreeSet::new();
            for link in holder.all("link") {
                assert!(is_address(link.attribute("href").unwrap()), "{path}");
                let rel = link.attribute("rel").unwrap_or("alternate");
                let kind = (rel, link.attribute("type").unwrap(), link.attribute("hreflang"));
                assert!(rel == "enclosure" || kinds.insert(kind), "{path}: {kind:?} twice");
                files += usize::from(rel == "enclosure");
            }
            let count = |rel| kinds.iter().filter(|kind| kind.0 == rel).count();
            let own = usize::from(holder.name == "feed");
            assert_eq!((count("alternate"), count("self")), (1, own), "{path}");
        }
    }
    assert!(files > 0, "the samples have spoken notes");
}

/// Conformance: 3.6, 3.7
#[tokio::test]
async fn atom_titles_are_plain_and_content_is_escaped_html() {
    let app = TestApp::start().await;
    for (path, feed) in feeds(&app).await {
        for text in feed.all("entry").map(|entry| entry.one("title")).chain([feed.one("title")]) {
            assert!(matches!(text.attribute("type"), None | Some("text")), "{path}");
            assert!(text.children.is_empty(), "{path}");
        }
        for entry in feed.all("entry") {
            let content = entry.one("content");
            assert_eq!(content.attribute("type"), Some("html"), "{path}");
            assert!(content.attribute("src").is_none() && content.children.is_empty(), "{path}");
        }
    }
}

/// Conformance: 3.9
#[tokio::test]
async fn atom_merged_entries_have_source_of_their_channel() {
    let app = TestApp::start().await;
    let mut sources = 0;
    for (path, feed) in feeds(&app).await {
        for entry in feed.all("entry") {
            let source = entry.at_most_one("source");
            assert_eq!(source.is_some(), path.contains('+'), "{path}");
            let Some(source) = source else { continue };
            let own = source.all("link").find(|link| link.attribute("rel") == Some("self"));
            let address = own.unwrap().attribute("href").unwrap();
            let answer = app.get(address.strip_prefix(app.base.as_str()).unwrap()).await;
            let channel = Element::parse(answer.text());
            for name in ["id", "title"] {
                assert_eq!(source.one(name).text, channel.one(name).text, "{path}: {name}");
            }
            assert!(date(source.one("updated")) <= date(channel.one("updated")), "{path}");
            sources += 1;
            if sources > 40 {
                return;
            }
        }
    }
    assert!(sources > 20);
}
