//! The feed options that select or reject single posts.

use super::{advertising, kind, title};
use crate::model::options::Presence;
use crate::model::{FeedOptions, Language, Post};
use crate::text::Spoilers;

/// Whether the options select a post. The archive or Telegram handles `q`.
pub fn wants(post: &Post, options: &FeedOptions, language: Language) -> bool {
    (options.service() || post.service.is_none())
        && accepts(options.forwards(), post.forward.is_some())
        && accepts(options.replies(), post.reply.is_some())
        && options.kinds().accepts(&kind::of(post))
        && options.tag().is_none_or(|tag| has_tag(post, tag))
        && matches_patterns(post, options, language)
        && !(options.without_ads() && advertising::is_marked(post))
}

fn accepts(presence: Presence, is_present: bool) -> bool {
    match presence {
        Presence::All => true,
        Presence::Only => is_present,
        Presence::None => !is_present,
    }
}

fn has_tag(post: &Post, tag: &str) -> bool {
    post.hashtags(Spoilers::Show).iter().any(|hashtag| hashtag.to_lowercase() == tag)
}

fn matches_patterns(post: &Post, options: &FeedOptions, language: Language) -> bool {
    let (include, exclude) = (options.include(), options.exclude());
    if include.is_none() && exclude.is_none() {
        return true;
    }
    let text = searched_text(post, language);
    include.is_none_or(|pattern| pattern.is_match(&text))
        && exclude.is_none_or(|pattern| !pattern.is_match(&text))
}

/// The text that patterns search: title, texts, names and link targets, one per line.
fn searched_text(post: &Post, language: Language) -> String {
    let mut lines = vec![title::build(post, language)];
    lines.extend(post.texts().map(|text| text.plain(Spoilers::Show)));
    lines.extend(post.documents.iter().map(title::document));
    if let Some(poll) = &post.poll {
        lines.push(poll.question.clone());
        lines.extend(poll.options.iter().map(|option| option.text.clone()));
    }
    lines.extend(post.contact.as_ref().map(|contact| contact.name.clone()));
    let venue = post.location.as_ref().and_then(|location| location.venue.as_ref());
    lines.extend(venue.map(|venue| venue.title.clone()));
    lines.extend(post.invoice.as_ref().map(|invoice| invoice.title.clone()));
    lines.extend(post.game.as_ref().map(|game| game.title.clone()));
    let preview = post.link_preview.iter().map(|preview| &preview.address);
    for address in post.addresses(Spoilers::Show).chain(preview) {
        // Decoded, so that patterns in other scripts match.
        let decoded = percent_encoding::percent_decode_str(address.as_str()).decode_utf8();
        lines.push(decoded.map_or_else(|_| address.to_string(), Into::into));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::sample;
    use crate::model::{Forward, Reply, ServiceMessage};
    use crate::text::{Address, Builder, RichText, Span};

    fn wanted(post: &Post, query: &str) -> bool {
        let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
        wants(post, &options, Language::English)
    }

    #[test]
    fn patterns_match_title_text_and_link_targets() {
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
    fn filter_selects_forwards_replies_and_service_messages() {
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
    fn kind_filter_matches_media_of_post() {
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
    fn tag_filter_matches_whole_hashtag() {
        let mut builder = Builder::new();
        builder.tag("#ЧайДня");
        let mut post = sample::text(1, "");
        post.text = builder.finish();
        assert!(wanted(&post, "tag=чайдня"));
        assert!(!wanted(&post, "tag=чай"));
    }

    #[test]
    fn advertising_is_excluded_only_on_request() {
        let post = sample::text(1, "Чай\nerid: 2VtzqvXyZab");
        assert!(wanted(&post, ""));
        assert!(!wanted(&post, "ads=none"));
    }
}
