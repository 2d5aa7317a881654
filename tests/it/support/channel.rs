//! Channels of the fake Telegram.

use chrono::{DateTime, TimeDelta, Utc};
use feedline::demo::{Channel, Message, Target};
use feedline::model::ChannelName;

use super::{START, TestApp};

pub(crate) fn name(text: &str) -> ChannelName {
    ChannelName::parse(text).unwrap()
}

/// The date at the start of every test.
pub(crate) fn start() -> DateTime<Utc> {
    START.parse().unwrap()
}

/// The list page of a channel.
pub(crate) fn list(channel: &str) -> Target {
    Target::Path(format!("/s/{channel}"))
}

/// Adds a channel with posts `Plank 1 of the pier.` and so on, the last one published now.
pub(crate) fn add_channel(app: &TestApp, at: &str, number: u64, posts: i64, interval: TimeDelta) {
    let mut channel = Channel::new(name(at), number, &format!("Channel {at}"));
    for post in 1..=posts {
        let age = i32::try_from(posts - post).unwrap();
        channel
            .publish(Message::text(format!("Plank {post} of the {at}.")), start() - interval * age);
    }
    app.telegram.add(channel);
}
