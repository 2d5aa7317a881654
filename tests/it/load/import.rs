//! A reader imports 150 unknown channels. In simulated time, with the default settings.
//!
//! Telegram responds within 0.5 to 5 seconds, readers time out after twenty, and the rate limit is two requests a
//! second, so the last channel is fetched after more than a minute. Every poll must end in a feed or in a 429 with
//! `Retry-After`; a retry after that time gets the feed.
//!
//! Measured: with 16 workers, all channels are served in the first round, within 68 s, each at most 10 s after its
//! poll. With 64 or 150 workers the queue is full at once: 43 are served, and the others get a `Retry-After` between 30
//! and 72 s and are fetched in the meantime.

use std::time::Duration;

use feedline::demo::{Channel, Fault, Message, Repeat, Target};
use feedline::model::ChannelName;
use futures_util::StreamExt as _;
use futures_util::stream;

use crate::support::{Simulation, TestApp};

/// The timeout of a reader.
const GIVES_UP: Duration = Duration::from_secs(20);

const CHANNELS: usize = 150;

/// The result of one poll.
#[derive(Debug)]
struct Poll {
    channel: usize,
    /// `None` if the reader timed out.
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

/// A feedline with the default settings and 150 additional channels.
async fn scene() -> TestApp {
    let app = TestApp::with(|config| (config.net.rate, config.net.burst) = (2.0, 20)).await;
    for number in 0..CHANNELS {
        let name = ChannelName::parse(&name(number)).unwrap();
        let id = 5_000_000 + number as u64;
        let mut channel = Channel::new(name.clone(), id, &format!("Channel {number}"));
        for post in 0..3 {
            let text = format!("Post {post} of channel {number}.");
            channel.publish(Message::text(text), app.telegram.now());
        }
        app.telegram.add(channel);
        // From 0.5 to 5 seconds, in mixed order.
        let delay = Duration::from_millis(500 + 4500 * (number as u64 * 67 % 150) / 149);
        let target = Target::Channel(name.as_str().to_owned());
        app.telegram.fault(target, Fault::Delay(delay), Repeat::Always);
    }
    app
}

/// Polls each of these channels once, with this many workers.
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
