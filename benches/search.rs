//! Search in a million posts of two thousand channels: the latency of the newest fifty results.
//!
//! The limit is 50 ms for 95 % of the queries. Run it with `cargo bench --bench search`; two numbers after `--` set
//! other counts of channels and posts (`-- 200 50000`).

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench tells what it measured, and stops at the first thing that is not as it should be"
)]

#[path = "corpus/posts.rs"]
mod posts;
#[path = "corpus/words.rs"]
mod words;

use std::path::Path;
use std::time::{Duration, Instant};

use feedline::archive::search::{Query, SearchQuery};
use feedline::archive::{Archive, Settings};
use words::{Chance, Language};

/// Results per query.
const PAGE: usize = 50;

/// Queries of each kind.
const QUERIES: usize = 100;

/// Posts per insert.
const BATCH: u32 = 250;

/// A kind of query: its name, and a function that builds one with words of a language.
type Kind = (&'static str, fn(Language, &mut Chance) -> String);

const KINDS: [Kind; 9] = [
    ("a word", |language, chance| language.word(chance.rank())),
    ("one of the ten most common words", |language, chance| language.word(chance.below(10))),
    ("a Chinese character", |_, chance| {
        Language::Chinese.word(chance.rank()).chars().take(1).collect()
    }),
    ("two words", |language, chance| {
        format!("{} {}", language.word(chance.rank()), language.word(chance.rank()))
    }),
    ("a phrase", |language, chance| {
        format!("\"{} {}\"", language.word(chance.below(100)), language.word(chance.below(100)))
    }),
    ("a hashtag", |language, chance| format!("#{}", language.word(chance.rank()))),
    ("a word without another", |language, chance| {
        format!("{} -{}", language.word(chance.rank()), language.word(chance.below(10)))
    }),
    ("a beginning", |language, chance| {
        let word: String = language.word(chance.rank()).chars().take(4).collect();
        format!("{word}*")
    }),
    ("a word in a channel, of a year", |language, chance| {
        let channel = chance.below(100);
        format!(
            "{} channel:channel{channel} since:2024-06-01 until:2025-05-31",
            language.word(chance.below(500))
        )
    }),
];

fn main() {
    // `cargo test` also starts benches. This one has no tests.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let channels = numbers.first().copied().unwrap_or(2_000);
    let posts = numbers.get(1).copied().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("feedline.db");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let begun = Instant::now();
        fill(&path, posts, channels).await;
        let size = std::fs::metadata(&path).expect("a file").len();
        let each = begun.elapsed() / u32::try_from(posts).unwrap_or(u32::MAX).max(1);
        println!(
            "{posts} posts of {channels} channels: {} MiB, {} bytes and {each:?} a post",
            size >> 20,
            size / posts.max(1)
        );
        let archive = Archive::open(&settings(&path)).expect("an archive");
        measure(&archive).await;
    });
}

fn settings(path: &Path) -> Settings {
    Settings { path: Some(path.to_owned()), ..Settings::default() }
}

async fn fill(path: &Path, posts: u64, channels: u64) {
    let archive = Archive::open(&settings(path)).expect("an archive");
    let each = u32::try_from(posts / channels.max(1)).expect("a number of messages");
    for low in (1..=each).step_by(BATCH as usize) {
        for channel in 0..channels {
            let page = posts::page(channel, low, each.min(low + BATCH - 1));
            archive.store(page).await.expect("it is stored");
        }
    }
    archive.close().await.expect("it is closed");
}

async fn measure(archive: &Archive) {
    println!("{:<36}{:>10}{:>10}{:>10}{:>8}", "query", "p50", "p95", "longest", "finds");
    let (mut all, mut total) = (Vec::new(), 0);
    for (number, (kind, write)) in (0..).zip(KINDS) {
        let mut chance = Chance::new(number);
        let (mut times, mut finds) = (Vec::new(), 0);
        for query in 0..QUERIES as u64 {
            let text = write(Language::of(query * 7), &mut chance);
            let Ok(query) = Query::parse(&text) else { continue };
            let begun = Instant::now();
            let found = archive.search(asked(query)).await.expect("an answer");
            times.push(begun.elapsed());
            finds += found.hits.len();
        }
        tell(kind, &mut times, finds);
        all.append(&mut times);
        total += finds;
    }
    tell("all", &mut all, total);
}

fn asked(query: Query) -> SearchQuery {
    SearchQuery {
        query,
        within: None,
        without: Vec::new(),
        below: None,
        before: None,
        limit: PAGE,
        with_deleted: false,
    }
}

fn tell(kind: &str, times: &mut [Duration], finds: usize) {
    times.sort_unstable();
    let at = |percent: usize| {
        times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
    };
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    println!(
        "{kind:<36}{:>10}{:>10}{:>10}{:>8}",
        milliseconds(at(50)),
        milliseconds(at(95)),
        milliseconds(at(100)),
        finds / times.len().max(1)
    );
}
