//! The sample channels: a small world to read in, in which every kind of message and of name occurs.

mod draft;
mod library;
mod lighthouse;
mod others;
mod poetry;
mod tea;

use chrono::{DateTime, TimeDelta, Utc};

use super::message::{Message, Views};
use super::world::World;
use crate::model::ChannelName;

impl World {
    /// All samples, as they stand at `now`; nothing more is published later.
    #[must_use]
    pub fn sample(now: DateTime<Utc>) -> Self {
        let world = Self::empty(now)
            .with(lighthouse::channel(now))
            .with(library::channel(now))
            .with(poetry::channel(now))
            .with(tea::channel(now));
        others::channels(now).into_iter().fold(world, Self::with)
    }

    /// The samples, one of which goes on publishing for an hour and a half, so that there is something to come.
    #[must_use]
    pub fn living(now: DateTime<Utc>) -> Self {
        let mut world = Self::sample(now);
        if let Some(channel) = world.channel_mut("tidewater") {
            for (minutes, text) in lighthouse::COMING {
                let mut message = Message::text(text);
                message.views = Views::Count(12);
                channel.publish(message, now + TimeDelta::minutes(minutes));
            }
        }
        world
    }
}

#[expect(clippy::expect_used, reason = "the names stand in this folder, and a test reads them all")]
fn name(text: &str) -> ChannelName {
    ChannelName::parse(text).expect("the samples' names are well formed")
}
