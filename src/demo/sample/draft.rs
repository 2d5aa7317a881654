//! Messages as the samples write them down: short calls, one a line. Ids and times are given when a channel is
//! composed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::demo::channel::Channel;
use crate::demo::markup::plain;
use crate::demo::message::{
    Author, Body, Button, Document, File, Forward, Item, Medium, Message, Music, Photo, Place,
    Poll, PollKind, PollOption, Preview, PreviewPicture, Quote, Reaction, Reply, ServiceMessage,
    Sticker, Text, Video, Views, Voice, Wrapping,
};

/// A message on its way into a channel.
pub(super) struct Draft {
    message: Message,
    /// How many ids are left out in front of it: messages that were deleted.
    skipped: u32,
    /// How many messages back the one is that it answers.
    answers: Option<usize>,
    views: Option<Views>,
}

pub(super) const LAMP: Video =
    Video { file: Some("lamp.mp4"), poster: Some("lamp-poster.jpg"), seconds: 6, size: (640, 360) };
pub(super) const KETTLE: Video = Video {
    file: Some("kettle.mp4"),
    poster: Some("kettle-poster.jpg"),
    seconds: 3,
    size: (320, 320),
};
pub(super) const WHEEL: Video = Video {
    file: Some("wheel.mp4"),
    poster: Some("wheel-poster.jpg"),
    seconds: 4,
    size: (240, 240),
};

fn draft(body: Body, text: &str) -> Draft {
    let mut message = Message::new(body);
    message.text = (!text.is_empty()).then(|| Text::from(text));
    Draft { message, skipped: 0, answers: None, views: None }
}

pub(super) fn text(text: &str) -> Draft {
    draft(Body::Text, text)
}

pub(super) fn photo(file: File, text: &str) -> Draft {
    draft(Body::Photo(Photo { file }), text)
}

/// An album of photos; a name that ends in `.mp4` is a video.
pub(super) fn album(files: &[File], text: &str) -> Draft {
    let ids = 0_u32..;
    let items = ids.zip(files).map(|(id, file)| Item { id, medium: medium(file) }).collect();
    draft(Body::Album(items), text)
}

/// An album whose members have these distances from the first.
pub(super) fn gapped_album(files: &[(u32, File)], text: &str) -> Draft {
    let items = files.iter().map(|(id, file)| Item { id: *id, medium: medium(file) }).collect();
    draft(Body::Album(items), text)
}

fn medium(file: File) -> Medium {
    match file {
        "lamp.mp4" => Medium::Video(LAMP),
        "kettle.mp4" => Medium::Video(KETTLE),
        "wheel.mp4" => Medium::Video(WHEEL),
        file => Medium::Photo(Photo { file }),
    }
}

pub(super) fn video(video: Video, text: &str) -> Draft {
    draft(Body::Video(video), text)
}

pub(super) fn gif(video: Video, text: &str) -> Draft {
    draft(Body::Gif(video), text)
}

pub(super) fn round(video: Video) -> Draft {
    draft(Body::Round(video), "")
}

pub(super) fn voice(text: &str) -> Draft {
    draft(Body::Voice(Voice { file: "hum.ogg", seconds: 4 }), text)
}

pub(super) fn music(performer: &str, title: &str, text: &str) -> Draft {
    let music = Music { title: title.to_owned(), performer: performer.to_owned() };
    draft(Body::Music(music), text)
}

/// One file; its caption is the message's text.
pub(super) fn document(name: &str, size: &str, text: &str) -> Draft {
    let document = Document { id: 0, name: name.to_owned(), size: size.to_owned(), caption: None };
    draft(Body::Documents(vec![document]), text)
}

/// Several files, each with its own caption: name, size, caption.
pub(super) fn documents(list: &[(&str, &str, &str)]) -> Draft {
    let ids = 0_u32..;
    let documents = ids.zip(list).map(|(id, (name, size, caption))| Document {
        id,
        name: (*name).to_owned(),
        size: (*size).to_owned(),
        caption: (!caption.is_empty()).then(|| Text::from(*caption)),
    });
    draft(Body::Documents(documents.collect()), "")
}

pub(super) fn sticker(sticker: Sticker) -> Draft {
    draft(Body::Sticker(sticker), "")
}

pub(super) fn location(latitude: f64, longitude: f64) -> Draft {
    draft(Body::Location(Place { latitude, longitude, venue: None }), "")
}

pub(super) fn venue(latitude: f64, longitude: f64, title: &str, address: &str) -> Draft {
    let venue = Some((title.to_owned(), address.to_owned()));
    draft(Body::Location(Place { latitude, longitude, venue }), "")
}

