//! Simulates a week of 1,000 channels and their readers at a fifth of the default rate, with the real plan and the real
//! TTLs, without HTTP; `week(5000, SECOND / 2)` simulates 5,000 channels at the full rate, and takes minutes.
//!
//! The channels publish every three minutes to every two weeks, half of them by day only, and each has one to four
//! readers that poll every quarter of an hour to once a day: by the clock, by a timer that drifts, at about the same
//! times, or by day only. Telegram takes half a second to two seconds, and turns follow the rate limiter: a steady
//! rate, a reserve of twenty for people, and a quarter for background work while it waits.
//!
//! The baseline is a bridge that fetches every channel every quarter of an hour, as far as the rate allows, which is
//! every 42 minutes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::service::Key;
use crate::service::freshness::Bounds;
use crate::service::schedule::channel::News;
use crate::service::schedule::plan::{Job, Plan, Settings};

/// In milliseconds.
const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// Counting starts after a day: until then the plan learns the readers' intervals.
const COUNTED: i64 = DAY;

/// The turns beyond the steady one that people may take at once after a pause.
const RESERVE: i64 = 19;

/// The refresh time-out of a reader.
const REFRESH_TIMEOUT: i64 = 8 * SECOND;

/// A poll counts as fresh if the oldest missing post is at most this old.
const GRACE: i64 = 2 * MINUTE;

const BOUNDS: Bounds =
    Bounds { min_ttl: Duration::from_secs(300), max_ttl: Duration::from_secs(3600) };

/// A deterministic pseudo-random generator.
struct Chance(u64);

impl Chance {
    /// A number from 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f64 / (1_u64 << 24) as f64
    }

    fn below(&mut self, bound: i64) -> i64 {
        (self.next() * bound as f64) as i64
    }
}

struct Channel {
    key: Key,
    /// The times of its posts, oldest first, from long before the start.
    posts: Vec<i64>,
    fetched: Option<i64>,
    ttl: i64,
    flight: Flight,
    /// The arrival times of readers that wait for the refresh in progress.
    waiting: Vec<i64>,
}

/// The state of a channel's refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    None,
    Queued { is_waited_for: bool },
    UnderWay,
}

#[derive(Clone, Copy, Debug)]
enum Manner {
    /// At the same minutes of the clock.
    Clock,
    /// At an interval that drifts by up to 20 seconds.
    Timer,
    /// Up to a tenth earlier or later.
    About,
}

struct Reader {
    channel: usize,
    every: i64,
    manner: Manner,
    by_day: bool,
    turn: i64,
    phase: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Land(usize),
    Poll(usize),
}

/// The counts of all polls.
#[derive(Default)]
struct Tally {
    polls: u64,
    requests: u64,
    fresh: u64,
    /// Seconds since the publication of the oldest missing post; 0: none is missing.
    missing: Vec<u32>,
    /// Seconds since the fetch.
    ages: Vec<u32>,
}

impl Tally {
    fn add(&mut self, channel: &Channel, shown: Option<i64>, now: i64) {
        if now < COUNTED {
            return;
        }
        let since = shown.unwrap_or(i64::MIN);
        let missing = channel.posts.get(channel.posts.partition_point(|post| *post <= since));
        let missing = missing.map_or(0, |post| (now - post).max(0));
        let seconds = |time: i64| u32::try_from(time / SECOND).unwrap_or(u32::MAX);
        self.polls += 1;
        self.fresh += u64::from(missing <= GRACE);
        self.missing.push(seconds(missing));
        self.ages.push(seconds(shown.map_or(i64::MAX, |shown| (now - shown).max(0))));
    }

    fn share_fresh(&self) -> f64 {
        self.fresh as f64 / self.polls as f64
    }

