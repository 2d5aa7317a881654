//! Independent validators: another feed parser, a strict XML parser, an HTML sanitiser.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ammonia::Builder;
use chrono::{DateTime, TimeDelta, Utc};
use feedline::feed::{Feed, content, write};
use feedline::links::{Base, Links};
use feedline::model::{FeedOptions, Format, Language};
use feedline::text::Address;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use scraper::Html;

use super::post::every_kind;
use super::{channel, feed};

/// The HTML that a feed reader preserves: elements, and their attributes in addition to `dir`.
const KEPT: [(&str, &[&str]); 24] = [
    ("a", &["href"]),
    ("audio", &["src", "controls", "preload"]),
    ("b", &[]),
    ("blockquote", &[]),
    ("br", &[]),
    ("code", &["class"]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h1", &[]),
    ("hr", &[]),
    ("i", &[]),
    ("img", &["src", "alt", "width", "height"]),
    ("li", &[]),
    ("ol", &[]),
    ("p", &[]),
    ("pre", &[]),
    ("q", &[]),
    ("s", &[]),
    ("strong", &[]),
    ("sub", &[]),
    ("u", &[]),
    ("ul", &[]),
    ("video", &["src", "controls", "preload", "poster", "width", "height", "loop", "muted"]),
];

fn reader() -> Builder<'static> {
    let mut builder = Builder::new();
    builder
        .tags(KEPT.iter().map(|(element, _)| *element).collect())
        .tag_attributes(
            KEPT.iter().map(|(element, kept)| (*element, kept.iter().copied().collect())).collect(),
        )
        .tag_attribute_values(HashMap::new())
        .generic_attributes(HashSet::from(["dir"]))
        .allowed_classes(HashMap::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .link_rel(None);
    builder
}

/// The parsed HTML, so that different spellings of one tree are equal.
fn tree(html: &str) -> String {
    Html::parse_fragment(html).html()
}

/// Panics unless a reader preserves the whole HTML.
pub(crate) fn validate_html(html: &str) {
    let cleaned = reader().clean(html).to_string();
    assert_eq!(tree(&cleaned), tree(html), "a reader would drop a part of\n{html}");
}

/// Panics unless the bytes are well-formed XML 1.0 with allowed characters only.
pub(crate) fn validate_xml(bytes: &[u8]) {
    let declaration = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>";
    let rest = bytes.strip_prefix(declaration).expect("the declaration stands first");
    assert!(rest.trim_ascii_start().starts_with(b"<"));
    let text = std::str::from_utf8(bytes).unwrap();
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(allowed), "a character that XML forbids");
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                depth += 1;
                validate_attributes(&element);
            }
            Event::Empty(element) => validate_attributes(&element),
            Event::End(_) => depth -= 1,
            Event::GeneralRef(reference) => {
                let name = reference.decode().unwrap();
                let known = ["amp", "lt", "gt", "quot", "apos"].contains(&&*name);
                assert!(known || name.starts_with('#'), "&{name};");
            }
            Event::DocType(_) => panic!("a feed has no document type"),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}

fn validate_attributes(element: &quick_xml::events::BytesStart<'_>) {
    for attribute in element.attributes() {
        let attribute = attribute.unwrap();
        attribute.normalized_value(XmlVersion::default()).unwrap();
    }
}

/// An item as another feed parser reads it.
#[derive(Debug, PartialEq)]
struct Seen {
    id: String,
    title: Option<String>,
    link: String,
    published: Option<DateTime<Utc>>,
    html: String,
    author: Option<String>,
    categories: Vec<String>,
}

fn ours(feed: &Feed) -> Vec<Seen> {
    feed.items
        .iter()
        .map(|item| Seen {
            id: item.id.clone(),
            title: Some(item.title.clone()),
            link: item.link.clone(),
            published: Some(item.published),
            html: item.html.clone(),
            author: Some(item.author.name.clone()),
            categories: item.categories.clone(),
        })
        .collect()
}

fn theirs(parsed: &feed_rs::model::Feed) -> Vec<Seen> {
    let entries = parsed.entries.iter();
    entries
        .map(|entry| {
            let body = entry.content.as_ref().and_then(|content| content.body.clone());
            let summary = entry.summary.as_ref().map(|summary| summary.content.clone());
            let alternate = |link: &&feed_rs::model::Link| link.rel.as_deref() != Some("enclosure");
            Seen {
                id: entry.id.clone(),
                title: entry.title.as_ref().map(|title| title.content.clone()),
                link: entry.links.iter().find(alternate).unwrap().href.clone(),
                published: entry.published,
                html: body.or(summary).unwrap_or_default(),
                author: entry.authors.first().and_then(|author| author.name.clone()),
                categories: entry.categories.iter().map(|category| category.term.clone()).collect(),
            }
        })
        .collect()
}

/// Panics unless another feed parser finds the same items in all three formats.
pub(crate) fn validate_feed(feed: &Feed) {
    for format in Format::ALL {
        let bytes = write(feed, format);
        if format == Format::Json {
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
        } else {
            validate_xml(&bytes);
        }
        let parser = feed_rs::parser::Builder::new().sanitize_content(false).build();
        let parsed = parser.parse(&*bytes).unwrap();
        assert_eq!(theirs(&parsed), ours(feed), "{format:?}");
        assert_eq!(parsed.title.unwrap().content, feed.title, "{format:?}");
        if format != Format::Rss {
            let updated: Vec<_> = parsed.entries.iter().map(|entry| entry.updated).collect();
            let expected: Vec<_> = feed.items.iter().map(|item| Some(item.updated)).collect();
            assert_eq!(updated, expected, "{format:?}");
        }
    }
}

