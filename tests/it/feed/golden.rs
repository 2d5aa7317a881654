//! The exact content of an item for every kind of post.
//!
//! A changed line in these snapshots is a changed item in every reader: review each before you accept it.

use feedline::feed::{Feed, write};
use feedline::model::{Format, Language};

use super::post::every_kind;
use super::{channel, feed};

/// The document as text, one paragraph per item.
fn shown(feed: &Feed) -> String {
    let mut text = format!("{} | {} | {}\n", feed.id, feed.title, feed.home);
    for item in &feed.items {
        let categories = item.categories.join(", ");
        text.push_str(&format!(
            "\n== {}\nid {}\nlink {}\nby {} {}\nat {} changed {}\n",
            item.title,
            item.id,
            item.link,
            item.author.name,
            item.author.url.as_deref().unwrap_or("-"),
            item.published,
            item.updated,
        ));
        if !categories.is_empty() {
            text.push_str(&format!("tags {categories}\n"));
        }
        if let Some(attachment) = &item.attachment {
            text.push_str(&format!("file {} {}\n", attachment.url, attachment.media_type));
        }
        if let Some(thumbnail) = &item.thumbnail {
            text.push_str(&format!("picture {thumbnail}\n"));
        }
        text.push_str(
            &item.html.replace("</p>", "</p>\n").replace("</blockquote>", "</blockquote>\n"),
        );
    }
    text
}

fn check(name: &str, query: &str, language: Language) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../fixtures/feed");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!(name, shown(&feed(&channel(every_kind()), query, language)));
    });
}

#[test]
fn golden_feed_contains_every_kind_of_post() {
    check("every_kind", "service=1", Language::English);
}

#[test]
fn golden_feed_is_localised_to_channel_language() {
    check("every_kind_in_russian", "service=1&title=marked", Language::Russian);
}

#[test]
fn golden_feed_has_counters_with_stats_option() {
    check("with_counters", "kind=photo,poll&stats=1", Language::English);
}

#[test]
fn golden_feed_has_text_only_with_content_option() {
    check("words_only", "content=text&forwards=none", Language::English);
}

#[test]
fn golden_formats_match_their_snapshots() {
    let snapshot = channel(
        every_kind().into_iter().filter(|post| (13..=20).contains(&post.id.get())).collect(),
    );
    let feed = feed(&snapshot, "limit=2&before=20", Language::English);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../fixtures/feed");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for format in Format::ALL {
            let text = String::from_utf8(write(&feed, format)).unwrap();
            insta::assert_snapshot!(
                format.file_name(),
                text.replace("><", ">\n<").replace(",\"", ",\n\"")
            );
        }
    });
}
