//! From a page of Telegram to the bytes of a feed, step by step: `cargo bench --bench page`.
//!
//! The baseline of `parse` is `tree`, in which scraper parses the tree only. The limit is 1.6 times the baseline.

#![expect(
    clippy::expect_used,
    reason = "a bench stops at the first thing that is not as it should be"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use feedline::demo::{Channel, Message, Telegram, World};
use feedline::feed;
use feedline::links::{Base, Links};
use feedline::model::{
    ChannelName, FeedDefaults, FeedOptions, Format, Identity, Language, Page, Snapshot, Source,
    StoredPost,
};
use feedline::telegram::preview;
use tokio::net::TcpListener;

const START: &str = "2026-05-10T12:00:00Z";

/// Twenty posts with emoji, links and hashtags: about 140 KB, like the page of a busy channel.
fn page() -> String {
    let now: DateTime<Utc> = START.parse().expect("a date");
    let mut channel = Channel::new(
        ChannelName::parse("benchmark").expect("a name"),
        1_000_000_007,
        "The Slow Train",
    );
    let sentence = "The **07:14** leaves in *light rain* ☔️ with eleven cars, two dogs and [a timetable](https://slow.example/table?line=7&day=4) that nobody reads. ";
    for number in 0..20 {
        let text = format!(
            "**Day {number}** 🚂\n\n{}\n\n{}#train #rain",
            sentence.repeat(9),
            sentence.repeat(8)
        );
        channel.publish(Message::text(text.as_str()), now - TimeDelta::hours(20 - number));
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let telegram =
            Telegram::start(listener, World::empty(now).with(channel)).expect("a Telegram");
        drop(rustls::crypto::ring::default_provider().install_default());
        let address = format!("{}/s/benchmark", telegram.base());
        reqwest::get(address).await.expect("an answer").text().await.expect("a page")
    })
}

fn snapshot(page: Page) -> Snapshot {
    let kept = |post: feedline::model::Post| {
        let identity = Identity { channel: post.channel.clone(), message: post.id, number: None };
        Arc::new(StoredPost { identity, updated: post.published, post })
    };
    let fetched = START.parse().expect("a date");
    Snapshot {
        first_seen_id: page.oldest(),
        channel: page.channel,
        posts: page.posts.into_iter().rev().map(kept).collect(),
        reaches_start: true,
        fetched,
        updated: fetched,
    }
}

fn bench(criterion: &mut Criterion) {
    let html = page();
    let size = html.len();
    let mut group = criterion.benchmark_group(format!("page of {} KB", size / 1000));
    group.sample_size(50).measurement_time(Duration::from_secs(6));
    group.bench_function("tree", |bencher| {
        bencher.iter(|| scraper::Html::parse_document(black_box(&html)))
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| preview::parse(black_box(&html)).expect("a page"))
    });
    let snapshot = snapshot(preview::parse(&html).expect("a page").page);
    let (options, defaults) = (FeedOptions::default(), FeedDefaults::default());
    let links = Links::new(Base::parse("https://feeds.example").expect("a base"), options.clone());
    let source = Source::channel(snapshot.channel.name.clone());
    let candidates = [feed::Candidates::of(&snapshot, Language::English)];
    let request = feed::Request {
        source: &source,
        channel: Some(&snapshot.channel),
        options: &options,
        links: &links,
        updated: snapshot.updated,
        ttl: Duration::from_secs(600),
    };
    for format in Format::ALL {
        group.bench_function(format!("feed as {}", format.title()), |bencher| {
            bencher.iter(|| {
                let selection = feed::select(&source, &candidates, &options, &defaults);
                feed::write(&feed::Feed::build(&request, &selection), format)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
