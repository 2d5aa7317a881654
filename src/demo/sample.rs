//! The sample channels, with every kind of message and name. Each is a file in `sample/`, whose keys are the fields of
//! [`Channel`] and [`Message`].
//!
//! Times, ids, views and quotes of replies are derived from the order of the messages. A file gives an id only after a gap, as
//! after deleted messages.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::message::{Body, Message, Quote, Reply, Views};
use super::text;
use super::world::{Channel, World};

const FILES: [&str; 14] = [
    include_str!("sample/tidewater.toml"),
    include_str!("sample/zenit_library.toml"),
    include_str!("sample/diwan_alrih.toml"),
    include_str!("sample/cha_yu_lun.toml"),
    include_str!("sample/telegram.toml"),
    include_str!("sample/quiet_corner.toml"),
    include_str!("sample/blank_page.toml"),
    include_str!("sample/free_boats_now.toml"),
    include_str!("sample/tidewater_official.toml"),
    include_str!("sample/closed_shutters.toml"),
    include_str!("sample/sunken_cargo.toml"),
    include_str!("sample/tidewater_harbour.toml"),
    include_str!("sample/ada_merrow.toml"),
    include_str!("sample/harbour_bell_bot.toml"),
];

/// A file of `sample/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    channel: Channel,
    /// The mean time between messages, in hours.
    #[serde(default)]
    interval: i64,
    /// Oldest first.
    #[serde(default)]
    messages: Vec<Message>,
    /// Messages published while the demo runs.
    #[serde(default)]
    later: Vec<Later>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Later {
    /// Minutes after the start.
    after: i64,
    text: String,
}

impl World {
    /// The sample channels, without messages that appear later.
    pub fn sample(now: DateTime<Utc>) -> Self {
        build(now, false)
    }

    /// The sample channels; one publishes messages for an hour and a half.
    pub fn living(now: DateTime<Utc>) -> Self {
        build(now, true)
    }
}

#[expect(clippy::expect_used, reason = "the files are embedded, and a test reads all of them")]
fn build(now: DateTime<Utc>, is_living: bool) -> World {
    let mut world = World::empty(now);
    for file in FILES {
        let mut sample: Sample = toml::from_str(file).expect("samples are valid TOML");
        sample.fill(now).expect("samples are consistent");
        for later in sample.later.iter().filter(|_| is_living) {
            let mut message = Message::text(later.text.as_str());
            message.views = Views::Count(12);
            sample.channel.publish(message, now + TimeDelta::minutes(later.after));
        }
        world.add(sample.channel);
    }
    world
}

impl Sample {
    /// Adds the messages to the channel. The newest one is some minutes old.
    fn fill(&mut self, now: DateTime<Utc>) -> Result<(), String> {
        let channel = &mut self.channel;
        let times = times(channel.number, now, self.interval, self.messages.len());
        let mut next = 1;
        for (mut message, time) in std::mem::take(&mut self.messages).into_iter().zip(times) {
            if message.id != 0 && message.id < next {
                return Err(format!("the id {} comes after {}", message.id, next - 1));
            }
            message.number_from(message.id.max(next));
            message.time = time;
            if message.views == Views::Hidden {
                message.views = views(channel, &message);
            }
            if let Some(reply) = message.reply.as_mut().filter(|reply| reply.title.is_empty()) {
                quote(channel, reply)?;
            }
            next = message.last_id() + 1;
            channel.messages.push(message);
        }
        Ok(())
    }
}

/// Ascending times that end before `now`.
fn times(seed: u64, now: DateTime<Utc>, interval: i64, count: usize) -> Vec<DateTime<Utc>> {
    let seconds = i64::from(scatter(seed, 0, 50));
    let mut time = now - TimeDelta::minutes(24) - TimeDelta::seconds(seconds);
    let mut times = Vec::with_capacity(count);
    for at in 0..count as u64 {
        times.push(time);
        // From a quarter of the interval to one and three quarters of it.
        let percent = i64::from(25 + scatter(seed, at + 1, 151));
        let distance = interval * 3600 * percent / 100 + i64::from(scatter(seed, at + 500, 60));
        time -= TimeDelta::seconds(distance.max(1));
    }
    times.reverse();
    times
}