    fn row(&mut self, name: &str) -> String {
        let days = (WEEK - COUNTED) as f64 / DAY as f64;
        let percent = 100.0 * self.share_fresh();
        format!(
            "| {name} | {:.0} | {:.2} | {percent:.1} % | {:.0} s | {:.0} min | {:.0} min | {:.0} min |",
            self.requests as f64 / days,
            self.requests as f64 / self.polls as f64,
            f64::from(quantile(&mut self.missing, 0.5)),
            f64::from(quantile(&mut self.missing, 0.95)) / 60.0,
            f64::from(quantile(&mut self.ages, 0.5)) / 60.0,
            f64::from(quantile(&mut self.ages, 0.95)) / 60.0,
        )
    }
}

fn quantile(values: &mut [u32], part: f64) -> u32 {
    values.sort_unstable();
    quantile_of(values, part)
}

/// Whether the time of day is between 07:00 and 23:00.
fn is_day(moment: i64) -> bool {
    (7 * HOUR..23 * HOUR).contains(&moment.rem_euclid(DAY))
}

/// Publishes every three minutes to every two weeks, with a uniform distribution of the logarithm.
fn channel(number: usize, chance: &mut Chance) -> Channel {
    let gap = 3.0 * (14.0 * 24.0 * 20.0_f64).powf(chance.next());
    let by_day = chance.next() < 0.5;
    let mut post = -(gap * 40.0 * MINUTE as f64) as i64;
    let mut posts = Vec::new();
    while post < WEEK {
        // Gaps of a Poisson process: mostly short, some long.
        post += (-gap * (1.0 - chance.next()).ln() * MINUTE as f64) as i64 + SECOND;
        if !by_day || is_day(post) {
            posts.push(post);
        }
    }
    let key = format!("channel{number}").into();
    Channel { key, posts, fetched: None, ttl: 0, flight: Flight::None, waiting: Vec::new() }
}

fn readers(channel: usize, chance: &mut Chance) -> Vec<Reader> {
    const EVERY: [i64; 10] = [15, 30, 60, 60, 60, 120, 180, 360, 720, 1440];
    // A third of the channels have one reader, half have two, and the others three or four.
    let number = 1 + [0.5, 0.75, 0.875].iter().filter(|part| chance.next() > **part).count();
    let reader = |_| {
        let every = EVERY[chance.below(10) as usize] * MINUTE;
        let manner = match chance.below(4) {
            0 | 1 => Manner::Clock,
            2 => Manner::Timer,
            _ => Manner::About,
        };
        // Half of the readers start on the hour or the half hour.
        let phase = if chance.next() < 0.5 {
            chance.below(every / (30 * MINUTE) + 1) * 30 * MINUTE
        } else {
            chance.below(every)
        };
        Reader {
            channel,
            every,
            manner,
            by_day: chance.next() < 0.25 && every <= 3 * HOUR,
            turn: 0,
            phase,
        }
    };
    (0..number).map(reader).collect()
}

impl Reader {
    /// The time of the next poll.
    fn next(&mut self, now: i64, chance: &mut Chance) -> i64 {
        loop {
            self.turn += 1;
            let at = match self.manner {
                Manner::Clock => self.phase + self.turn * self.every + chance.below(10 * SECOND),
                Manner::Timer => {
                    self.phase += chance.below(20 * SECOND);
                    self.phase + self.turn * self.every
                }
                Manner::About => {
                    self.phase + self.turn * self.every + chance.below(self.every / 5)
                        - self.every / 10
                }
            };
            if at > now && (!self.by_day || is_day(at)) {
                return at;
            }
        }
    }
}

/// A model of the rate limiter: a token bucket at the steady rate, and a reserve for people.
struct Turns {
    /// The time between two turns.
    every: i64,
    steady: i64,
    reserve: i64,
    as_of: i64,
    passed: u8,
    people: VecDeque<usize>,
    background: VecDeque<usize>,
}

impl Turns {
    fn new(every: i64) -> Self {
        let (people, background) = (VecDeque::new(), VecDeque::new());
        Self { every, steady: 0, reserve: 0, as_of: 0, passed: 0, people, background }
    }

    fn grow(&mut self, now: i64) {
        let steady = self.steady + now - self.as_of;
        self.as_of = now;
        self.steady = steady.min(self.every);
        self.reserve = (self.reserve + steady - self.steady).min(RESERVE * self.every);
    }

