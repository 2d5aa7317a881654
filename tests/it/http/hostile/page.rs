//! Parsing a page within the input limits takes bounded time, and gives a bounded model and valid feeds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use feedline::feed::write;
use feedline::model::{Format, Language, Page};
use feedline::telegram::{NotAPage, Recognised, embed, landing, preview, recognise};

use super::bomb;
use crate::feed::{channel, feed, validator};

/// The most that a hostile page may cost, as a multiple of the largest ordinary page. Quadratic work would take
/// hundreds or thousands of times as long.
const MAX_TIMES: u32 = 12;

/// Size limit of a page's model as JSON, in bytes.
const MAX_MODEL: usize = 24 * 1024 * 1024;

/// The time of one parse of each kind.
fn cost(html: &str) -> Duration {
    let begun = Instant::now();
    let _ = recognise(html);
    let _ = landing::parse(html);
    begun.elapsed()
}

/// One test, because the pages are large and each is parsed once.
#[test]
fn hostile_page_costs_bounded_time_and_gives_bounded_model_and_valid_feeds() {
    let ordinary = bomb::largest_ordinary();
    assert!(recognise(&ordinary).is_ok(), "the measure itself passes");
    // A release parses a page within 250 ms. Tests are built without optimisation, so an ordinary page is the measure.
    let most = if cfg!(debug_assertions) {
        cost(&ordinary).min(cost(&ordinary)) * MAX_TIMES
    } else {
        Duration::from_millis(2 * 250)
    };
    let (mut refused, mut read) = (Vec::new(), HashMap::new());
    for (name, html) in bomb::all() {
        let begun = Instant::now();
        let (recognised, landing) = (recognise(&html), landing::parse(&html));
        let spent = begun.elapsed();
        // A pause of the machine does not count.
        assert!(spent < most || cost(&html) < most, "{name}: {spent:?}, and {most:?} at most");
        if matches!(recognised, Err(NotAPage::OverLimit(_))) {
            refused.push(name);
        }
        let size = size(recognised.as_ref().ok())
            + size(landing.as_ref().ok())
            + size(embed::parse(&html).as_ref().ok());
        assert!(size < MAX_MODEL, "{name}: {size} bytes");
        if let Ok(list) = preview::parse(&html) {
            check_names(name, &list.page);
            check_feeds(name, &list.page);
            read.insert(name, list.page);
        }
    }
    assert_eq!(refused, ["attributes of the body"], "what does not pass tests nothing further in");
    check_counts(&read);
}

/// The size of a model as JSON, in bytes.
fn size(model: Option<&impl serde::Serialize>) -> usize {
    model.map_or(0, |model| serde_json::to_vec(model).unwrap().len())
}

fn check_counts(pages: &HashMap<&str, Page>) {
    let named = |name: &str| pages.get(name).unwrap_or_else(|| panic!("{name} is read"));
    let post = |name| &named(name).posts[0];
    assert_eq!(named("many posts").posts.len(), 500);
    assert!(named("many posts").has_nameless_block, "what was not read proves nothing");
    assert_eq!(post("many pictures").media.len(), 200);
    assert_eq!(post("many files").documents.len(), 200);
    assert_eq!(post("many buttons").buttons.iter().flatten().count(), 200);
    assert_eq!(post("many rows of buttons").buttons.len(), 200);
    assert_eq!(post("many answers").poll.as_ref().unwrap().options.len(), 200);
    assert_eq!(post("many reactions").reactions.len(), 200);
    assert_eq!(post("many members").members.len(), 100);
    assert_eq!(
        post("hashtags").hashtags(feedline::text::Spoilers::Show).len(),
        feedline::text::MAX_HASHTAGS
    );
    for name in ["a long word", "text split by comments", "a link over many paragraphs"] {
        assert!(post(name).weight() < feedline::text::MAX_WEIGHT + 1024, "{name}");
    }
    let weight: usize = named("links over many paragraphs of many posts")
        .posts
        .iter()
        .map(feedline::model::Post::weight)
        .sum();
    assert!(weight < 9 * 1024 * 1024, "{weight}");
}

fn check_names(name: &str, page: &Page) {
    let signature = page.posts.first().and_then(|post| post.signature.as_ref());
    let names = [Some(&page.channel.title), signature];
    for name_of in names.into_iter().flatten() {
        assert!(name_of.len() < 5000, "{name}: {} bytes", name_of.len());
    }
}