/// Conformance: 1.1
#[test]
fn feed_rs_reads_same_items_in_every_format() {
    for query in
        ["", "service=1&stats=1", "limit=3&before=20", "title=marked&link=page", "media=none"]
    {
        for language in [Language::English, Language::Russian] {
            validate_feed(&feed(&channel(every_kind()), query, language));
        }
    }
}

/// Conformance: 10.1
#[test]
fn item_html_passes_sanitiser_unchanged() {
    for query in ["service=1&stats=1", "media=none", "content=text"] {
        for item in feed(&channel(every_kind()), query, Language::English).items {
            validate_html(&item.html);
        }
    }
}

/// Conformance: 10.1
#[test]
fn sanitiser_drops_what_feed_readers_drop() {
    for dropped in [
        "<span>x</span>",
        "<p class=\"x\">x</p>",
        "<a href=\"tg://x\">x</a>",
        "<img src=\"x\" onload=\"x\">",
    ] {
        let cleaned = reader().clean(dropped).to_string();
        assert_ne!(
            tree(&cleaned),
            tree(dropped),
            "the validator must be able to say no: {dropped}"
        );
    }
}

#[test]
fn page_content_is_well_formed_html() {
    let options = FeedOptions::parse("stats=1", &FeedOptions::default()).unwrap();
    let links = Links::new(Base::parse("https://feeds.example").unwrap(), FeedOptions::default());
    let context = content::Context::new(content::Place::Page, &links, Language::English, &options);
    for post in every_kind() {
        let html = content::write(&post, &context);
        let opened = html.matches("<p").count() - html.matches("<pre").count();
        assert_eq!(opened, html.matches("</p>").count(), "{html}");
        assert!(!html.contains("<script"), "{html}");
        let parsed = Html::parse_fragment(&html);
        assert!(parsed.errors.is_empty(), "{:?} in {html}", parsed.errors);
    }
}

#[test]
fn feed_links_to_itself_and_its_pages() {
    let feed = feed(&channel(every_kind()), "limit=2&before=20", Language::English);
    for format in Format::ALL {
        let parsed = feed_rs::parser::parse(&*write(&feed, format)).unwrap();
        let link = |rel: &str| {
            let found: Vec<&str> = parsed
                .links
                .iter()
                .filter(|link| link.rel.as_deref() == Some(rel))
                .map(|link| &*link.href)
                .collect();
            found.join(" ")
        };
        let file = format.file_name();
        if format == Format::Json {
            let json: serde_json::Value = serde_json::from_slice(&write(&feed, format)).unwrap();
            assert_eq!(
                json["feed_url"],
                format!("https://feeds.example/tg/TeaRoad/{file}?limit=2&before=20")
            );
            assert_eq!(
                json["next_url"],
                format!("https://feeds.example/tg/TeaRoad/{file}?limit=2&before=14")
            );
            assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
            continue;
        }
        assert_eq!(
            link("self"),
            format!("https://feeds.example/tg/TeaRoad/{file}?limit=2&before=20")
        );
        assert_eq!(link("first"), format!("https://feeds.example/tg/TeaRoad/{file}?limit=2"));
        assert_eq!(
            link("next"),
            format!("https://feeds.example/tg/TeaRoad/{file}?limit=2&before=14")
        );
    }
}

/// Conformance: 7.1
#[test]
fn equal_requests_yield_equal_feed_bytes() {
    for format in Format::ALL {
        let bytes = || write(&feed(&channel(every_kind()), "", Language::English), format);
        assert_eq!(bytes(), bytes(), "{format:?}");
    }
}

/// Conformance: 11.4
#[test]
fn seven_days_without_posts_change_no_feed_bytes() {
    let before = channel(every_kind());
    let mut after = before.clone();
    after.fetched += TimeDelta::days(7);
    for kept in &mut after.posts {
        let post = &mut Arc::make_mut(kept).post;
        let moved = Address::parse("https://cdn4.telesco.pe/file/moved?token=2");
        post.views = Some("1.2M".into());
        post.reactions.truncate(1);
        for media in &mut post.media {
            media.file = media.file.as_ref().and(moved.clone());
            media.poster = media.poster.as_ref().and(moved.clone());
        }
        for document in &mut post.documents {
            document.thumbnail = document.thumbnail.as_ref().and(moved.clone());
        }
        if let Some(poll) = post.poll.as_mut().filter(|poll| !poll.is_closed) {
            poll.voters = Some("2K".into());
            poll.options[0].percent = Some(1);
        }
        if let Some(picture) = post.link_preview.as_mut().and_then(|link| link.picture.as_mut()) {
            picture.file = moved.clone().unwrap();
        }
    }
    after.channel.avatar = Address::parse("https://cdn4.telesco.pe/file/avatar2");
    after.channel.counters.subscribers = Some("13K".into());
    for format in Format::ALL {
        let bytes = |snapshot| write(&feed(snapshot, "", Language::English), format);
        assert_eq!(bytes(&before), bytes(&after), "{format:?}");
        let counted = |snapshot| write(&feed(snapshot, "stats=1", Language::English), format);
        assert_ne!(counted(&before), counted(&after), "{format:?}");
    }
}
