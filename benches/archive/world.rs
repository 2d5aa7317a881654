//! Channels and posts in any number: the same ones at each run, of words that no two channels share alike.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use feedline::archive::{PostRow, Range, State, Update};
use feedline::model::{
    Channel, ChannelName, Counters, Identity, Language, Media, MediaKind, MessageId, Post, Ratio,
    StoredPost,
};
use feedline::text::{Address, RichText};

/// Syllables of words in two scripts.
const LATIN: [&str; 24] = [
    "ta", "ri", "no", "ve", "lan", "do", "mir", "su", "pel", "gor", "ki", "tun", "ash", "be",
    "fro", "hin", "ola", "zet", "qua", "wen", "yol", "cu", "dre", "is",
];
const CYRILLIC: [&str; 24] = [
    "по", "ра", "не", "сто", "ли", "ван", "де", "ком", "при", "зна", "ту", "ров", "ще", "мы",
    "кра", "бе", "го", "жи", "лес", "фо", "ня", "эт", "юг", "ча",
];

/// Bytes of a post's words, by its number: most are short, some fill a screen.
const LENGTHS: [usize; 10] = [60, 140, 180, 240, 300, 380, 480, 700, 1100, 2200];

/// Numbers that look like chance and are not.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The name of a channel by its number.
pub(crate) fn name(channel: u32) -> ChannelName {
    ChannelName::parse(&format!("bench_{channel}")).unwrap()
}

/// When a message was published: channels post at different times of the same years.
pub(crate) fn published(channel: u32, message: u32) -> DateTime<Utc> {
    let seconds = 1_600_000_000 + i64::from(message) * 200_000 + i64::from(channel) * 97;
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// What a page of a channel brings, from one message to another.
pub(crate) fn page(channel: u32, low: u32, high: u32) -> Update {
    let id = |id| MessageId::new(id).unwrap();
    let fetched = published(channel, high);
    Update {
        channel: Channel {
            name: name(channel),
            numeric_id: Some(i64::from(channel) + 1),
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
            language: Language::English,
            floor: Some(id(low)),
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

/// Gives the posts of a page another date.
pub(crate) fn redate(update: &mut Update, published: DateTime<Utc>) {
    for held in &mut update.put {
        let kept = Arc::make_mut(&mut held.kept);
        kept.post.published = published;
        kept.updated = published;
    }
    update.state.fetched = published;
    update.state.updated = published;
}

/// A post: words in two scripts, hashtags, links, and a picture to every other.
pub(crate) fn post(channel: u32, message: u32) -> StoredPost {
    let mut dice = Dice::new(u64::from(channel) << 32 | u64::from(message));
    let published = published(channel, message);
    let id = MessageId::new(message).unwrap();
    let mut post = Post::new(name(channel), id, published);
    post.numeric_channel_id = Some(i64::from(channel) + 1);
    post.views = Some(format!("{}K", dice.below(90) + 1));
    post.text = RichText::from_plain(&words(&mut dice, channel));
    if message.is_multiple_of(2) {
        let file = format!(
            "https://cdn4.telesco.example/file/{:016x}{:016x}{:016x}{:016x}.jpg",
            dice.below(usize::MAX),
            dice.below(usize::MAX),
            dice.below(usize::MAX),
            dice.below(usize::MAX),
        );
        post.media.push(Media {
            message: id,
            kind: MediaKind::Photo,
            file: Address::parse(&file),
            poster: None,
            photo_id: Some(u64::from(channel) << 32 | u64::from(message)),
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

fn words(dice: &mut Dice, channel: u32) -> String {
    let syllables = if channel.is_multiple_of(2) { LATIN } else { CYRILLIC };
    let length = LENGTHS[dice.below(LENGTHS.len())];
    let mut text = String::new();
    while text.len() < length {
        // Few words are frequent, many are rare, as in any language.
        let rarity = 1 + dice.below(3);
        for _ in 0..=rarity {
            let most = if rarity == 1 { 6 } else { syllables.len() };
            text.push_str(syllables[dice.below(most)]);
        }
        text.push_str(match dice.below(12) {
            0 => ".\n\n",
            1 => ", ",
            _ => " ",
        });
    }
    text
}
