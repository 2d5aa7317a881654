//! Rendered feeds: golden files, and validation by independent parsers.

mod conformance;
mod golden;
mod post;
mod property;
pub(crate) mod validator;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::feed::{Candidates, Feed, Request, select};
use feedline::links::{Base, Links};
use feedline::model::{
    Channel, ChannelName, Counters, FeedDefaults, FeedOptions, Identity, Language, MessageId, Post,
    Snapshot, Source, StoredPost,
};
use feedline::text::{Address, RichText};

/// The date of the message with a number: one message per hour.
fn time(number: u32) -> DateTime<Utc> {
    let start = DateTime::parse_from_rfc3339("2026-08-03T12:00:00Z").unwrap().to_utc();
    start + TimeDelta::hours(i64::from(number))
}

/// A channel with these posts, sorted newest first.
pub(crate) fn channel(posts: Vec<Post>) -> Snapshot {
    let name = ChannelName::parse("TeaRoad").unwrap();
    let mut kept: Vec<Arc<StoredPost>> = posts
        .into_iter()
        .map(|post| {
            let identity =
                Identity { channel: post.channel.clone(), message: post.id, number: None };
            let late = if post.edited { TimeDelta::hours(2) } else { TimeDelta::zero() };
            Arc::new(StoredPost { identity, updated: post.published + late, post })
        })
        .collect();
    kept.sort_by_key(|kept| std::cmp::Reverse(kept.post.id));
    Snapshot {
        channel: Channel {
            name,
            numeric_id: Some(1_000_000_001),
            title: "The Tea Road & Sons".to_owned(),
            description: RichText::from_plain("Tea, harbours <and> slow trains"),
            avatar: Address::parse("https://cdn1.telesco.pe/file/avatar"),
            verified: true,
            scam: false,
            fake: false,
            shares_name: false,
            counters: Counters::default(),
        },
        posts: kept,
        reaches_start: false,
        first_seen_id: MessageId::new(1),
        fetched: time(90),
        updated: time(80),
    }
}

/// The feed of a channel with the options of a query.
pub(crate) fn feed(snapshot: &Snapshot, query: &str, language: Language) -> Feed {
    let options = FeedOptions::parse(query, &FeedOptions::default()).unwrap();
    let links =
        Links::new(Base::parse("https://feeds.example/tg").unwrap(), FeedOptions::default());
    let source = Source::channel(snapshot.channel.name.clone());
    let request = Request {
        source: &source,
        channel: Some(&snapshot.channel),
        options: &options,
        links: &links,
        updated: snapshot.updated,
        ttl: Duration::from_secs(20 * 60),
    };
    let candidates = [Candidates::of(snapshot, language)];
    Feed::build(&request, &select(&source, &candidates, &options, &FeedDefaults::default()))
}