pub(super) fn body(body: Body) -> Draft {
    draft(body, "")
}

pub(super) fn service(service: ServiceMessage) -> Draft {
    draft(Body::ServiceMessage(service), "")
}

pub(super) fn unsupported(label: &'static str) -> Draft {
    draft(Body::Unsupported(label), "")
}

/// A poll: question, kind, voters, and each answer with its votes.
pub(super) fn poll(question: &str, kind: PollKind, voters: u64, options: &[(&str, u64)]) -> Draft {
    let options = options
        .iter()
        .map(|(text, votes)| PollOption { text: (*text).to_owned(), votes: *votes, correct: None })
        .collect();
    let question = question.to_owned();
    draft(Body::Poll(Poll { question, kind, multiple: false, closed: false, voters, options }), "")
}

impl Draft {
    /// This many ids before it are missing.
    pub(super) fn skip(mut self, ids: u32) -> Self {
        self.skipped = ids;
        self
    }

    /// It answers the message so many places before it.
    pub(super) fn answers(mut self, back: usize) -> Self {
        self.answers = Some(back);
        self
    }

    /// It answers something in another channel.
    pub(super) fn answers_elsewhere(mut self, path: &str, title: &str, quote: &str) -> Self {
        self.message.reply = Some(Reply {
            path: path.to_owned(),
            title: title.to_owned(),
            quote: Quote::Text(quote.to_owned()),
            thumb: None,
        });
        self
    }

    pub(super) fn forwarded(mut self, title: &str, path: Option<&str>) -> Self {
        let path = path.map(str::to_owned);
        self.message.forward = Some(Forward { title: title.to_owned(), path, author: None });
        self
    }

    /// The signature at the origin of a forwarded message.
    pub(super) fn written_by(mut self, author: &str) -> Self {
        if let Some(forward) = &mut self.message.forward {
            forward.author = Some(author.to_owned());
        }
        self
    }

    pub(super) fn via(mut self, bot: &str) -> Self {
        self.message.via = Some(bot.to_owned());
        self
    }

    pub(super) fn signed(mut self, name: &str) -> Self {
        self.message.author = Some(Author { name: name.to_owned(), user: None });
        self
    }

    /// Written by this member of a group.
    pub(super) fn by(mut self, name: &str, user: Option<&str>) -> Self {
        let user = user.map(str::to_owned);
        self.message.author = Some(Author { name: name.to_owned(), user });
        self
    }

    pub(super) fn edited(mut self) -> Self {
        self.message.edited = true;
        self
    }

    pub(super) fn likes(mut self, list: &[(&str, u64)]) -> Self {
        let emoji = list.iter().map(|(emoji, count)| Reaction::Emoji((*emoji).to_owned(), *count));
        self.message.reactions.get_or_insert_default().extend(emoji);
        self
    }

    /// A custom emoji and stars among the reactions.
    pub(super) fn special_likes(mut self, custom: (u64, u64), stars: u64) -> Self {
        let reactions = self.message.reactions.get_or_insert_default();
        reactions.insert(0, Reaction::Paid(stars));
        reactions.push(Reaction::Custom(custom.0, custom.1));
        self
    }

    /// A row of reactions without any.
    pub(super) fn no_likes(mut self) -> Self {
        self.message.reactions = Some(Vec::new());
        self
    }

    /// One more row of buttons: label and address; an empty address makes a button that only the app can press.
    pub(super) fn buttons(mut self, row: &[(&str, &str)]) -> Self {
        let row = row.iter().map(|(label, address)| {
            let label = (*label).to_owned();
            match *address {
                "" => Button::Callback { label },
                address => Button::Link { label, address: address.to_owned() },
            }
        });
        self.message.keyboard.push(row.collect());
        self
    }

    /// The card of a link: address, site, title, description; what is empty is missing.
    pub(super) fn card(
        mut self,
        [address, site, title, description]: [&str; 4],
        picture: PreviewPicture,
    ) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.message.preview = Some(Preview {
            address: address.to_owned(),
            site: part(site),
            title: part(title),
            description: part(description),
            picture,
        });
        self
    }

    pub(super) fn wrapped(mut self, wrapping: Wrapping) -> Self {
        self.message.wrapping = wrapping;
        self
    }

    pub(super) fn views(mut self, views: Views) -> Self {
        self.views = Some(views);
        self
    }

    /// Changes a poll.
    pub(super) fn poll(mut self, change: impl FnOnce(&mut Poll)) -> Self {
        if let Body::Poll(poll) = &mut self.message.body {
            change(poll);
        }
        self
    }

    /// The right answer of a quiz is shown, and that one answer is wrong.
    pub(super) fn solved(self, right: usize, wrong: usize) -> Self {
        self.poll(|poll| {
            for (at, correct) in [(right, true), (wrong, false)] {
                if let Some(option) = poll.options.get_mut(at) {
                    option.correct = Some(correct);
                }
            }
        })
    }
}

