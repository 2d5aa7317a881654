//! Channels to measure with: as many as wanted, each another one, of the kinds and sizes of posts that busy channels have.
//!
//! All of it follows from a channel's number, so that two runs measure the same bytes.

use chrono::{DateTime, TimeDelta, Utc};
use feedline::demo::message::{
    Body, Forward, Item, Medium, Photo, Poll, PollKind, PollOption, Preview, PreviewPicture, Quote,
    Reaction, Reply, Video, Views,
};
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;

/// The length of posts whose page has 140 KB, in characters of an ordinary one.
pub(crate) const BUSY: usize = 1450;

/// What a channel's page has: the newest twenty messages.
const MESSAGES: usize = 20;

const WORDS: [&str; 48] = [
    "the",
    "harbour",
    "a",
    "train",
    "of",
    "morning",
    "and",
    "seven",
    "in",
    "lanterns",
    "slowly",
    "towards",
    "rain",
    "under",
    "copper",
    "roofs",
    "nobody",
    "saw",
    "an",
    "orchard",
    "before",
    "noon",
    "while",
    "engines",
    "wait",
    "for",
    "their",
    "drivers",
    "with",
    "patience",
    "that",
    "timetables",
    "call",
    "delay",
    "letters",
    "arrive",
    "twice",
    "a",
    "week",
    "by",
    "bicycle",
    "over",
    "bridges",
    "where",
    "gulls",
    "hold",
    "long",
    "councils",
];

const REACTIONS: [&str; 6] = ["👍", "❤", "🔥", "😁", "👏", "🤔"];

/// The name of a channel.
pub(crate) fn name(number: usize) -> String {
    format!("bench{number:05}")
}

/// A channel with twenty messages, the newest of them an hour old. An ordinary text has about `length` characters.
#[expect(clippy::expect_used, reason = "letters and digits are a name")]
pub(crate) fn channel(number: usize, length: usize, now: DateTime<Utc>) -> Channel {
    let name = ChannelName::parse(&name(number)).expect("a name");
    let id = 1_000_000_000 + number as u64;
    let mut writer = Writer { state: id, length };
    let mut channel = Channel::new(name, id, &writer.sentence(4));
    channel.about = writer.words(160);
    channel.avatar = Some("avatar-boat.jpg");
    channel.audience = 1_000 + writer.below(90_000);
    for at in 0..MESSAGES {
        let age = TimeDelta::hours((MESSAGES - at) as i64);
        channel.publish(writer.message(at), now - age);
    }
    channel
}

/// Writes what nobody needs to read, always the same from the same beginning.
struct Writer {
    state: u64,
    length: usize,
}

impl Writer {
    /// A number below `end` (xorshift of Marsaglia).
    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len() as u64) as usize]
    }

    /// About so many characters of plain words.
    fn words(&mut self, length: usize) -> String {
        let mut text = String::new();
        while text.len() < length {
            if !text.is_empty() {
                text.push(' ');
            }
            let word = self.word();
            text.push_str(word);
        }
        text
    }

    fn sentence(&mut self, words: usize) -> String {
        let mut text = self.words(words * 5);
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text
    }

    /// Paragraphs with what people put into them.
    fn text(&mut self, length: usize) -> String {
        let mut text = format!("**{}** {}\n\n", self.sentence(5), self.emoji());
        while text.len() < length {
            let sentence = self.sentence(14);
            let (word, number) = (self.word(), self.below(9_000));
            let piece = match self.below(9) {
                0 => format!(
                    "{sentence}: [{word} {word}](https://{word}.example/{number}?line=7&day=4). "
                ),
                1 => format!("__{sentence}__, says @{word}_daily. "),
                2 => format!("{sentence} — {} {}.\n\n", self.emoji(), number),
                3 => format!("{sentence}, https://news.example/{word}/{number}\n"),
                4 => format!("{sentence}? «{word}» & \"{word}\". "),
                _ => format!("{sentence}. "),
            };
            text.push_str(&piece);
        }
        format!("{text}\n\n#{} #{}", self.word(), self.word())
    }

    fn emoji(&mut self) -> &'static str {
        REACTIONS[self.below(REACTIONS.len() as u64) as usize]
    }

    /// The kinds take turns as they do in channels of news: mostly text, often with a picture or a link's card.
    fn message(&mut self, at: usize) -> Message {
        let length = self.length / 2 + self.below(self.length as u64) as usize;
        let photo = Photo { file: "storm.jpg" };
        let mut message = match at % MESSAGES {
            2 | 7 | 12 | 17 => self.captioned(Body::Photo(photo), length / 2),
            5 => {
                let items = (0..4).map(|id| Item { id, medium: Medium::Photo(photo) }).collect();
                self.captioned(Body::Album(items), length / 2)
            }
            9 => self.captioned(Body::Video(video()), length / 2),
            14 => Message::from(Body::Poll(self.poll())),
            _ => Message::text(self.text(length)),
        };
        match at % MESSAGES {
            3 | 11 => message.preview = Some(self.preview()),
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
                    quote: Quote::Text(self.words(60)),
                    thumb: None,
                });
            }
            _ => {}
        }
        let kinds = 2 + self.below(4) as usize;
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
            kind: PollKind::Anonymous,
            multiple: false,
            closed: false,
            voters: 1_200,
            options: (0..4).map(|_| answer(self)).collect(),
        }
    }

    fn preview(&mut self) -> Preview {
        Preview {
            address: format!("https://news.example/{}/{}", self.word(), self.below(9_000)),
            site: Some("News of the Harbour".to_owned()),
            title: Some(self.sentence(8)),
            description: Some(self.words(180)),
            picture: PreviewPicture::Large("fog.jpg"),
        }
    }
}

fn video() -> Video {
    Video { file: Some("lamp.mp4"), poster: Some("lamp-poster.jpg"), seconds: 6, size: (640, 360) }
}
