//! Posts for tests.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::links::{Base, Links};
use crate::model::{
    Channel, ChannelName, Counters, FeedOptions, Identity, Media, MediaKind, MessageId, Poll,
    PollOption, Post, Ratio, Snapshot, StoredPost,
};
use crate::text::{Address, Builder, RichText};

pub(crate) fn links() -> Links {
    Links::new(Base::parse("https://feeds.example").unwrap(), FeedOptions::default())
}

pub(crate) fn id(id: u32) -> MessageId {
    MessageId::new(id).unwrap()
}

/// Noon of a day in August, plus one hour for each id.
pub(crate) fn time(id: u32) -> DateTime<Utc> {
    let noon = DateTime::parse_from_rfc3339("2026-08-03T12:00:00Z").unwrap();
    noon.to_utc() + TimeDelta::hours(i64::from(id))
}

/// A post with a text, as in [`rich`].
pub(crate) fn text(number: u32, words: &str) -> Post {
    let name = ChannelName::parse("TeaRoad").unwrap();
    let mut post = Post::new(name, id(number), time(number));
    post.text = rich(words);
    post
}

/// A text whose words beginning with `#`, `$` or `@` are tags and mentions.
pub(crate) fn rich(words: &str) -> RichText {
    let mut builder = Builder::new();
    for (number, line) in words.lines().enumerate() {
        if number > 0 {
            builder.line_break();
        }
        for word in line.split_inclusive(' ') {
            let (bare, space) = match word.strip_suffix(' ') {
                Some(bare) => (bare, " "),
                None => (word, ""),
            };
            match bare.chars().next() {
                Some('#' | '$') if bare.len() > 1 => builder.tag(bare),
                Some('@') => builder.mention(&bare[1..]),
                _ => builder.text(bare),
            }
            builder.text(space);
        }
    }
    builder.finish()
}

pub(crate) fn media(number: u32, kind: MediaKind) -> Media {
    Media {
        message: id(number),
        kind,
        file: Address::parse("https://cdn1.telesco.pe/file/abc"),
        poster: None,
        photo_id: Some(u64::from(number)),
        duration: None,
        ratio: Ratio::new(1.5),
        width: Some(600),
        outline: None,
        length: None,
        too_big: false,
    }
}

/// A post of photos without text.
pub(crate) fn album(number: u32, members: &[u32]) -> Post {
    let mut post = text(number, "");
    post.members = members.iter().map(|member| id(*member)).collect();
    post.media = members.iter().map(|member| media(*member, MediaKind::Photo)).collect();
    post
}

pub(crate) fn poll() -> Poll {
    let option = |text: &str, percent| PollOption {
        text: text.to_owned(),
        percent: Some(percent),
        correct: None,
    };
    Poll {
        question: "Which tea in the morning?".to_owned(),
        label: Some("Anonymous Poll".to_owned()),
        is_quiz: false,
        is_multiple: false,
        is_closed: false,
        options: vec![option("Green", 70), option("Black", 30)],
        voters: Some("746".to_owned()),
    }
}

pub(crate) fn stored(post: Post) -> Arc<StoredPost> {
    let identity = Identity { channel: post.channel.clone(), message: post.id, number: None };
    Arc::new(StoredPost { identity, updated: post.published, post })
}

pub(crate) fn snapshot(posts: Vec<Arc<StoredPost>>) -> Snapshot {
    let name = ChannelName::parse("TeaRoad").unwrap();
    Snapshot {
        channel: Channel {
            name,
            numeric_id: Some(1_000_000_001),
            title: "The Tea Road".to_owned(),
            description: RichText::from_plain("Tea, harbours\nand slow trains"),
            avatar: Address::parse("https://cdn1.telesco.pe/file/avatar"),
            verified: false,
            scam: false,
            fake: false,
            shares_name: false,
            counters: Counters::default(),
        },
        posts,
        reaches_start: false,
        first_seen_id: None,
        fetched: time(100),
        updated: time(99),
    }
}
