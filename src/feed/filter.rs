//! Whether a post is wanted: every option that looks at one post alone.

use std::borrow::Cow;

use super::{advertising, kind, title};
use crate::model::options::{Pattern, Presence};
use crate::model::{FeedOptions, Language, Post};
use crate::text::{RichText, Spoilers};

/// Whether the options want the post, whatever other posts there are. What `q` looks for is found elsewhere: by the archive
/// or by Telegram.
pub fn wants(post: &Post, options: &FeedOptions, language: Language) -> bool {
    (options.service() || post.service.is_none())
        && agrees(options.forwards(), post.forward.is_some())
        && agrees(options.replies(), post.reply.is_some())
        && options.kinds().accepts(&kind::held(post))
        && options.tag().is_none_or(|tag| carries(post, tag))
        && matches_patterns(post, options, language)
        && !(options.without_ads() && advertising::is_marked(post))
}

fn agrees(presence: Presence, is_one: bool) -> bool {
    match presence {
        Presence::All => true,
        Presence::Only => is_one,
        Presence::None => !is_one,
    }
}

fn carries(post: &Post, tag: &str) -> bool {
    post.hashtags(Spoilers::Show).iter().any(|found| found.to_lowercase() == tag)
}

fn matches_patterns(post: &Post, options: &FeedOptions, language: Language) -> bool {
    if options.include().is_none() && options.exclude().is_none() {
        return true;
    }
    let text = haystack(post, language);
    let found = |pattern: &Pattern| pattern.is_match(&text);
    options.include().is_none_or(found) && !options.exclude().is_some_and(found)
}

/// Title, words and link targets, a line each.
fn haystack(post: &Post, language: Language) -> String {
    let mut text = title::build(post, language);
    text.push('\n');
    text.push_str(&words(post));
    let preview = post.link_preview.iter().map(|preview| &preview.address);
    let buttons = post.buttons.iter().flatten().filter_map(|button| button.address.as_ref());
    let links = texts(post).flat_map(|text| text.addresses(Spoilers::Show));
    for address in links.chain(preview).chain(buttons) {
        text.push('\n');
        text.push_str(&decoded(address.as_str()));
    }
    text
}

/// Everything that the author wrote.
fn words(post: &Post) -> String {
    let mut parts: Vec<String> = texts(post).map(|text| text.plain(Spoilers::Show)).collect();
    for document in &post.documents {
        parts.push(title::named(document));
    }
    if let Some(poll) = &post.poll {
        parts.push(poll.question.clone());
        parts.extend(poll.options.iter().map(|option| option.text.clone()));
    }
    parts.extend(post.contact.as_ref().map(|contact| contact.name.clone()));
    parts.extend(
        post.location
            .as_ref()
            .and_then(|place| place.venue.as_ref())
            .map(|venue| venue.title.clone()),
    );
    parts.extend(post.invoice.as_ref().map(|invoice| invoice.title.clone()));
    parts.extend(post.game.as_ref().map(|game| game.title.clone()));
    parts.join("\n")
}

fn texts(post: &Post) -> impl Iterator<Item = &RichText> {
    std::iter::once(&post.text).chain(post.documents.iter().map(|document| &document.caption))
}

/// An address as people read it: a pattern in another script finds it.
fn decoded(address: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(address).decode_utf8().unwrap_or(Cow::Borrowed(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::model::{Forward, Reply, ServiceMessage};
    use crate::text::{Address, Builder, Span};

    fn wanted(post: &Post, query: &str) -> bool {
        let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
        wants(post, &options, Language::English)
    }

    #[test]
    fn patterns_look_at_title_words_and_link_targets() {
        let mut builder = Builder::new();
        builder.text("Read ");
        builder.open(Span::Link(Address::parse("https://tea.example/чай/green").unwrap()));
        builder.text("this page");
        builder.close();
        let mut post = sample::text(1, "");
        post.text = builder.finish();
        post.poll = Some(sample::poll());
        for (found, query) in [
            (true, "include=THIS"),
            (true, "include=tea.example/чай"),
            (true, "include=Which%20tea"),
            (true, "include=%5Eread"),
            (false, "include=coffee"),
            (false, "exclude=green"),
            (true, "exclude=coffee"),
            (false, "include=this&exclude=page"),
        ] {
            assert_eq!(wanted(&post, query), found, "{query}");
        }
        let photo = sample::album(3, &[3]);
        assert!(wanted(&photo, "include=%5Ephoto"), "a title that we made is looked at too");
    }

    #[test]
    fn posts_are_told_apart_by_what_they_are() {
        let plain = sample::text(1, "words");
        let mut forward = sample::text(2, "words");
        forward.forward = Some(Forward { name: "Origin".into(), address: None, author: None });
        let mut reply = sample::text(3, "words");
        reply.reply =
            Some(Reply { author: None, text: RichText::default(), is_media: false, address: None });
        let mut service = sample::text(4, "words");
        service.service = Some(ServiceMessage::Pinned);
        for (query, expected) in [
            ("", [true, true, true, false]),
            ("service=1", [true, true, true, true]),
            ("forwards=only", [false, true, false, false]),
            ("forwards=none", [true, false, true, false]),
            ("replies=only", [false, false, true, false]),
            ("replies=none", [true, true, false, false]),
            ("kind=photo", [false, false, false, false]),
            ("kind=-text", [false, false, false, false]),
        ] {
            let posts = [&plain, &forward, &reply, &service];
            assert_eq!(posts.map(|post| wanted(post, query)), expected, "{query}");
        }
    }

    #[test]
    fn kinds_are_those_that_a_post_holds() {
        let album = sample::album(5, &[5, 6]);
        for (query, expected) in [
            ("kind=photo", true),
            ("kind=video", false),
            ("kind=-photo", false),
            ("kind=-poll", true),
        ] {
            assert_eq!(wanted(&album, query), expected, "{query}");
        }
    }

    #[test]
    fn a_tag_is_one_whole_hashtag() {
        let mut builder = Builder::new();
        builder.tag("#ЧайДня");
        let mut post = sample::text(1, "");
        post.text = builder.finish();
        assert!(wanted(&post, "tag=чайдня"));
        assert!(!wanted(&post, "tag=чай"));
    }

    #[test]
    fn advertising_is_left_out_only_when_asked() {
        let post = sample::text(1, "Чай\nerid: 2VtzqvXyZab");
        assert!(wanted(&post, ""));
        assert!(!wanted(&post, "ads=none"));
    }
}
