//! Property tests: any text in any field gives valid documents.

use feedline::feed::{Feed, content, title};
use feedline::links::{Base, Links};
use feedline::model::{FeedOptions, Language, Post, Snapshot};
use feedline::text::RichText;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::post::every_kind;
use super::validator::{validate_feed, validate_html};
use super::{channel, feed};

/// Random text with frequent special characters and markup.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any::<String>(),
        "[a-zа-яё茶 .!?:,()«»\"]{0,120}",
        Just("]]>".to_owned()),
        Just("<b>&amp;</b>".to_owned()),
        Just("\u{0}\u{b}\u{1b}\u{7f}\u{85}\u{fffe}\u{ffff}\u{fdd0}\r\n\t".to_owned()),
        Just("\u{202e}\u{2066}\u{200f}\u{feff}".to_owned()),
        Just("\u{e9}\u{301}👩\u{200d}👧🇯🇵1\u{fe0f}\u{20e3}".to_owned()),
        Just("\"'--><!--".to_owned()),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// Puts the text into every text field of a post.
fn fill(post: &mut Post, text: &str) {
    let owned = || text.to_owned();
    let rich = || RichText::from_plain(text);
    post.text = rich();
    post.signature = post.signature.as_ref().map(|_| owned());
    post.views = Some(owned());
    if let Some(forward) = &mut post.forward {
        forward.name = owned();
        forward.author = Some(owned());
    }
    if let Some(reply) = &mut post.reply {
        reply.author = Some(owned());
        reply.text = rich();
    }
    for document in &mut post.documents {
        document.title = owned();
        document.extra = Some(owned());
        document.caption = rich();
    }
    if let Some(location) = &mut post.location {
        location.coordinates.as_mut().unwrap().latitude = owned();
        location.venue.as_mut().unwrap().title = owned();
    }
    if let Some(contact) = &mut post.contact {
        contact.name = owned();
        contact.phone = owned();
    }
    if let Some(poll) = &mut post.poll {
        poll.question = owned();
        poll.options[0].text = owned();
        poll.voters = Some(owned());
    }
    if let Some(invoice) = &mut post.invoice {
        invoice.title = owned();
        invoice.description = rich();
        invoice.total = Some(owned());
    }
    if let Some(preview) = &mut post.link_preview {
        preview.site_name = Some(owned());
        preview.title = Some(owned());
        preview.description = rich();
    }
    for button in post.buttons.iter_mut().flatten() {
        button.text = owned();
    }
}

fn filled(text: &str) -> Snapshot {
    let mut posts = every_kind();
    for post in &mut posts {
        fill(post, text);
    }
    let mut snapshot = channel(posts);
    snapshot.channel.title = text.to_owned();
    snapshot.channel.description = RichText::from_plain(text);
    snapshot
}

fn validated(text: &str) -> Feed {
    let feed = feed(&filled(text), "stats=1&service=1&limit=50", Language::English);
    for item in &feed.items {
        validate_html(&item.html);
        assert!(!item.title.trim().is_empty() && !item.title.contains(['\n', '\t']));
        assert!(item.title.width() <= title::MAX_COLUMNS, "{}", item.title);
        assert!(!item.html.is_empty());
    }
    feed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Conformance: 1.2, 1.3, 10.4
    #[test]
    fn feeds_are_valid_with_any_text_in_any_field(text in text()) {
        validate_feed(&validated(&text));
    }

    /// Conformance: 1.5
    #[test]
    fn excerpt_of_any_text_is_one_line_within_width(text in text(), columns in 1_usize..120) {
        let cut = feedline::text::excerpt(&text, columns);
        prop_assert!(cut.width() <= columns, "{cut:?}");
        prop_assert!(!cut.contains('\n'));
        prop_assert!(!cut.ends_with([' ', ':', ',']), "{cut:?}");
    }

    #[test]
    fn page_content_is_safe_with_any_text(text in text()) {
        let links = Links::new(Base::parse("https://feeds.example").unwrap(), FeedOptions::default());
        let options = FeedOptions::default();
        let context = content::Context::new(content::Place::Page, &links, Language::Russian, &options);
        for mut post in every_kind() {
            fill(&mut post, &text);
            let parsed = scraper::Html::parse_fragment(&content::write(&post, &context));
            let forbidden = scraper::Selector::parse("script, style, iframe, form, [onload], [style]").unwrap();
            prop_assert_eq!(parsed.select(&forbidden).count(), 0);
        }
    }
}
