//! Rules that all formats share.

use std::collections::BTreeSet;
use std::time::Duration;

use feedline::demo::message::Views;
use feedline::model::Format;

use super::tree::Element;
use super::{addresses_in, is_address, samples};
use crate::support::{START, TestApp};

/// An item in a form that all formats share: id, title, link, Unix time of publication, HTML.
type Item = (String, Option<String>, String, i64, String);

fn seconds(text: &str) -> i64 {
    let parsed = chrono::DateTime::parse_from_rfc2822(text);
    parsed.or_else(|_| chrono::DateTime::parse_from_rfc3339(text)).unwrap().timestamp()
}

fn items(format: Format, body: &str) -> Vec<Item> {
    let text = |element: &Element, name: &str| element.one(name).text.clone();
    let title = |element: &Element| element.at_most_one("title").map(|title| title.text.clone());
    match format {
        Format::Rss => Element::parse(body)
            .one("channel")
            .all("item")
            .map(|item| {
                let published = seconds(&text(item, "pubDate"));
                (
                    text(item, "guid"),
                    title(item),
                    text(item, "link"),
                    published,
                    text(item, "description"),
                )
            })
            .collect(),
        Format::Atom => Element::parse(body)
            .all("entry")
            .map(|entry| {
                let link =
                    entry.all("link").find(|link| link.attribute("rel") == Some("alternate"));
                let link = link.unwrap().attribute("href").unwrap().to_owned();
                let published = seconds(&text(entry, "published"));
                (text(entry, "id"), title(entry), link, published, text(entry, "content"))
            })
            .collect(),
        Format::Json => {
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            let text =
                |item: &serde_json::Value, name: &str| item[name].as_str().map(str::to_owned);
            let item = |item: &serde_json::Value| {
                let must = |name: &str| text(item, name).unwrap();
                let published = seconds(&must("date_published"));
                (must("id"), text(item, "title"), must("url"), published, must("content_html"))
            };
            json["items"].as_array().unwrap().iter().map(item).collect()
        }
    }
}

/// Conformance: 2.10, 4.3
#[tokio::test]
async fn formats_have_same_items_in_same_order() {
    let app = TestApp::start().await;
    let atom = samples(&app, Format::Atom).await;
    for format in [Format::Rss, Format::Json] {
        for (sample, atom) in samples(&app, format).await.iter().zip(&atom) {
            let mut expected = items(Format::Atom, atom.answer.text());
            if sample.query.contains("title=none") {
                expected.iter_mut().for_each(|item| item.1 = None);
            }
            assert_eq!(items(format, sample.answer.text()), expected, "{}", sample.path);
        }
    }
}

/// Conformance: 2.14, 11.5
#[tokio::test]
async fn items_are_newest_first_and_unique() {
    let app = TestApp::start().await;
    let now = seconds(START);
    for sample in samples(&app, Format::Json).await {
        let items = items(Format::Json, sample.answer.text());
        let dates: Vec<i64> = items.iter().map(|item| item.3).collect();
        assert!(dates.is_sorted_by(|newer, older| newer >= older), "{}", sample.path);
        assert!(dates.iter().all(|date| *date <= now), "{}: from the future", sample.path);
        let ids: BTreeSet<&String> = items.iter().map(|item| &item.0).collect();
        assert_eq!(ids.len(), items.len(), "{}", sample.path);
        let is_whole = sample.query.is_empty() && sample.channel != "blank_page";
        assert!(!is_whole || !items.is_empty(), "{}", sample.path);
    }
}

/// Conformance: 1.5, 2.8, 11.1, 11.2
#[tokio::test]
async fn titles_are_single_plain_line() {
    let app = TestApp::start().await;
    app.telegram
        .publish("tidewater", "Knots <b>bold</b> & &lt;plain&gt;\u{b} 2 < 3\nA second line");
    app.telegram.publish("tidewater", "https://tidewater.example/\n\nThe tide table is out.");
    for sample in samples(&app, Format::Atom).await {
        for (id, title, ..) in items(Format::Atom, sample.answer.text()) {
            let title = title.unwrap();
            assert_eq!(title.trim(), title, "{id}");
            assert!(!title.is_empty() && title.chars().count() <= 100, "{id}: {title}");
            assert!(!title.contains(['\n', '\r', '\t']), "{id}: {title}");
        }
    }
    let titles: Vec<String> = items(Format::Atom, app.get("/tidewater/atom.xml").await.text())
        .into_iter()
        .filter_map(|item| item.1)
        .collect();
    assert_eq!(
        titles[..2],
        ["The tide table is out.", "Knots <b>bold</b> & &lt;plain&gt; 2 < 3"],
        "an address is no title when words follow, and what people write is shown as they wrote it"
    );
}

