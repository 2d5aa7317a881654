//! A reader visits channels of different frequency every hour for days: posts are fresh at few requests.
//!
//! Measured over three days. Visits exactly on the hour: 100 % include all posts older than two minutes, at 1.09
//! requests to Telegram per visit (1.9 for a channel with more than a page of posts per hour, 1 for all others). Visits
//! up to ten minutes early or late: 99 % at 0.95 requests. With hours between posts the TTL is as long as the interval
//! of visits, so some visits are cache hits that may lack a post of the last hour.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;

use crate::support::TestApp;

const MINUTE: Duration = Duration::from_secs(60);

/// The maximum age of a post that a visit may miss.
const GRACE: TimeDelta = TimeDelta::minutes(2);

const DAYS: u32 = 3;

/// A deterministic pseudo-random generator.
struct Chance(u64);

impl Chance {
    /// A value from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }
}

/// The publication pattern of a channel.
#[derive(Clone, Copy, Debug)]
enum Rhythm {
    /// At random times, with this mean interval in minutes.
    Every(f64),
    /// The same, in daytime only.
    ByDay(f64),
    /// This many posts in a row, once a day.
    OnceADay(u32),
}

const CHANNELS: [(&str, Rhythm); 10] = [
    // More than a page of Telegram in an hour, so the gap is fetched too.
    ("ticker", Rhythm::Every(2.5)),
    ("newswire", Rhythm::Every(6.0)),
    ("city_news", Rhythm::ByDay(25.0)),
    ("talk", Rhythm::Every(40.0)),
    ("magazine", Rhythm::Every(100.0)),
    ("workshop", Rhythm::ByDay(180.0)),
    ("blog_of_one", Rhythm::Every(400.0)),
    ("digest", Rhythm::OnceADay(5)),
    ("weekly", Rhythm::Every(7.0 * 24.0 * 60.0)),
    ("month_book", Rhythm::Every(30.0 * 24.0 * 60.0)),
];

/// The dates of a channel's posts, from long before `start` to the end of the simulation.
fn dates(rhythm: Rhythm, start: DateTime<Utc>, chance: &mut Chance) -> Vec<DateTime<Utc>> {
    let end = start + TimeDelta::days(i64::from(DAYS) + 1);
    let minutes = |minutes: f64| TimeDelta::seconds((minutes * 60.0) as i64);
    let mut dates = Vec::new();
    match rhythm {
        Rhythm::Every(gap) | Rhythm::ByDay(gap) => {
            let mut date = start - minutes(gap * 30.0);
            while date < end {
                // Exponential gaps as in a Poisson process: mostly short, some long.
                date += minutes(-gap * (1.0 - chance.next()).ln()) + TimeDelta::seconds(1);
                let hour = date.format("%H").to_string().parse::<u32>().unwrap();
                if matches!(rhythm, Rhythm::Every(_)) || (7..23).contains(&hour) {
                    dates.push(date);
                }
            }
        }
        Rhythm::OnceADay(posts) => {
            for day in -6..=i64::from(DAYS) {
                let morning = start + TimeDelta::days(day) + minutes(1200.0 * chance.next());
                dates.extend(
                    (0..posts).map(|post| morning + TimeDelta::seconds(i64::from(post) * 40)),
                );
            }
        }
    }
    dates.retain(|date| *date < end);
    dates
}

/// The totals of all visits.
#[derive(Debug, Default)]
struct Tally {
    visits: u32,
    fresh: u32,
    requests: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.visits += other.visits;
        self.fresh += other.fresh;
        self.requests += other.requests;
    }

    fn share_fresh(&self) -> f64 {
        f64::from(self.fresh) / f64::from(self.visits)
    }

    fn requests_a_visit(&self) -> f64 {
        self.requests as f64 / f64::from(self.visits)
    }
}

/// Visits a channel every hour, with a random delay of up to `late`.
async fn visit(channel: &str, rhythm: Rhythm, late: Duration, chance: &mut Chance) -> Tally {
    let app = TestApp::with(|config| {
        (config.service.schedule.active_for, config.service.schedule.initial_posts) =
            (Duration::from_hours(72), 0);
    })
    .await;
    let name = ChannelName::parse(channel).unwrap();
    let mut sample = Channel::new(name, 77_000_001, channel);
    let dates = dates(rhythm, app.telegram.now(), chance);
    for (number, date) in dates.iter().enumerate() {
        sample.publish(Message::text(format!("Post {number} of {channel}.")), *date);
    }
    app.telegram.add(sample);
    let mut tally = Tally::default();
    let mut earlier = Duration::ZERO;
    for _ in 0..DAYS * 24 {
        let answer = app.get(&format!("/{channel}/feed.json")).await;
        assert_eq!(answer.status, 200);
        let expected = dates.iter().filter(|date| **date <= app.telegram.now() - GRACE).count();
        let seen =
            answer.ids().first().map_or(0, |id| id.rsplit('/').next().unwrap().parse().unwrap());
        tally.visits += 1;
        tally.fresh += u32::from(seen >= expected);
        let now = late.mul_f64(chance.next());
        app.pass_by(60 * MINUTE + now - earlier).await;
        earlier = now;
    }
    tally.requests = app.telegram.total();
    app.stop().await;
    tally
}

/// Visits all channels every hour for days.
async fn round(late: Duration) {
    let (mut chance, mut total, mut told) = (Chance(7), Tally::default(), Vec::new());
    for (channel, rhythm) in CHANNELS {
        let tally = visit(channel, rhythm, late, &mut chance).await;
        assert!(tally.share_fresh() >= 0.9, "{channel}: {tally:?}");
        total.add(&tally);
        told.push((channel, tally));
    }
    assert!(total.share_fresh() >= 0.95, "{total:?}: {told:?}");

    assert!(total.requests_a_visit() <= 1.2, "{total:?}: {told:?}");
}

#[tokio::test]
async fn punctual_hourly_reader_gets_feed_at_most_two_minutes_old() {
    round(Duration::ZERO).await;
}

#[tokio::test]
async fn irregular_hourly_reader_gets_feed_at_most_two_minutes_old() {
    round(MINUTE * 10).await;
}
