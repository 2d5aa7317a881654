//! Channels and posts in any number, always the same ones, as the archive stores them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::archive::{PostRow, Range, State, Update};
use feedline::model::{
    self, Channel, ChannelName, Counters, Identity, Media, MediaKind, MessageId, Post, Ratio,
    StoredPost,
};
use feedline::text::{Address, Builder, RichText};

use crate::words::{Chance, Language};

/// Mean bytes of plain text per post: a third of the channels have long posts, the others short ones.
const LENGTHS: [usize; 3] = [1_800, 300, 300];

pub(crate) fn name(channel: u64) -> ChannelName {
    ChannelName::parse(&format!("channel{channel}")).expect("a name")
}

/// The publication date of a message. The channels post in turn, over the same years.
pub(crate) fn published(channel: u64, message: u32) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(1_704_067_200, 0).expect("a date");
    let place = TimeDelta::seconds(i64::try_from(channel * 97 % 5_000).expect("it is small"));
    start + TimeDelta::minutes(i64::from(message) * 1_500) + place
}

/// A page of a channel with the messages `low` to `high`.
pub(crate) fn page(channel: u64, low: u32, high: u32) -> Update {
    let id = |id| MessageId::new(id).expect("an id");
    let fetched = published(channel, high);
    Update {
        channel: Channel {
            name: name(channel),
            numeric_id: i64::try_from(channel + 1).ok(),
            title: format!("Channel {channel}"),
            description: RichText::from_plain("A channel of the bench."),
            avatar: None,
            verified: false,
            scam: false,
            fake: false,
            shares_name: false,
            counters: Counters::default(),
        },
        state: State {
            language: model::Language::English,
            first_seen_id: Some(id(low)),
            fetched,
            updated: fetched,
            is_partial: false,
            gone_since: None,
        },
        put: (low..=high)
            .map(|message| PostRow::new(Arc::new(post(channel, message)), 1))
            .collect(),
        former: Vec::new(),
        covered: vec![Range { low: id(low), high: id(high), fetched }],
    }
}

/// A post: text, hashtags, and a picture in every second one.
fn post(channel: u64, message: u32) -> StoredPost {
    let mut chance = Chance::new(channel << 32 | u64::from(message));
    let published = published(channel, message);
    let id = MessageId::new(message).expect("an id");
    let mut post = Post::new(name(channel), id, published);
    post.numeric_channel_id = i64::try_from(channel + 1).ok();
    post.views = Some(format!("{}K", chance.below(90) + 1));
    let mean = LENGTHS[(channel % LENGTHS.len() as u64) as usize];
    post.text = text(Language::of(channel), mean, &mut chance);
    if message.is_multiple_of(2) {
        let part = |chance: &mut Chance| format!("{:016x}", chance.below(u64::MAX));
        let file: String = (0..4).map(|_| part(&mut chance)).collect();
        post.media.push(Media {
            message: id,
            kind: MediaKind::Photo,
            file: Address::parse(&format!("https://cdn4.telesco.example/file/{file}.jpg")),
            poster: None,
            photo_id: Some(channel << 32 | u64::from(message)),
            duration: None,
            ratio: Ratio::new(1.5),
            width: Some(800),
            outline: None,
            length: None,
            too_big: false,
        });
    }
    let identity = Identity { channel: name(channel), message: id, number: None };
    StoredPost { identity, updated: published, post }
}

fn text(language: Language, mean: usize, chance: &mut Chance) -> RichText {
    let length = chance.length(mean);
    let mut builder = Builder::new();
    let mut written = 0;
    while written < length {
        let words = 4 + chance.below(12) as usize;
        let sentence = language.sentence(words, chance);
        written += sentence.len();
        builder.text(&sentence);
        builder.text(". ");
        if chance.below(4) == 0 {
            builder.line_break();
            builder.line_break();
        }
    }
    if chance.below(3) == 0 {
        builder.tag(&format!("#{}", language.word(chance.rank())));
    }
    builder.finish()
}
