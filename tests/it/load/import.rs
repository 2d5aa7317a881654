//! A reader imports 150 channels that nobody has asked for before. In simulated time, with the settings' defaults.
//!
//! Telegram takes half a second to five seconds for an answer, readers give up after twenty, and more than two requests a
//! second must not be made: the last channel's turn comes after more than a minute. No poll may end in anything but a feed,
//! or 429 with the time after which to come again; and who comes again finds the feed.
//!
//! As measured: with 16 workers all are served in the first round, within 68 s, none later than 10 s after its poll. With
//! 64 or 150 workers the queue is full at once: 43 are served, the others told to come again after half a minute to 72 s,
//! and fetched in the meantime.

use std::time::Duration;

use feedline::demo::{Channel, Fault, Message, Repeat, Target};
use feedline::model::ChannelName;
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::support::{Simulation, TestApp};

/// How long a reader waits for an answer.
const GIVES_UP: Duration = Duration::from_secs(20);

const CHANNELS: usize = 150;

/// One poll's end.
#[derive(Debug)]
struct Poll {
    channel: usize,
    /// `None`: the reader gave up.
    status: Option<u16>,
    retry_after: Option<u64>,
    took: Duration,
}

impl Poll {
    fn is_served(&self) -> bool {
        self.status == Some(200)
    }

    fn is_told_to_come_again(&self) -> bool {
        self.status == Some(429) && self.retry_after.is_some_and(|seconds| seconds > 0)
    }
}

fn name(channel: usize) -> String {
    format!("import_{channel}")
}

/// A feedline at its defaults, over 150 channels more.
async fn scene() -> TestApp {
    let app =
        TestApp::with(|config| (config.upstream.rate, config.upstream.burst) = (2.0, 20)).await;
    for number in 0..CHANNELS {
        let name = ChannelName::parse(&name(number)).unwrap();
        let id = 5_000_000 + number as u64;
        let mut channel = Channel::new(name.clone(), id, &format!("Channel {number}"));
        for post in 0..3 {
            let text = format!("Post {post} of channel {number}.");
            channel.publish(Message::text(text), app.telegram.now());
        }
        app.telegram.add(channel);
        // From 0.5 to 5 seconds, in no order.
        let delay = Duration::from_millis(500 + 4500 * (number as u64 * 67 % 150) / 149);
        let target = Target::Channel(name.as_str().to_owned());
        app.telegram.fault(target, Fault::Delay(delay), Repeat::Always);
    }
    app
}

/// Asks for each of these channels once, so many at a time.
async fn round(app: &TestApp, channels: Vec<usize>, workers: usize) -> Vec<Poll> {
    let poll = async |channel: usize| {
        let begin = tokio::time::Instant::now();
        let path = format!("/{}/rss.xml", name(channel));
        let answer = tokio::time::timeout(GIVES_UP, app.get(&path)).await.ok();
        let retry_after =
            answer.as_ref().and_then(|answer| answer.header("retry-after").parse().ok());
        let status = answer.map(|answer| answer.status);
        Poll { channel, status, retry_after, took: begin.elapsed() }
    };
    stream::iter(channels).map(poll).buffer_unordered(workers).collect().await
}

#[tokio::test]
async fn import_of_150_channels_is_served_within_two_minutes() {
    let simulation = Simulation::begin();
    for workers in [16, 64, CHANNELS] {
        let app = scene().await;
        let begin = simulation.elapsed();
        let first = round(&app, (0..CHANNELS).collect(), workers).await;
        for poll in &first {
            assert!(poll.is_served() || poll.is_told_to_come_again(), "{workers}: {poll:?}");
        }
        let again: Vec<&Poll> = first.iter().filter(|poll| !poll.is_served()).collect();
        let (took, slowest) =
            (simulation.elapsed() - begin, first.iter().map(|poll| poll.took).max().unwrap());
        if workers == 16 {
            assert!(again.is_empty(), "{again:?}");
            assert!(took < Duration::from_secs(80) && slowest < Duration::from_secs(15));
        }
        let again = again.into_iter().map(|poll| poll.channel).collect();
        tokio::time::sleep(Duration::from_secs(120)).await;
        let second = round(&app, again, workers).await;
        assert!(second.iter().all(Poll::is_served), "{workers}: {second:?}");
        let waited = second.iter().map(|poll| poll.took).max().unwrap_or_default();
        assert!(
            waited < Duration::from_secs(1),
            "{workers}: they are here already, not {waited:?} away"
        );
        assert_eq!(app.telegram.total(), CHANNELS as u64, "{workers}: each was asked for once");
        assert!(app.telegram.most_open() <= 8);
        app.stop().await;
    }
}