    /// Takes the next turn. Returns the channel that gets it.
    fn take(&mut self, now: i64) -> Option<usize> {
        self.grow(now);
        let (has_steady, has_reserve) = (self.steady >= self.every, self.reserve >= self.every);
        let is_due = !self.background.is_empty() && self.passed >= 3 && has_steady;
        if !self.people.is_empty() && !is_due && (has_steady || has_reserve) {
            if has_steady {
                self.steady -= self.every;
                self.passed += u8::from(!self.background.is_empty());
            } else {
                self.reserve -= self.every;
            }
            return self.people.pop_front();
        }
        if !self.background.is_empty() && has_steady {
            self.steady -= self.every;
            self.passed = 0;
            return self.background.pop_front();
        }
        None
    }

    fn next(&self) -> Option<i64> {
        let is_waited_for = !self.people.is_empty() || !self.background.is_empty();
        is_waited_for.then_some(self.as_of + self.every - self.steady)
    }

    /// The expected wait of a person.
    fn wait(&self) -> i64 {
        let ahead = self.people.len() as i64 - self.reserve / self.every;
        ahead.max(0) * self.every * if self.background.is_empty() { 3 } else { 4 } / 3
    }
}

struct World {
    start: DateTime<Utc>,
    channels: Vec<Channel>,
    readers: Vec<Reader>,
    turns: Turns,
    events: BinaryHeap<Reverse<(i64, Event)>>,
    plan: Option<Plan>,
    /// The time of the next call of the plan.
    wake: i64,
    /// Whether a planned refresh is in progress, by channel.
    is_planned: Vec<bool>,
    under_way: usize,
    chance: Chance,
    tally: Tally,
    most_stretch: f64,
    /// The refreshes that the plan started.
    ahead: u64,
}

impl World {
    fn new(channels: usize, turn: i64, plan: Option<Settings>) -> Self {
        let start: DateTime<Utc> = "2026-05-10T00:00:00Z".parse().unwrap();
        let mut chance = Chance(11);
        let all: Vec<Channel> = (0..channels).map(|number| channel(number, &mut chance)).collect();
        let readers: Vec<Reader> =
            (0..channels).flat_map(|number| readers(number, &mut chance)).collect();
        let mut world = Self {
            start,
            is_planned: vec![false; channels],
            channels: all,
            readers,
            turns: Turns::new(turn),
            events: BinaryHeap::new(),
            plan: plan.map(|settings| Plan::new(settings, start)),
            wake: 0,
            under_way: 0,
            chance,
            tally: Tally::default(),
            most_stretch: 1.0,
            ahead: 0,
        };
        for reader in 0..world.readers.len() {
            world.schedule_poll(reader, 0);
        }
        world
    }

    fn date(&self, moment: i64) -> DateTime<Utc> {
        self.start + Duration::from_millis(u64::try_from(moment).unwrap())
    }

    fn schedule_poll(&mut self, reader: usize, now: i64) {
        let at = self.readers[reader].next(now, &mut self.chance);
        self.events.push(Reverse((at, Event::Poll(reader))));
    }

    fn run(mut self) -> Self {
        let mut now = 0;
        while now < WEEK {
            let event = self.events.peek().map_or(WEEK, |Reverse((at, _))| *at);
            let turn = self.turns.next().unwrap_or(WEEK);
            now = event.min(turn).min(self.wake).max(now);
            if self.wake <= now {
                self.begin_planned(now);
            }
            if event <= now
                && let Some(Reverse((_, event))) = self.events.pop()
            {
                match event {
                    Event::Land(channel) => self.land(channel, now),
                    Event::Poll(reader) => {
                        self.poll(self.readers[reader].channel, now);
                        self.schedule_poll(reader, now);
                    }
                }
            }
            while let Some(channel) = self.turns.take(now) {
                self.depart(channel, now);
            }
        }
        self
    }

