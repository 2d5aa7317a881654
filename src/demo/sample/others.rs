//! The smaller names: marks, letters for a photo, and what is no channel at all.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{compose, photo, service, text};
use super::name;
use crate::demo::channel::{Channel, Kind, Mark};
use crate::demo::message::ServiceMessage;

pub(super) fn channels(now: DateTime<Utc>) -> Vec<Channel> {
    vec![
        canary(now),
        letters(now),
        empty(),
        marked(now, "free_boats_now", 1_700_400_108, "Free Boats Now", Mark::Scam),
        marked(now, "tidewater_official", 1_700_400_109, "Tidewater Light (official)", Mark::Fake),
        hidden(now),
        blocked(now),
        group(now),
        user(),
        bot(),
    ]
}

/// The channel known to exist, that is asked when an answer is in doubt.
fn canary(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("telegram"), 1_005_640_892, "Telegram News");
    channel.about = "A stand-in, with words of our own.".to_owned();
    channel.mark = Some(Mark::Verified);
    channel.avatar = Some("avatar-boat.jpg");
    channel.audience = 11_110_268;
    channel.shows = "A verified channel with very many subscribers.";
    let drafts = vec![
        text(
            "This channel stands in for the well-known one, so that whoever asks finds a channel here.",
        ),
        photo("boat.jpg", "Nothing new, on purpose.").likes(&[("👍", 59_100)]),
        text("Still here. ⚡"),
    ];
    compose(&mut channel, now, TimeDelta::days(9), drafts);
    channel
}

fn letters(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("quiet_corner"), 1_700_400_106, "Quiet Corner");
    channel.audience = 1;
    channel.shows = "A channel without a photo and description, with one subscriber.";
    let drafts = vec![
        service(ServiceMessage::Created),
        text("Testing, testing. Is this a feed?"),
        text("It is. Hello, whoever you are."),
    ];
    compose(&mut channel, now, TimeDelta::days(4), drafts);
    channel
}

fn empty() -> Channel {
    let mut channel = Channel::new(name("blank_page"), 1_700_400_107, "Blank Page");
    channel.about = "Soon.".to_owned();
    channel.audience = 14;
    channel.shows = "A channel without posts.";
    channel
}

fn marked(now: DateTime<Utc>, at: &str, number: u64, title: &str, mark: Mark) -> Channel {
    let mut channel = Channel::new(name(at), number, title);
    channel.mark = Some(mark);
    channel.audience = 31;
    channel.shows = match mark {
        Mark::Scam => "A channel that Telegram marks as a scam.",
        Mark::Fake => "A channel that Telegram marks as a fake.",
        Mark::Verified => "A verified channel.",
    };
    let drafts = vec![
        text("Send one boat, get two boats! Offer ends when we are found."),
        text("We were nearly found. Offer ends sooner!"),
    ];
    compose(&mut channel, now, TimeDelta::days(3), drafts);
    channel
}

fn hidden(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("closed_shutters"), 1_700_400_110, "Closed Shutters");
    channel.about = "Read us in the app.".to_owned();
    channel.kind = Kind::Hidden;
    channel.audience = 2_805;
    channel.shows = "A channel whose preview is switched off.";
    compose(&mut channel, now, TimeDelta::days(1), vec![text("Not for the web.")]);
    channel
}

fn blocked(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("sunken_cargo"), 1_700_400_114, "Sunken Cargo");
    channel.kind = Kind::Blocked {
        reason: "This channel can't be displayed because of a complaint about its cargo.",
    };
    channel.audience = 4_120;
    channel.shows = "A channel that Telegram does not show here.";
    compose(&mut channel, now, TimeDelta::days(1), vec![text("Lost at sea.")]);
    channel
}

fn group(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("tidewater_harbour"), 1_700_400_111, "Tidewater Harbour");
    channel.about = "Boats, ropes, weather. Be kind.".to_owned();
    channel.kind = Kind::Group { online: 36 };
    channel.audience = 1_674;
    channel.shows = "A public group: only its single posts can be read.";
    let drafts = vec![
        service(ServiceMessage::Created),
        text("Is the slipway free tomorrow at eight?").by("Bram Oke", Some("bram_oke")),
        text("It is, if the seal agrees.").by("Ada Merrow", Some("ada_merrow")).answers(1),
        photo("boat.jpg", "Caught the evening.").by("Old Tom", None),
    ];
    compose(&mut channel, now, TimeDelta::hours(30), drafts);
    channel
}

fn user() -> Channel {
    let mut channel = Channel::new(name("ada_merrow"), 700_400_112, "Ada Merrow");
    channel.about = "Keeper. Mostly upstairs.".to_owned();
    channel.kind = Kind::User;
    channel.shows = "A person, not a channel.";
    channel
}

fn bot() -> Channel {
    let mut channel = Channel::new(name("harbour_bell_bot"), 700_400_113, "Harbour Bell");
    channel.about = "Rings at high water.".to_owned();
    channel.kind = Kind::Bot;
    channel.audience = 7_618;
    channel.shows = "A bot, not a channel.";
    channel
}
