//! Invariants that every fuzz target checks.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use feedline::feed::{Candidates, Feed, Request, content, select, write};
use feedline::links::{Base, Links};
use feedline::model::{
    FeedDefaults, FeedOptions, Format, Identity, Language, Page, Post, Snapshot, Source, StoredPost,
};
use feedline::text::RichText;
use feedline::text::html::{Context, SpoilerStyle};
use quick_xml::Reader;
use quick_xml::events::Event;

/// The HTML of a text in a feed.
pub fn html(text: &RichText) -> String {
    let mut html = String::new();
    let context = Context {
        tag: &|tag| format!("https://feeds.example/tea?tag={}", tag.len()),
        spoilers: SpoilerStyle::Link("https://feeds.example/tea/5"),
        emoji: &|number| Some(format!("https://feeds.example/-/emoji/{number}.webp")),
        page: None,
    };
    text.write_html(&context, &mut html);
    html
}

/// Checks that a text is within its limit, and that its HTML is well-formed and has only elements and attributes that
/// feedline writes.
pub fn judge_text(text: &RichText) {
    assert!(text.weight() <= feedline::text::MAX_WEIGHT + 64 * 1024);
    judge_html(&html(text));
}

/// Checks that a post, its HTML and the HTML of its page are within their limits.
pub fn judge_post(post: &Post) {
    assert!(post.media.len() <= 200 && post.documents.len() <= 200 && post.members.len() <= 100);
    assert!(post.buttons.iter().flatten().count() <= 200 && post.reactions.len() <= 200);
    assert!(post.members.is_sorted() && post.members.contains(&post.id));
    judge_text(&post.text);
    let links = links();
    for options in ["", "stats=1", "content=text", "media=none"] {
        let options = options_of(options);
        let context =
            content::Context::new(content::Place::Feed, &links, Language::English, &options);
        judge_html(&content::write(post, &context));
    }
}

/// Checks the feeds of a page in all formats.
pub fn judge_page(page: Page) {
    let posts: Vec<Arc<StoredPost>> = page
        .posts
        .into_iter()
        .rev()
        .map(|post| {
            let identity =
                Identity { channel: post.channel.clone(), message: post.id, number: None };
            Arc::new(StoredPost { identity, updated: post.published, post })
        })
        .collect();
    let now: DateTime<Utc> = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let snapshot = Snapshot {
        channel: page.channel,
        posts,
        reaches_start: false,
        first_seen_id: None,
        fetched: now,
        updated: now,
    };
    let (options, links) = (options_of("service=1"), links());
    let source = Source::channel(snapshot.channel.name.clone());
    let request = Request {
        source: &source,
        channel: Some(&snapshot.channel),
        options: &options,
        links: &links,
        updated: snapshot.updated,
        ttl: Duration::from_secs(600),
    };
    let candidates = [Candidates::of(&snapshot, Language::Russian)];
    let selection = select(&source, &candidates, &options, &FeedDefaults::default());
    let feed = Feed::build(&request, &selection);
    for format in Format::ALL {
        let bytes = write(&feed, format);
        if format == Format::Json {
            serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON");
        } else {
            judge_xml(std::str::from_utf8(&bytes).expect("UTF-8"));
        }
    }
}

/// Checks that the normal form of valid options is stable.
pub fn judge_options(query: &str) {
    let defaults = FeedOptions::default();
    let Ok(options) = FeedOptions::parse(query, &defaults) else { return };
    let normal = options.to_query(&defaults);
    assert!(normal.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'<'));
    let again = FeedOptions::parse(&normal, &defaults).expect("the normal form is read");
    assert_eq!(options, again);
    assert_eq!(normal, again.to_query(&defaults));
}

fn links() -> Links {
    Links::new(Base::parse("https://feeds.example").expect("a base"), FeedOptions::default())
}

fn options_of(query: &str) -> FeedOptions {
    FeedOptions::parse(query, &FeedOptions::default()).expect("options")
}

/// Feedline's HTML is XML except for void elements.
fn judge_html(html: &str) {
    let xml = html.replace("<br>", "<br/>");
    let mut closed = String::with_capacity(xml.len());
    let mut rest = xml.as_str();
    while let Some(at) = rest.find("<img ") {
        let end = at + rest[at..].find('>').expect("a tag ends");
        closed.push_str(&rest[..end]);
        closed.push_str("/>");
        rest = &rest[end + 1..];
    }
    closed.push_str(rest);
    judge_xml(&format!("<x>{closed}</x>"));
}

fn judge_xml(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(element) => {
                depth += 1;
                let name = element.name();
                assert!(!matches!(name.as_ref(), b"script" | b"style" | b"iframe" | b"form"));
                // Boolean attributes have no value: `open`, `controls`.
                for attribute in element.html_attributes() {
                    let attribute = attribute.expect("an attribute");
                    assert!(!attribute.key.as_ref().starts_with(b"on"));
                    assert!(!attribute.value.starts_with(b"javascript:"));
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(allowed), "a character that XML forbids");
}