    fn begin_planned(&mut self, now: i64) {
        let date = self.date(now);
        let Some(plan) = &mut self.plan else {
            self.wake = WEEK;
            return;
        };
        let jobs = plan.start(rate(self.turns.every), 16 - self.under_way, date);
        self.most_stretch = self.most_stretch.max(plan.outlook(date).stretch);
        for job in jobs {
            let key = match job {
                Job::Refresh(key) => key,
                Job::History(key) => {
                    plan.finish_history(&key, Ok(false), date);
                    continue;
                }
            };
            let number: usize = key.trim_start_matches("channel").parse().unwrap();
            self.under_way += 1;
            self.ahead += u64::from(now >= COUNTED);
            if self.channels[number].flight == Flight::None {
                self.channels[number].flight = Flight::Queued { is_waited_for: false };
                self.turns.background.push_back(number);
            }
            self.is_planned[number] = true;
        }
        self.look_again(now);
    }

    /// Sets the time of the next call of the plan.
    fn look_again(&mut self, now: i64) {
        let Some(plan) = &self.plan else { return };
        let wake = (plan.wake() - self.start).num_milliseconds();
        // While all places are taken, the next landing calls the plan.
        self.wake = if self.under_way >= 16 { WEEK } else { wake.max(now + 1) };
    }

    fn poll(&mut self, number: usize, now: i64) {
        let channel = &mut self.channels[number];
        let is_fresh = channel.fetched.is_some_and(|fetched| now < fetched + channel.ttl);
        if is_fresh {
            self.answer(number, now, now);
            return;
        }
        let is_long = self.turns.wait() > REFRESH_TIMEOUT;
        match channel.flight {
            Flight::None => {
                channel.flight = Flight::Queued { is_waited_for: !is_long };
                let line =
                    if is_long { &mut self.turns.background } else { &mut self.turns.people };
                line.push_back(number);
            }
            Flight::Queued { is_waited_for: false } if !is_long => {
                channel.flight = Flight::Queued { is_waited_for: true };
                self.turns.background.retain(|other| *other != number);
                self.turns.people.push_back(number);
            }
            Flight::Queued { .. } | Flight::UnderWay => {}
        }
        if is_long && channel.fetched.is_some() {
            self.answer(number, now, now);
        } else {
            channel.waiting.push(now);
        }
    }

    /// Answers a reader that came at `came` with the present state.
    fn answer(&mut self, number: usize, came: i64, now: i64) {
        let date = self.date(now);
        let channel = &self.channels[number];
        self.tally.add(channel, channel.fetched, came);
        let Some(fetched) = channel.fetched else { return };
        let news = self.news(number, fetched);
        let key = Key::clone(&self.channels[number].key);
        if let Some(plan) = &mut self.plan {
            let before = deadline(plan, &key);
            plan.visited(&key, news, date);
            if deadline(plan, &key) != before {
                self.look_again(now);
            }
        }
    }

    fn news(&self, number: usize, fetched: i64) -> News {
        let ttl = Duration::from_millis(u64::try_from(self.channels[number].ttl).unwrap());
        News { fetched: self.date(fetched), ttl, has_gap: false }
    }

    fn depart(&mut self, number: usize, now: i64) {
        self.channels[number].flight = Flight::UnderWay;
        self.tally.requests += u64::from(now >= COUNTED);
        let takes = SECOND / 2 + self.chance.below(3 * SECOND / 2);
        self.events.push(Reverse((now + takes, Event::Land(number))));
    }

    fn land(&mut self, number: usize, now: i64) {
        let date = self.date(now);
        let start = self.start;
        let channel = &mut self.channels[number];
        let waiting = std::mem::take(&mut channel.waiting);
        let end = channel.posts.partition_point(|post| *post <= now);
        let newest = channel.posts[..end].iter().rev().take(21);
        let dates: Vec<DateTime<Utc>> =
            newest.map(|post| start + chrono::TimeDelta::milliseconds(*post)).collect();
        let former = channel.fetched;
        channel.ttl = i64::try_from(BOUNDS.ttl_of(&dates, date).as_millis()).unwrap();
        channel.fetched = Some(now);
        channel.flight = Flight::None;
        let (key, news) = (Key::clone(&channel.key), self.news(number, now));
        if let Some(plan) = &mut self.plan {
            plan.refreshed(&key, news, date);
            if std::mem::take(&mut self.is_planned[number]) {
                self.under_way -= 1;
                plan.finish_refresh(&key, Ok((Key::clone(&key), news)), date);
            }
        }
        for came in waiting {
            // A reader that waited longer than the refresh time-out got the former state.
            if now - came > REFRESH_TIMEOUT && former.is_some() {
                self.tally.add(&self.channels[number], former, came);
            } else {
                self.answer(number, came.max(now), now);
            }
        }
        self.look_again(now);
    }
}