/// A pseudo-random number below `limit`.
fn scatter(seed: u64, at: u64, limit: u32) -> u32 {
    let mixed =
        (seed ^ (at.wrapping_mul(0x9e37_79b9_7f4a_7c15))).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    u32::try_from((mixed >> 33) % u64::from(limit)).unwrap_or(0)
}

/// A third to nine tenths of the subscribers. Service messages have no views.
fn views(channel: &Channel, message: &Message) -> Views {
    if matches!(message.body, Body::ServiceMessage(_)) {
        return Views::Hidden;
    }
    let percent = 33 + scatter(channel.number, u64::from(message.id), 57);
    Views::Count((channel.audience * u64::from(percent) / 100).max(1))
}

/// Completes a reply within the channel.
fn quote(channel: &Channel, reply: &mut Reply) -> Result<(), String> {
    let id = reply.path.strip_prefix(&format!("{}/", channel.name)).and_then(|id| id.parse().ok());
    let Some(target) = id.and_then(|id| channel.message(id)) else {
        return Err(format!("{} is not an earlier message", reply.path));
    };
    let (kind, thumb) = match &target.body {
        Body::Photo(file) => ("Photo", Some(*file)),
        Body::Video(video) => ("Video", video.poster),
        Body::Voice { .. } => ("Voice message", None),
        Body::Poll(_) => ("Poll", None),
        Body::Album(_) => ("Album", None),
        _ => ("Message", None),
    };
    reply.title.clone_from(&channel.title);
    reply.thumb = thumb;
    reply.quote = match &target.text {
        Some(text) => Quote::Text(text::plain(text)),
        None => Quote::Kind(kind.to_owned()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{FILES, Message, Quote, Sample, World};
    use crate::demo::media::File;

    const HARBOUR: &str =
        "interval = 5\n[channel]\nname = 'harbour'\nnumber = 77\ntitle = 'Harbour'\n";

    fn filled(messages: &str) -> Result<Vec<Message>, String> {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut sample: Sample =
            toml::from_str(&format!("{HARBOUR}{messages}")).map_err(|error| error.to_string())?;
        sample.fill(now)?;
        assert!(sample.channel.messages.iter().all(|message| message.time < now));
        Ok(sample.channel.messages)
    }

    #[test]
    fn sample_channels_are_valid() {
        let world = World::living(DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        assert_eq!(world.channels().count(), FILES.len());
    }

    #[test]
    fn sample_messages_get_ascending_ids_times_and_quotes() {
        let messages = filled(
            "[[messages]]\ntext = 'One'\n[[messages]]\nid = 5\nbody.photo = 'fog.jpg'\n\
             [[messages]]\ntext = 'Two'\nreply.path = 'harbour/5'\n[[messages]]\ntext = 'Three'\n",
        )
        .unwrap();
        let ids: Vec<u32> = messages.iter().map(|message| message.id).collect();
        assert_eq!(ids, [1, 5, 6, 7]);
        assert!(messages.is_sorted_by_key(|message| message.time));
        let reply = messages[2].reply.as_ref().unwrap();
        assert_eq!(reply.title, "Harbour");
        assert!(matches!(&reply.quote, Quote::Kind(kind) if kind == "Photo"));
        assert_eq!(reply.thumb, Some(File("fog.jpg")));
    }

    #[test]
    fn sample_mistakes_are_errors() {
        for (messages, error) in [
            ("[[messages]]\ntexd = 'One'\n", "unknown field `texd`"),
            ("[[messages]]\nbody.photo = 'nowhere.jpg'\n", "no file `nowhere.jpg`"),
            ("[[messages]]\nbody.image = 'fog.jpg'\n", "unknown variant `image`"),
            ("[[messages]]\nid = 3\n[[messages]]\nid = 2\n", "the id 2 comes after 3"),
            ("[[messages]]\nreply.path = 'harbour/9'\n", "harbour/9 is not an earlier message"),
        ] {
            let found = filled(messages).unwrap_err();
            assert!(found.contains(error), "{found}");
        }
    }
}
