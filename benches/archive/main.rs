//! Measures speed and disk use of the archive: `cargo bench --bench archive`.
//!
//! The first run has a million posts in 2,000 channels. The second is a small machine: 200 channels with 50,000 posts,
//! over ten days. Two numbers after `--` set another size (`cargo bench --bench archive -- 200 50000`); `-- days` runs
//! the small machine only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, and stops at the first thing that is not as it should be"
)]

#[path = "../corpus/posts.rs"]
mod posts;
#[path = "../corpus/words.rs"]
mod words;

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use feedline::archive::{Archive, Settings, Update};
use feedline::model::MessageId;
use tempfile::TempDir;

use words::Chance;

/// Posts on one page of Telegram.
const PAGE: u32 = 20;

/// Simulated days of the small machine.
const DAYS: u32 = 10;

/// Repetitions of each operation, for its percentiles.
const ROUNDS: usize = 1000;

#[tokio::main]
async fn main() {
    // `cargo test` also starts benches. This one has no tests.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if std::env::args().any(|argument| argument == "days") {
        return days(200, 250).await;
    }
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (channels, posts) = match numbers[..] {
        [channels, posts, ..] => (channels, posts),
        _ => (2000, 1_000_000),
    };
    small_machine(channels, u32::try_from(posts / channels).unwrap()).await;
    if numbers.is_empty() {
        days(200, 250).await;
    }
}

/// Measures an archive with `each` posts in each channel.
async fn small_machine(channels: u64, each: u32) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("feedline.db");
    println!("{channels} channels with {each} posts each");
    let began = Instant::now();
    let archive = open(&path);
    let mut stores = Vec::new();
    // In the order of real use: the first page of every channel, then the second page of every channel.
    for low in (1..=each).step_by(PAGE as usize) {
        for channel in 0..channels {
            let update = posts::page(channel, low, (low + PAGE - 1).min(each));
            let began = Instant::now();
            archive.store(update).await.unwrap();
            stores.push(began.elapsed());
        }
    }
    println!("filled in {:.0?}", began.elapsed());
    let tail = stores.split_off(stores.len().saturating_sub(ROUNDS));
    tell("storing a page of 20 new posts", tail);
    archive.close().await.unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    let posts = channels * u64::from(each);
    println!("{:<34} {} MiB, {} bytes a post", "disk", size >> 20, size / posts);
    starts(&path, channels).await;
    let archive = open(&path);
    reads(&archive, channels, each).await;
    writes(&archive, channels, each).await;
    println!("{:<34} {} MiB", "resident now", resident() >> 20);
}

/// Measures the time from opening the archive to its first answer, several times.
async fn starts(path: &Path, channels: u64) {
    let mut times = Vec::new();
    for number in 0..20 {
        let began = Instant::now();
        let archive = open(path);
        archive.load(&posts::name(number * 37 % channels), 50).await.unwrap().unwrap();
        times.push(began.elapsed());
        archive.close().await.unwrap();
    }
    tell("open to first answer", times);
}

async fn reads(archive: &Archive, channels: u64, each: u32) {
    let mut chance = Chance::new(1);
    let (mut newest, mut back, mut single) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let name = posts::name(chance.below(channels));
        let began = Instant::now();
        let held = archive.load(&name, 50).await.unwrap().unwrap();
        newest.push(began.elapsed());
        assert_eq!(held.posts.len(), 50.min(each as usize));
        let before = MessageId::new(u32::try_from(chance.below(each.into())).unwrap() + 1).unwrap();
        let began = Instant::now();
        archive.older(held.id, before, 50).await.unwrap();
        back.push(began.elapsed());
        let began = Instant::now();
        assert!(archive.post(held.id, before).await.unwrap().is_some());
        single.push(began.elapsed());
    }
    tell("newest 50", newest);
    tell("a page back (50 posts)", back);
    tell("one post", single);
    let began = Instant::now();
    assert_eq!(archive.channels().await.unwrap().len(), usize::try_from(channels).unwrap());
    println!("{:<34} {:.1?}", "all channels", began.elapsed());
}

/// Measures the writes of a refresh: one new post, one edit, and a new fetch time only.
async fn writes(archive: &Archive, channels: u64, each: u32) {
    let mut chance = Chance::new(2);
    let (mut new, mut state, mut edit) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..u32::try_from(ROUNDS).unwrap() {
        let channel = chance.below(channels);
        let message = each + round + 1;
        let mut update = posts::page(channel, message, message);
        update.covered[0].low = MessageId::new(each).unwrap();
        let (known, changed) = (update.state.clone(), update.clone());
        let began = Instant::now();
        let id = archive.store(update).await.unwrap().id;
        new.push(began.elapsed());
        let began = Instant::now();
        archive.store_state(id, known).await.unwrap();
        state.push(began.elapsed());
        let mut changed = changed;
        changed.former = vec![(*changed.put[0].kept).clone()];
        let began = Instant::now();
        archive.store(changed).await.unwrap();
        edit.push(began.elapsed());
    }
    tell("storing one new post", new);
    tell("storing an edit", edit);
    tell("storing a state", state);
}

/// Measures the writes per day on the small machine: ten posts and hourly refreshes for each channel. Ten days, because
/// the search index merges its segments only on some of them.
async fn days(channels: u64, each: u32) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("feedline.db");
    let archive = open(&path);
    for channel in 0..channels {
        archive.store(posts::page(channel, 1, each)).await.unwrap();
    }
    archive.close().await.unwrap();
    let archive = open(&path);
    println!("{DAYS} days of {channels} channels with {each} posts each");
    let before = written();
    let mut next = vec![each + 1; usize::try_from(channels).unwrap()];
    let first = posts::published(0, each + 1);
    for hour in 0..24 * DAYS {
        for (channel, next) in (0..channels).zip(&mut next) {
            // Ten posts a day.
            if (u64::from(hour) * 10 + channel) % 24 < 10 {
                let mut update = posts::page(channel, *next, *next);
                let seconds = 3600 * u64::from(hour) + 17 * channel;
                redate(&mut update, first + Duration::from_secs(seconds));
                update.covered[0].low = MessageId::new(*next - 1).unwrap();
                archive.store(update).await.unwrap();
                *next += 1;
            }
        }
    }
    let posts = written() - before;
    let held = archive.load(&posts::name(0), 1).await.unwrap().unwrap();
    let before = written();
    for _ in 0..24 * channels {
        archive.store_state(held.id, held.state.clone()).await.unwrap();
    }
    let states = written() - before;
    println!("{:<34} {} KiB", "written a day for 2,000 posts", (posts / u64::from(DAYS)) >> 10);
    println!("{:<34} {} KiB", "written for 4,800 states", states >> 10);
    println!("{:<34} {} MiB", "resident now", resident() >> 20);
}

/// Changes the publication date of a page's posts.
fn redate(update: &mut Update, published: DateTime<Utc>) {
    for held in &mut update.put {
        let kept = std::sync::Arc::make_mut(&mut held.kept);
        kept.post.published = published;
        kept.updated = published;
    }
    update.state.fetched = published;
    update.state.updated = published;
}

fn open(path: &Path) -> Archive {
    Archive::open(&Settings { path: Some(path.to_owned()), ..Settings::default() }).unwrap()
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{what:<34} p50 {:.2?}, p95 {:.2?}, longest {:.2?}", at(50), at(95), at(100));
}

/// Bytes that this process has passed to `write` system calls.
fn written() -> u64 {
    figure("/proc/self/io", "wchar:")
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    figure("/proc/self/status", "VmRSS:") * 1024
}

fn figure(file: &str, key: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