/// Fetches every channel every quarter of an hour, as far as the rate allows. All polls are answered from memory.
fn fixed_poll(channels: usize, turn: i64) -> Tally {
    let mut world = World::new(channels, turn, None);
    let period = (15 * MINUTE).max(channels as i64 * turn);
    world.tally.requests = ((WEEK - COUNTED) / turn) as u64;
    while let Some(Reverse((now, Event::Poll(reader)))) = world.events.pop() {
        if now >= WEEK {
            break;
        }
        let number = world.readers[reader].channel;
        let phase = number as i64 * turn;
        let fetched = now - (now - phase).rem_euclid(period);
        world.tally.add(&world.channels[number], Some(fetched), now);
        world.schedule_poll(reader, now);
    }
    world.tally
}

fn deadline(plan: &Plan, key: &Key) -> Option<DateTime<Utc>> {
    plan.channel(key).1.and_then(|channel| channel.deadline)
}

/// Requests a second.
fn rate(turn: i64) -> f64 {
    SECOND as f64 / turn as f64
}

/// Simulates a week with a turn every `turn` milliseconds, prints the counts, and asserts the limits.
#[expect(clippy::print_stdout, reason = "the figures are what the simulation is for")]
fn week(channels: usize, turn: i64) {
    let settings = Settings { initial_posts: 0, rate: rate(turn), ..Settings::default() };
    let off = Settings { active_for: Duration::ZERO, ..settings.clone() };
    let mut world = World::new(channels, turn, Some(settings)).run();
    let mut on_demand = World::new(channels, turn, Some(off)).run();
    let mut fixed = fixed_poll(channels, turn);
    println!(
        "{channels} channels, {} readers, {} polls a day; intervals stretched by {:.2} at most",
        world.readers.len(),
        world.tally.polls / 6,
        world.most_stretch,
    );
    println!(
        "| | requests a day | a poll | sees all older than 2 min | missing, median | missing, 95 % | age, median | age, 95 % |"
    );
    println!("{}", world.tally.row("ahead of demand"));
    println!("{}", on_demand.tally.row("on demand only"));
    println!("{}", fixed.row("every 15 min"));
    let days = (WEEK - COUNTED) as f64 / DAY as f64;
    let budget = 0.75 * rate(turn) * 24.0 * 3600.0 * days;
    assert!((world.ahead as f64) < budget, "{} refreshes ahead of demand", world.ahead);
    assert!(world.ahead < world.tally.polls, "never more often than they are read");
    assert!(world.most_stretch < 8.0, "{}", world.most_stretch);

    let [ahead, on_demand, fixed] = [&world.tally, &on_demand.tally, &fixed];
    assert!(ahead.share_fresh() >= 0.94, "{}", ahead.share_fresh());
    assert!(ahead.share_fresh() > on_demand.share_fresh() + 0.03);
    assert!(ahead.share_fresh() > fixed.share_fresh() + 0.12);
    assert!(ahead.requests * 10 < fixed.requests * 8, "{} requests", ahead.requests);
    assert!(ahead.requests as f64 <= 0.7 * ahead.polls as f64, "{} requests", ahead.requests);
    assert!(quantile_of(&ahead.missing, 0.95) < quantile_of(&fixed.missing, 0.95) / 3);
}

#[test]
fn simulated_week_is_fresher_than_quarter_hourly_polling() {
    week(1000, 5 * SECOND / 2);
}

/// The quantile of sorted values.
fn quantile_of(sorted: &[u32], part: f64) -> u32 {
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}