/// Conformance: 2.2, 2.10, 10.2
#[tokio::test]
async fn all_urls_are_absolute() {
    let app = TestApp::start().await;
    for format in Format::ALL {
        for sample in samples(&app, format).await {
            for (id, _, link, _, html) in items(format, sample.answer.text()) {
                assert!(is_address(&id) && is_address(&link), "{}: {id} {link}", sample.path);
                for address in addresses_in(&html) {
                    // Readers preserve these two schemes.
                    let is_person = address.starts_with("mailto:") || address.starts_with("tel:");
                    assert!(is_person || is_address(&address), "{}: {id}: {address}", sample.path);
                }
            }
        }
    }
}

/// Conformance: 1.4, 5.3, 6.1
#[tokio::test]
async fn xml_namespaces_are_exact_and_prefixes_declared() {
    let app = TestApp::start().await;
    let known = [
        ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
        ("xmlns:media", "http://search.yahoo.com/mrss/"),
    ];
    for format in [Format::Rss, Format::Atom] {
        for sample in samples(&app, format).await {
            let root = Element::parse(sample.answer.text());
            let own = (format == Format::Atom).then_some("http://www.w3.org/2005/Atom");
            assert_eq!(root.attribute("xmlns"), own, "{}", sample.path);
            for (name, value) in
                root.attributes.iter().filter(|(name, _)| name.starts_with("xmlns:"))
            {
                assert!(known.contains(&(name.as_str(), value)), "{}: {name}={value}", sample.path);
            }
            for element in root.walk() {
                let prefix =
                    element.name.split_once(':').map(|(prefix, _)| format!("xmlns:{prefix}"));
                let is_declared = prefix.is_none_or(|prefix| root.attribute(&prefix).is_some());
                assert!(is_declared, "{}: {}", sample.path, element.name);
            }
        }
    }
}

/// Conformance: 2.9, 5.1
#[tokio::test]
async fn feed_states_its_requested_url() {
    let app = TestApp::start().await;
    for format in Format::ALL {
        for sample in samples(&app, format).await {
            let expected = format!("{}{}", app.base, sample.path);
            let own = match format {
                Format::Json => sample.answer.json()["feed_url"].as_str().unwrap().to_owned(),
                Format::Atom => {
                    let root = Element::parse(sample.answer.text());
                    let mut own =
                        root.all("link").filter(|link| link.attribute("rel") == Some("self"));
                    let address = own.next().unwrap().attribute("href").unwrap().to_owned();
                    assert!(own.next().is_none());
                    address
                }
                Format::Rss => {
                    let root = Element::parse(sample.answer.text());
                    let channel = root.one("channel");
                    let mut own = channel
                        .all("atom:link")
                        .filter(|link| link.attribute("rel") == Some("self"));
                    let link = own.next().unwrap();
                    assert!(own.next().is_none());
                    assert_eq!(link.attribute("type"), Some("application/rss+xml"));
                    link.attribute("href").unwrap().to_owned()
                }
            };
            assert_eq!(own, expected, "{format:?}");
        }
    }
    let tracked = app.get("/tidewater/feed.json?utm_source=mail&limit=3&fbclid=1").await;
    assert_eq!(tracked.json()["feed_url"], format!("{}/tidewater/feed.json?limit=3", app.base));
}

/// Conformance: 2.5, 11.3
#[tokio::test]
async fn item_ids_do_not_depend_on_host_page_or_options() {
    let app = TestApp::start().await;
    let ids = async |query: &str, host: &str| {
        let path = format!("/tidewater/feed.json?{query}");
        app.get_with(&path, &[("host", host)]).await.ids()
    };
    let own = ids("limit=20", "feeds.example").await;
    assert_eq!(own.len(), 20);
    assert_eq!(ids("limit=20&link=page&title=none&media=none", "other.example:8080").await, own);
    let (newer, older) =
        (ids("limit=10", "feeds.example").await, own[9].rsplit('/').next().unwrap());
    let page = ids(&format!("limit=10&before={older}"), "feeds.example").await;
    assert_eq!([newer, page].concat(), own);
}

