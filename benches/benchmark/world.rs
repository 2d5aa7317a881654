//! Channels for measurements, in any number and all different. Kinds and sizes of posts are those of busy channels, in
//! Russian, English or Chinese.
//!
//! Everything is derived from a channel's number, so that two runs measure the same bytes.

use chrono::{DateTime, TimeDelta, Utc};
use feedline::demo::media::File;
use feedline::demo::message::{
    AlbumItem, Body, Forward, Medium, Poll, PollOption, Preview, PreviewPicture, Quote, Reaction,
    Reply, Video, Views,
};
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;

use crate::words::{Chance, Language};

/// Mean bytes of plain text per post, in channels with long posts.
pub(crate) const LONG: usize = 1_800;

/// Mean bytes of plain text per post, in channels with short posts.
pub(crate) const SHORT: usize = 300;

/// Messages on a channel's page.
pub(crate) const MESSAGES: usize = 20;

/// The first number of the channels in Chinese. Of the channels below, two thirds are Russian, the others English.
pub(crate) const CHINESE: usize = 90_000;

const REACTIONS: [&str; 6] = ["👍", "❤", "🔥", "😁", "👏", "🤔"];

pub(crate) fn name(number: usize) -> String {
    format!("bench{number:05}")
}

/// A channel with twenty messages, the newest an hour old. An ordinary text has about `length` bytes of plain text.
#[expect(clippy::expect_used, reason = "letters and digits are a name")]
pub(crate) fn channel(number: usize, length: usize, now: DateTime<Utc>) -> Channel {
    let name = ChannelName::parse(&name(number)).expect("a name");
    let id = 1_000_000_000 + number as u64;
    let mut writer = Writer::new(number, length);
    let mut channel = Channel::new(name, id, &writer.sentence(4));
    channel.about = Some(writer.sentence(15).into());
    channel.avatar = Some(File("avatar-boat.jpg"));
    channel.audience = 1_000 + writer.below(90_000);
    for at in 0..MESSAGES {
        let age = TimeDelta::hours((MESSAGES - at) as i64);
        channel.publish(writer.message(at), now - age);
    }
    channel
}

/// The next message of a channel: a long text.
pub(crate) fn next_message(number: usize, length: usize) -> Message {
    let mut writer = Writer::new(number, length);
    writer.chance = Chance::new(!(number as u64));
    writer.message(0)
}

/// Writes random text. The same seed gives the same text.
struct Writer {
    chance: Chance,
    language: Language,
    length: usize,
}

impl Writer {
    fn new(number: usize, length: usize) -> Self {
        let language = Language::of(if number < CHINESE { number as u64 % 15 } else { 19 });
        Self { chance: Chance::new(number as u64), language, length }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.chance.below(end)
    }

    fn word(&mut self) -> String {
        self.language.word(self.chance.rank())
    }

    fn sentence(&mut self, words: usize) -> String {
        self.language.sentence(words, &mut self.chance)
    }

    /// Paragraphs with formatting, links and emoji, of `length` bytes of plain text.
    fn text(&mut self, length: usize) -> String {
        let title = self.sentence(5);
        let mut words = title.len();
        let mut text = format!("**{title}** {}\n\n", self.emoji());
        while words < length {
            let sentence = self.sentence(10);
            words += sentence.len();
            let (word, number) = (self.word(), self.below(9_000));
            let piece = match self.below(10) {
                0 => format!(
                    "{sentence}: [{word} {word}](https://news.example/{number}?line=7&day=4). "
                ),
                1 => format!("__{sentence}__, — @harbour_daily. "),
                2 => format!("{sentence} — {} {}.\n\n", self.emoji(), number),
                3 => format!("{sentence}, https://news.example/tides/{number}\n"),
                4 => format!("{sentence}? «{word}» & \"{word}\". "),
                5 | 6 => format!("**{word}** {} {sentence} {}. ", self.emoji(), self.emoji()),
                _ => format!("{sentence}. "),
            };
            text.push_str(&piece);
        }
        format!("{text}\n\n#{} #{}", self.word(), self.word())
    }

    fn emoji(&mut self) -> &'static str {
        REACTIONS[self.below(REACTIONS.len() as u64) as usize]
    }

    /// The kinds alternate as in news channels: mostly text, often with a picture or a link preview.
    fn message(&mut self, at: usize) -> Message {
        let length = self.chance.length(self.length);
        let photo = File("storm.jpg");
        let mut message = match at % MESSAGES {
            2 | 7 | 12 | 17 => self.captioned(Body::Photo(photo), length),
            5 => {
                let items =
                    (0..6).map(|id| AlbumItem { id, medium: Medium::Photo(photo) }).collect();
                self.captioned(Body::Album(items), length)
            }
            9 => self.captioned(Body::Video(video()), length),
            14 => Message::from(Body::Poll(self.poll())),
            _ => Message::text(self.text(length)),
        };
        match at % MESSAGES {
            3 | 8 | 11 | 18 => message.preview = Some(self.preview()),
            6 => {
                message.forward = Some(Forward {
                    title: self.sentence(3),
                    path: Some("bench_origin/77".to_owned()),
                    author: None,
                });
            }
            15 => {
                message.reply = Some(Reply {
                    path: "bench_origin/76".to_owned(),
                    title: self.sentence(3),
                    quote: Quote::Text(self.sentence(6)),
                    thumb: None,
                });
            }
            _ => {}
        }
        let kinds = 4 + self.below(3) as usize;
        let count = |emoji: &&str| Reaction::Emoji((*emoji).to_owned(), 3 + self.below(900));
        message.reactions = Some(REACTIONS[..kinds].iter().map(count).collect());
        message.views = Views::Count(500 + self.below(60_000));
        message
    }

    fn captioned(&mut self, body: Body, length: usize) -> Message {
        Message { text: Some(self.text(length).into()), ..Message::from(body) }
    }

    fn poll(&mut self) -> Poll {
        let answer = |writer: &mut Self| PollOption {
            text: writer.sentence(3),
            votes: writer.below(500),
            correct: None,
        };
        Poll {
            question: self.sentence(8),
            label: "Anonymous Poll".to_owned(),
            multiple: false,
            closed: false,
            voters: 1_200,
            options: (0..4).map(|_| answer(self)).collect(),
        }
    }

    fn preview(&mut self) -> Preview {
        Preview {
            address: format!("https://news.example/tides/{}", self.below(9_000)),
            site: Some("Новости гавани".to_owned()),
            title: Some(self.sentence(8)),
            description: Some(self.sentence(16)),
            picture: PreviewPicture::Large(File("fog.jpg")),
        }
    }
}

fn video() -> Video {
    Video {
        file: Some(File("lamp.mp4")),
        poster: Some(File("lamp-poster.jpg")),
        seconds: 6,
        size: (640, 360),
    }
}
