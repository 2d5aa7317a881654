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

/// The length of posts whose page has 140 KB, in bytes of an ordinary one.
pub(crate) const BUSY: usize = 3400;

/// What a channel's page has: the newest twenty messages.
const MESSAGES: usize = 20;

/// Two bytes a letter, as most of what is read at Telegram.
const WORDS: [&str; 40] = [
    "гавань",
    "утром",
    "поезд",
    "и",
    "семь",
    "фонарей",
    "медленно",
    "к",
    "дождю",
    "под",
    "медными",
    "крышами",
    "никто",
    "не",
    "видел",
    "сада",
    "до",
    "полудня",
    "пока",
    "машины",
    "ждут",
    "своих",
    "водителей",
    "с",
    "терпением",
    "которое",
    "расписание",
    "зовёт",
    "опозданием",
    "письма",
    "приходят",
    "дважды",
    "в",
    "неделю",
    "на",
    "велосипеде",
    "через",
    "мосты",
    "где",
    "чайки",
];

const REACTIONS: [&str; 6] = ["👍", "❤", "🔥", "😁", "👏", "🤔"];

/// The name of a channel.
pub(crate) fn name(number: usize) -> String {
    format!("bench{number:05}")
}

/// A channel with twenty messages, the newest of them an hour old. An ordinary text has about `length` bytes.
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

    /// About so many bytes of plain words.
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
        let mut text = self.words(words * 9);
        if let Some(first) = text.chars().next() {
            text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
        }
        text
    }

    /// Paragraphs with what people put into them.
    fn text(&mut self, length: usize) -> String {
        let mut text = format!("**{}** {}\n\n", self.sentence(5), self.emoji());
        while text.len() < length {
            let sentence = self.sentence(10);
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

    /// The kinds take turns as they do in channels of news: mostly text, often with a picture or a link's card.
    fn message(&mut self, at: usize) -> Message {
        let length = self.length * 3 / 4 + self.below(self.length as u64 / 2) as usize;
        let photo = Photo { file: "storm.jpg" };
        let mut message = match at % MESSAGES {
            2 | 7 | 12 | 17 => self.captioned(Body::Photo(photo), length),
            5 => {
                let items = (0..6).map(|id| Item { id, medium: Medium::Photo(photo) }).collect();
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
                    quote: Quote::Text(self.words(60)),
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
            kind: PollKind::Anonymous,
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
            description: Some(self.words(180)),
            picture: PreviewPicture::Large("fog.jpg"),
        }
    }
}

fn video() -> Video {
    Video { file: Some("lamp.mp4"), poster: Some("lamp-poster.jpg"), seconds: 6, size: (640, 360) }
}