/// Fills a channel: the drafts come oldest first, the newest is some minutes old, and the others lie before it at
/// about `rhythm` from each other.
pub(super) fn compose(
    channel: &mut Channel,
    now: DateTime<Utc>,
    rhythm: TimeDelta,
    drafts: Vec<Draft>,
) {
    let times = times(channel.number, now, rhythm, drafts.len());
    let mut next = 1;
    for (draft, time) in drafts.into_iter().zip(times) {
        let Draft { mut message, skipped, answers, views } = draft;
        message.number_from(next + skipped);
        message.time = time;
        message.views = views.unwrap_or_else(|| default_views(channel, &message));
        if let Some(back) = answers {
            let target = channel.messages.len().checked_sub(back);
            message.reply = target.map(|at| reply_to(channel, &channel.messages[at]));
        }
        next = message.ids().last().map_or(next, |id| id + 1);
        channel.messages.push(message);
    }
}

/// Rising times that end before `now`.
fn times(
    seed: u64,
    now: DateTime<Utc>,
    rhythm: TimeDelta,
    count: usize,
) -> impl Iterator<Item = DateTime<Utc>> {
    let mut time =
        now - TimeDelta::minutes(24) - TimeDelta::seconds(i64::from(scatter(seed, 0, 50)));
    let mut times = Vec::with_capacity(count);
    for at in 0..count as u64 {
        times.push(time);
        // From a quarter of the rhythm to one and three quarters of it.
        let percent = 25 + scatter(seed, at + 1, 151);
        let distance = rhythm.num_seconds() * i64::from(percent) / 100
            + i64::from(scatter(seed, at + 500, 60));
        time -= TimeDelta::seconds(distance.max(1));
    }
    times.into_iter().rev()
}

/// A number below `limit` that goes with these two.
fn scatter(seed: u64, at: u64, limit: u32) -> u32 {
    let mixed =
        (seed ^ (at.wrapping_mul(0x9e37_79b9_7f4a_7c15))).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u32::try_from((mixed >> 33) % u64::from(limit)).unwrap_or(0)
}

/// A third to nine tenths of the subscribers have seen it. Service messages count nobody.
fn default_views(channel: &Channel, message: &Message) -> Views {
    if matches!(message.body, Body::ServiceMessage(_)) {
        return Views::Hidden;
    }
    let percent = 33 + scatter(channel.number, u64::from(message.id), 57);
    Views::Count((channel.audience * u64::from(percent) / 100).max(1))
}

fn reply_to(channel: &Channel, target: &Message) -> Reply {
    let (kind, thumb) = match &target.body {
        Body::Photo(photo) => ("Photo", Some(photo.file)),
        Body::Video(video) => ("Video", video.poster),
        Body::Voice(_) => ("Voice message", None),
        Body::Poll(_) => ("Poll", None),
        Body::Album(_) => ("Album", None),
        _ => ("Message", None),
    };
    let quote = match &target.text {
        Some(text) => Quote::Text(plain(text)),
        None => Quote::Kind(kind.to_owned()),
    };
    let path = format!("{}/{}", channel.name, target.id);
    Reply { path, title: channel.title.clone(), quote, thumb }
}

#[cfg(test)]
mod tests {
    use super::{compose, photo, text};
    use crate::demo::Channel;
    use crate::demo::message::Quote;
    use crate::model::ChannelName;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn drafts_get_rising_ids_and_times_and_their_replies() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut channel = Channel::new(ChannelName::parse("harbour").unwrap(), 77, "Harbour");
        let drafts =
            vec![text("One"), photo("fog.jpg", "").skip(3), text("Two").answers(1), text("Three")];
        compose(&mut channel, now, TimeDelta::hours(5), drafts);
        let ids: Vec<u32> = channel.messages.iter().map(|message| message.id).collect();
        assert_eq!(ids, [1, 5, 6, 7]);
        assert!(channel.messages.is_sorted_by_key(|message| message.time));
        assert!(channel.messages[3].time < now);
        let reply = channel.messages[2].reply.as_ref().unwrap();
        assert_eq!(reply.path, "harbour/5");
        assert!(matches!(&reply.quote, Quote::Kind(kind) if kind == "Photo"));
        assert_eq!(reply.thumb, Some("fog.jpg"));
    }
}
