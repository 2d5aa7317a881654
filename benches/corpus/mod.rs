//! Posts without end: always the same ones, in four languages, with words as common and as rare as people's are.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::archive::PostRow;
use feedline::model::{ChannelName, Identity, MessageId, Post, StoredPost};
use feedline::text::{Builder, RichText};

/// Different words of a language.
const VOCABULARY: u64 = 60_000;

/// Numbers that look like chance and are none (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A rank by Zipf's law: the second word is half as common as the first.
    pub(crate) fn rank(&mut self) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "a chance needs no more than 52 bits")]
        let even = (self.next() >> 12) as f64 / (1_u64 << 52) as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "it is a number from 0 to the size of the vocabulary"
        )]
        let rank = (VOCABULARY as f64).powf(even) as u64;
        rank.clamp(1, VOCABULARY) - 1
    }
}

/// The languages of the posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    Russian,
    English,
    Arabic,
    Chinese,
}

impl Tongue {
    /// That of a channel: half of them are Russian.
    pub(crate) fn of(channel: u64) -> Self {
        match channel % 20 {
            0..10 => Self::Russian,
            10..15 => Self::English,
            15..17 => Self::Arabic,
            _ => Self::Chinese,
        }
    }

    /// The word of a rank: common ones are short.
    pub(crate) fn word(self, rank: u64) -> String {
        let (openers, closers, endings): (&[&str], &[&str], &[&str]) = match self {
            Self::Russian => (
                &["б", "в", "г", "д", "к", "л", "м", "н", "п", "р", "с", "т", "ст", "пр"],
                &["а", "о", "е", "и", "у", "я"],
                &["", "", "ы", "ами", "ость", "ого", "ть", "ение"],
            ),
            Self::English => (
                &["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "th", "st"],
                &["a", "e", "i", "o", "u", "ea"],
                &["", "", "s", "ing", "ed", "er", "ly", "tion"],
            ),
            Self::Arabic => (
                &["ب", "ت", "ج", "ح", "د", "ر", "س", "ش", "ع", "ف", "ق", "ك", "ل", "م"],
                &["ا", "و", "ي", "", "ن", "ه"],
                &["", "", "ة", "ات", "ون", "ها", "ي", "ان"],
            ),
            Self::Chinese => {
                let first = char::from_u32(0x4e00 + u32::try_from(rank % 3_000).unwrap_or(0));
                let second = char::from_u32(0x4e00 + u32::try_from(rank / 7 % 3_000).unwrap_or(0));
                return first.into_iter().chain(second).collect();
            }
        };
        let of = |list: &'static [&'static str], at: u64| {
            list[usize::try_from(at).unwrap_or(0) % list.len()]
        };
        let (mut word, mut rest) = (String::new(), rank + 14);
        while rest > 0 {
            word.push_str(of(openers, rest));
            rest /= 14;
            word.push_str(of(closers, rest + rank));
            rest /= 6;
        }
        word.push_str(of(endings, rank % 8));
        word
    }

    fn is_spaced(self) -> bool {
        self != Self::Chinese
    }
}

/// The name of a channel.
pub(crate) fn name(channel: u64) -> ChannelName {
    ChannelName::parse(&format!("channel{channel}")).expect("a name")
}

/// A post of a channel; messages of all channels alternate in time.
pub(crate) fn post(channel: u64, message: u32, start: DateTime<Utc>) -> PostRow {
    let mut chance = Chance::new(channel << 32 | u64::from(message));
    let id = MessageId::new(message).expect("an id");
    let published = start
        + TimeDelta::minutes(i64::from(message) * 1_500)
        + TimeDelta::seconds(i64::try_from(chance.below(5_000)).unwrap_or(0));
    let text = text(Tongue::of(channel), &mut chance);
    let post = Post { text, ..Post::new(name(channel), id, published) };
    let identity = Identity { channel: name(channel), message: id, number: None };
    PostRow::new(Arc::new(StoredPost { identity, updated: published, post }), 1)
}

/// Most posts are short, some are long.
fn text(tongue: Tongue, chance: &mut Chance) -> RichText {
    let length = 8 + chance.below(12) * (1 + chance.below(12));
    let mut builder = Builder::new();
    let mut sentence = String::new();
    for number in 0..length {
        sentence.push_str(&tongue.word(chance.rank()));
        if chance.below(9) == 0 {
            sentence.push_str(if tongue.is_spaced() { ". " } else { "。" });
        } else if tongue.is_spaced() {
            sentence.push(' ');
        }
        if number % 40 == 39 {
            builder.text(&sentence);
            builder.line_break();
            builder.line_break();
            sentence.clear();
        }
    }
    builder.text(&sentence);
    if chance.below(3) == 0 {
        builder.text(" ");
        builder.tag(&format!("#{}", tongue.word(chance.rank())));
    }
    builder.finish()
}
