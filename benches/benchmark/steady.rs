//! The refresh of a known channel: nineteen of its twenty posts are unchanged, one is new.

use std::thread::sleep;
use std::time::Duration;

use super::client::get_ok;
use super::machine::{median, ms};
use super::table::{Row, Verdict};
use super::{Bench, world};

const ROUNDS: usize = 7;
const CHANNELS: usize = 60;
const FIRST: usize = 60_000;

/// The TTL: the shortest that the settings allow.
const AGE: Duration = Duration::from_secs(10);

/// A second read must not trigger a fetch of history or a refresh ahead of demand.
const SETTINGS: [&str; 4] =
    ["cache.min_ttl=10s", "cache.max_ttl=10s", "archive.initial_posts=0", "refresh.active_for=0s"];

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let feedline = bench.feedline_with(&SETTINGS)?;
    let all = FIRST..FIRST + ROUNDS * CHANNELS;
    let path = |channel| format!("/{}/rss.xml", world::name(channel));
    let mut pages = Vec::new();
    for channel in all.clone() {
        bench.publish(channel, world::LONG);
        bench.wait(get_ok(feedline.address, &path(channel), &[]))?;
        let next = world::next_message(channel, world::LONG);
        bench.control.publish(&world::name(channel), next);
        pages.push(bench.page(channel)?);
    }
    bench.catch_up(&feedline)?;
    sleep(AGE);
    let (mut ratios, mut costs, mut trees) = (Vec::new(), Vec::new(), Vec::new());
    let all: Vec<(usize, String)> = all.zip(pages).collect();
    for round in all.chunks(CHANNELS) {
        bench.machine.settle()?;
        let (before, mut tree) = (feedline.cpu()?, 0.0);
        for (channel, html) in round {
            tree += Bench::tree(html) / CHANNELS as f64;
            let feed = bench.wait(get_ok(feedline.address, &path(*channel), &[]))?;
            let status = feed.header("cache-status");
            anyhow::ensure!(status.contains("fwd="), "it was not refreshed: {status}");
        }
        bench.catch_up(&feedline)?;
        let cost = ms(feedline.cpu()? - before) / CHANNELS as f64;
        ratios.push(cost / tree);
        costs.push(cost);
        trees.push(tree);
    }
    for (channel, _) in all {
        bench.take_down(channel);
    }
    let (ratio, cost, tree) = (median(ratios), median(costs), median(trees));
    Ok(vec![Row {
        what: "steady refresh (1 new post of 20), all CPU of it, of the tree alone".to_owned(),
        bar: "2.2 ×",
        aim: "2.0 ×",
        measured: format!("{ratio:.2} × ({cost:.2} ms, tree {tree:.2} ms)"),
        verdict: Verdict::at_most(ratio, 2.2, 2.0),
    }])
}
