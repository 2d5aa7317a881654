//! Helpers for the tests of this module.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::merge;
use crate::model::{Channel, ChannelName, Counters, MessageId, Post, Snapshot};
use crate::text::RichText;

pub(super) fn id(number: u32) -> MessageId {
    MessageId::new(number).unwrap()
}

/// The date so many minutes after a fixed one.
pub(super) fn minute(minutes: i64) -> DateTime<Utc> {
    "2026-05-10T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

pub(super) fn channel(name: &str) -> Channel {
    Channel {
        name: ChannelName::parse(name).unwrap(),
        numeric_id: Some(7),
        title: "Tea Road".to_owned(),
        description: RichText::default(),
        avatar: None,
        verified: false,
        scam: false,
        fake: false,
        shares_name: false,
        counters: Counters::default(),
    }
}

pub(super) fn post(number: u32, published: DateTime<Utc>, text: &str) -> Post {
    let mut post = Post::new(ChannelName::parse("tearoad").unwrap(), id(number), published);
    post.text = RichText::from_plain(text);
    post
}

/// A snapshot that was fetched at minute `fetched`. Each post was published its age, in minutes, before minute `ages[0]`;
/// the oldest comes first.
pub(super) fn snapshot_of(ages: &[i64], fetched: i64) -> Snapshot {
    let first = ages.first().copied().unwrap_or_default();
    let posts = ages.iter().enumerate().rev().map(|(place, age)| {
        let number = u32::try_from(place).unwrap() + 1;
        Arc::new(merge::new_stored(post(number, minute(first - age), "words"), None))
    });
    Snapshot {
        channel: channel("tearoad"),
        posts: posts.collect(),
        reaches_start: true,
        first_seen_id: Some(id(1)),
        fetched: minute(fetched),
        updated: minute(0),
    }
}