/// Conformance: 2.12
#[tokio::test]
async fn feed_language_is_given_as_tag() {
    let app = TestApp::start().await;
    for (channel, expected) in
        [("tidewater", Some("en")), ("zenit_library", Some("ru")), ("diwan_alrih", None)]
    {
        let rss = Element::parse(app.get(&format!("/{channel}/rss.xml")).await.text());
        let rss = rss.one("channel").at_most_one("language").map(|language| language.text.clone());
        let atom = Element::parse(app.get(&format!("/{channel}/atom.xml")).await.text());
        let json = app.get(&format!("/{channel}/feed.json")).await.json();
        assert_eq!(rss.as_deref(), expected, "{channel}");
        assert_eq!(atom.attribute("xml:lang"), expected, "{channel}");
        assert_eq!(json["language"].as_str(), expected, "{channel}");
        assert!(expected.is_none_or(super::is_language));
    }
}

/// Conformance: 4.8, 11.8
#[tokio::test]
async fn feed_stays_within_size_and_item_limits() {
    let app = TestApp::start().await;
    let long = "Fog. ".repeat(800);
    for _ in 0..200 {
        app.telegram.publish("tidewater", long.as_str());
    }
    for format in Format::ALL {
        let answer = app.get(&format!("/tidewater/{}", format.file_name())).await;
        let bytes = answer.body.len();
        assert!(bytes < 512 * 1024, "{format:?}: {bytes} bytes");
        assert!(items(format, answer.text()).len() <= 300);
    }
}

/// Conformance: 10.5, 11.4, 11.10
#[tokio::test]
async fn counter_changes_leave_feed_bytes_unchanged() {
    let app = TestApp::start().await;
    let before = app.get("/tidewater/rss.xml").await;
    app.telegram.change("tidewater", |channel| {
        channel.audience += 12_345;
        channel.messages.iter_mut().for_each(|message| message.views = Views::Count(999_999));
    });
    app.telegram.expire_files();
    app.pass(Duration::from_secs(24 * 60 * 60));
    let after = app.get("/tidewater/rss.xml").await;
    assert!(after.body == before.body, "a day of counters changed a byte");
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(after.header("last-modified"), before.header("last-modified"));
}

/// Conformance: 4.6, 5.1, 5.2, 5.4
#[tokio::test]
async fn paging_reaches_first_post_without_loops() {
    let app = TestApp::start().await;
    for (channel, format) in CHANNELS_AND_FORMATS {
        let start = format!("/{channel}/{}?limit=7", format.file_name());
        let (mut next, mut visited, mut ids) = (Some(start.clone()), BTreeSet::new(), Vec::new());
        while let Some(path) = next {
            assert!(visited.insert(path.clone()), "{path} is its own successor");
            let answer = app.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            let again = app.get_with(&path, &[("if-none-match", answer.header("etag"))]).await;
            assert_eq!(again.status, 304, "{path}");
            ids.extend(items(format, answer.text()).into_iter().map(|item| item.0));
            let (first, older) = pages(format, answer.text());
            let is_first = path == start;
            assert_eq!(first.is_none(), is_first || format == Format::Json, "{path}");
            if let Some(first) = first {
                assert_eq!(first, format!("{}{start}", app.base));
            }
            next = older.map(|older| older.strip_prefix(&app.base).unwrap().to_owned());
        }
        let distinct: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{start}: no item twice");
        let all = app.get(&format!("/{channel}/feed.json?limit=500")).await.ids().len();
        assert_eq!(ids.len(), all, "{start}: none is lost");
    }
    let beyond = app.get("/tidewater/feed.json?before=1").await;
    assert_eq!((beyond.status, beyond.ids().len()), (200, 0));
    assert!(beyond.json()["next_url"].is_null(), "the walk ends");
}

/// Two channels of more than one page, in every format.
const CHANNELS_AND_FORMATS: [(&str, Format); 4] = [
    ("tidewater", Format::Rss),
    ("tidewater", Format::Atom),
    ("tidewater", Format::Json),
    ("zenit_library", Format::Rss),
];

/// The addresses of the first page and of the next, older page.
fn pages(format: Format, body: &str) -> (Option<String>, Option<String>) {
    if format == Format::Json {
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        return (None, json["next_url"].as_str().map(str::to_owned));
    }
    let root = Element::parse(body);
    let (holder, name) =
        if format == Format::Rss { (root.one("channel"), "atom:link") } else { (&root, "link") };
    let page = |rel: &str| {
        let mut links = holder.all(name).filter(|link| link.attribute("rel") == Some(rel));
        let address = links.next().map(|link| link.attribute("href").unwrap().to_owned());
        assert!(links.next().is_none(), "one link rel={rel}");
        address
    };
    for archived in ["prev-archive", "next-archive", "current"] {
        assert_eq!(page(archived), None, "pages are no archives");
    }
    (page("first"), page("next"))
}
