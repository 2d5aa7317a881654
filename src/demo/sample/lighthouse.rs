//! `tidewater`: a lighthouse keeper's notes, in English.

use chrono::{DateTime, TimeDelta, Utc};

use super::draft::{
    Draft, KETTLE, LAMP, album, body, compose, gif, location, photo, poll, round, service, sticker,
    text, venue, video, voice,
};
use super::name;
use crate::demo::channel::Channel;
use crate::demo::message::{Body, PollKind, PreviewPicture, ServiceMessage, Sticker, Video, Views};

pub(super) fn channel(now: DateTime<Utc>) -> Channel {
    let mut channel = Channel::new(name("tidewater"), 1_700_400_101, "Tidewater Light");
    channel.about = "Notes from a lamp at the edge of the map.\nWeather, birds, bad puns. Write to @ada_merrow or keeper@tidewater.example\nhttps://tidewater.example/".to_owned();
    channel.avatar = Some("avatar-lighthouse.jpg");
    channel.audience = 12_431;
    channel.shows = "A lighthouse keeper's notes: photos, albums, a film, voice, polls, buttons, nearly every kind of message.";
    let mut drafts = beginnings();
    drafts.extend(autumn());
    drafts.extend(lately());
    compose(&mut channel, now, TimeDelta::hours(15), drafts);
    channel
}

/// What comes to light while the demo runs: minutes from the start, and the text.
pub(super) const COMING: [(i64, &str); 4] = [
    (
        2,
        "Somebody just opened a feed of this channel: I can tell by the **kettle**. ☕ Good to have company.",
    ),
    (9, "Tide turning. The buoy has stopped complaining. #tides"),
    (30, "A seal on the slipway, asleep, entirely at home. I have cancelled the sweeping."),
    (
        90,
        "Ninety minutes without a ship. The log says: __nothing to report__, which is the best thing a log can say.",
    ),
];

fn beginnings() -> Vec<Draft> {
    vec![
        service(ServiceMessage::Created),
        service(ServiceMessage::PhotoUpdated("avatar-boat.jpg")),
        text("First entry. The lamp works, the kettle works, the stairs are still **214** and I counted them twice."),
        service(ServiceMessage::Renamed("Tidewater Light".to_owned())).skip(1),
        photo("cliff.jpg", "The north face, before breakfast. The dots are kittiwakes; the white line is their opinion of us. #birds #northface").likes(&[("👍", 214), ("❤", 88), ("😁", 31)]),
        text("House rules for visitors:\n\n1. Mind the third step.\n2. The lamp is __hot__.\n3. The cat outranks you.\n4. ~~No singing after ten~~ Singing is fine, ++in tune++ is better."),
        location(58.7231, -4.9986),
        text("How the signal is timed, for those who asked:\n\n```python\ndef flash(second):\n    return second % 12 < 1  # one flash, twelve seconds\n```\nThe old keeper's version was `count, and do not sneeze`.").likes(&[("🤓", 61), ("👍", 40)]),
        voice("The fog horn, as hummed by the keeper, because the real one breaks microphones."),
        text("||The red tin on the top shelf holds the good biscuits.||"),
        video(LAMP, "Six seconds of the lamp turning. Somebody asked whether it is dull. Somebody has not seen it. 🌊").likes(&[("🔥", 320), ("❤", 118)]).special_likes((5_265_077_361_648_368_841, 44), 12),
        photo("moonrise.jpg", ""),
        text("That was last night, 22:14, no filter, one very patient moon.").answers(1),
        service(ServiceMessage::Pinned("House rules for visitors".to_owned())),
    ]
}