fn check_feeds(name: &str, page: &Page) {
    if page.posts.is_empty() {
        return;
    }
    let mut snapshot = channel(page.posts.clone());
    snapshot.channel = page.channel.clone();
    let feed = feed(&snapshot, "service=1&stats=1", Language::English);
    assert!(!feed.items.is_empty(), "{name}");
    for format in Format::ALL {
        let bytes = write(&feed, format).len();
        // Above 512 KiB only if the newest post alone is larger.
        assert!(bytes < 4 * 1024 * 1024, "{name}: {bytes} bytes");
    }
    validator::validate_feed(&feed);
    for item in feed.items.iter().take(3) {
        validator::validate_html(&item.html);
    }
}

#[test]
fn posts_swallowed_by_odd_markup_are_not_read() {
    // How many of the two posts are parsed: the one with the unusual element, and the regular one after it.
    let expected = HashMap::from([
        ("the end in the middle", 2),
        ("plain text", 0),
        ("a template", 0),
        ("a drawing", 2),
        ("a formula", 2),
        ("a choice", 1),
        ("a frameset", 2),
        ("tables in tables", 1),
        ("an open comment", 0),
        ("open character data", 1),
        ("an open attribute", 1),
        ("an open script", 0),
        ("an open title", 0),
        ("a zero", 2),
        ("controls", 2),
        ("what turns letters round", 2),
        ("what was broken on the way", 2),
        ("a form", 2),
        ("headings in links", 2),
    ]);
    let mut seen = 0;
    for (name, html) in bomb::strange() {
        let posts = preview::parse(&html).map_or(0, |parsed| parsed.page.posts.len());
        assert_eq!(posts, expected[name], "{name}");
        seen += 1;
    }
    assert_eq!(seen, expected.len());
}

#[test]
fn posts_with_impossible_ids_or_dates_are_skipped() {
    let good = bomb::ordinary(7);
    for (name, absurd) in [
        ("no id", good.replace("tea/7\"", "tea/\"")),
        ("a zero", good.replace("tea/7\"", "tea/0\"")),
        ("negative", good.replace("tea/7\"", "tea/-7\"")),
        ("too large", good.replace("tea/7\"", "tea/2147483648\"")),
        ("far too large", good.replace("tea/7\"", &format!("tea/{}\"", "9".repeat(100_000)))),
        ("another script", good.replace("tea/7\"", "tea/٧\"")),
        ("a path", good.replace("tea/7\"", "../../etc/passwd\"")),
        ("a name with markup", good.replace("data-post=\"tea/", "data-post=\"<b>/")),
        ("before time", good.replace("2026-08-01", "-9999-01-01")),
        ("after time", good.replace("2026-08-01", "+99999-01-01")),
        ("no month", good.replace("2026-08-01", "2026-13-01")),
        ("a leap second", good.replace("09:30:00+00:00", "23:59:61+00:00")),
        ("a far zone", good.replace("+00:00", "+99:99")),
        ("a long date", good.replace("2026-08-01", &"2".repeat(100_000))),
        ("a zero in it", good.replace("2026-08-01", "2026\0-08-01")),
    ] {
        assert_ne!(absurd, good, "{name}");
        let parsed = preview::parse(&bomb::page(&format!("{absurd}{}", bomb::ordinary(8))));
        let page = parsed.unwrap_or_else(|error| panic!("{name}: {error}")).page;
        let ids: Vec<u32> = page.posts.iter().map(|post| post.id.get()).collect();
        assert_eq!(ids, [8], "{name}: the others stand");
    }
}

#[test]
fn invalid_utf_8_in_page_is_replaced_before_parsing() {
    let page = bomb::page(&bomb::ordinary(7)).replace("Fog over the bay", "Fog \u{fffd} bay");
    let bytes = page.into_bytes();
    for broken in [&b"\xff\xfe"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
    {
        let place = bytes.windows(3).position(|part| part == "\u{fffd}".as_bytes()).unwrap();
        let mut damaged = bytes.clone();
        damaged.splice(place..place + 3, broken.iter().copied());
        let mended = String::from_utf8_lossy(&damaged);
        let Ok(Recognised::List(parsed)) = recognise(&mended) else { panic!("{broken:?}") };
        let plain = parsed.page.posts[0].text.plain(feedline::text::Spoilers::Show);
        assert!(plain.contains("Fog \u{fffd}"), "{plain}");
    }
}