fn autumn() -> Vec<Draft> {
    vec![
        album(&["lighthouse.jpg", "boat.jpg"], "Evening, from both sides: us from the boat, the boat from us.").likes(&[("❤", 402)]),
        poll("What should the new bell say?", PollKind::Anonymous, 746, &[("Ding", 211), ("Dong", 188), ("Ding, then dong 🔔", 320), ("Let it rest", 27)]),
        text("From the harbour office. They have a way with words.").skip(2),
        text("Works on the east pier from Monday. Please do not moor at the crane; the crane minds.\n\nQuestions: [the harbour office](https://harbour.example/contact?from=channel&topic=pier), [+44 1632 960 123](tel:+441632960123), harbour@tidewater.example").forwarded("Harbour Office", Some("tidewater_harbour_news/318")).written_by("P. Quill"),
        gif(KETTLE, "Storm readiness, level one."),
        photo("storm.jpg", "Storm readiness, level two.\n\nWind **47 kn** from the north-west, sea very rough, cat under the bed. All ships accounted for. $TIDE is up, as they would say in the city.").edited().signed("Ada Merrow 🌊").likes(&[("😱", 530), ("🙏", 290), ("❤", 77)]),
        text("> Keep the light and the light will keep you.\nCarved into the door by someone with time on their hands, 1894."),
        text("Everything I know about knots, in one place, with drawings.").card(["https://knots.example/bowline", "Knots & Splices", "The bowline, and why it holds", "A loop that does not slip, in four movements, with the mistakes everyone makes."], PreviewPicture::Small("boat.jpg")),
        body(Body::Contact { name: "Ada Merrow".to_owned(), phone: "+44 1632 960 456".to_owned() }),
        round(KETTLE).likes(&[("👋", 90)]),
        sticker(Sticker::Still("gull.webp")),
        text("The gull has a name now: **Commodore**. It has not been told."),
        service(ServiceMessage::LiveScheduled("Saturday at 20:00".to_owned())),
        service(ServiceMessage::LiveStarted),
        service(ServiceMessage::LiveFinished("12 minutes".to_owned())),
        text("Thank you to the 300 who sat through my slides. The recording is the gull's fault.").likes(&[("👏", 145)]).no_likes(),
    ]
}

fn lately() -> Vec<Draft> {
    vec![
        album(&["lighthouse.jpg", "storm.jpg", "fog.jpg", "lens.jpg", "cliff.jpg", "boat.jpg", "moonrise.jpg", "constellation.jpg", "comet.jpg", "terraces.jpg"], "A year in ten pictures. The last one is a postcard from @cha_yu_lun, who has hills where we have sea. #yearbook").likes(&[("❤", 1_204), ("🔥", 322)]),
        service(ServiceMessage::Silent).skip(4),
        venue(58.7240, -4.9971, "The Fog Signal", "Harbour Road 3, by the slipway"),
        text("Tea and questions on Sunday. Say whether you come, so that I know how many cups are missing handles.").buttons(&[("I come ☕", "https://tidewater.example/tea?answer=yes&cups=1"), ("Only virtually", "https://tidewater.example/tea?answer=maybe")]).buttons(&[("Remind me", "")]),
        poll("Who is on watch tonight?", PollKind::Public, 58, &[("Ada", 31), ("The cat", 27)]),
        text("Via the tide bot, which is never wrong and never polite:\n\nHigh water **03:12**, low water **09:31**.").via("harbour_bell_bot"),
        body(Body::Invoice { title: "Lamp oil, one litre".to_owned(), description: "Sponsor an evening of light. The lamp has been electric since 1962; the idea is what counts.".to_owned(), total: "£4.00".to_owned(), picture: Some("lens.jpg") }),
        body(Body::Game { title: "Semaphore".to_owned(), text: "Spell a word with two flags before the ship runs out of patience.".to_owned(), picture: "boat.jpg" }),
        photo("lens.jpg", "Cleaning day. A lens of the first order has 1,176 prisms, and the cloth has one clean corner left. Instructions and history: https://en.wikipedia.org/wiki/Fresnel_lens").card(["https://en.wikipedia.org/wiki/Fresnel_lens", "Wikipedia", "Fresnel lens", "A composite compact lens, made for lighthouses."], PreviewPicture::None),
        sticker(Sticker::Animated("star.tgs")),
        video(Video { file: None, poster: Some("lamp-poster.jpg"), seconds: 2_712, size: (1920, 1080) }, "The whole night, forty-five minutes of it. Too big for the page; the app has it."),
        text("Things found on the beach this week, in order of usefulness:\n\n• a left boot\n• a right boot, different\n• a bottle with a message, which said ||please recycle||\n• {5389033296086709487|⌚️} a watch, still going\n• one family 👨‍👩‍👧 of very surprised tourists ❤️‍🔥").likes(&[("😁", 611)]).edited(),
        text("Does anyone have a spare left boot?").answers(1).signed("Ada Merrow 🌊"),
        photo("fog.jpg", "Visibility: the end of my arm. The horn is on. #fog #tides").likes(&[("👀", 75)]),
        text("In case the page does not show it: the app can do [this](tg://resolve?domain=tidewater), and this mail address is read on Thursdays: keeper@tidewater.example. #post").views(Views::Count(1)),
        text("Fog lifting. A sail, two sails. Good morning, all of you out there. ☀️").likes(&[("☀️", 44), ("❤", 120), ("👍", 9)]).signed("Ada Merrow 🌊"),
    ]
}
