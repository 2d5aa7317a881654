//! Cold channels: the CPU time of a first fetch, and the latency that feedline adds to Telegram's own.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target};

use super::client::{get, get_ok};
use super::machine::{median, ms, percentile};
use super::table::{Row, Verdict};
use super::{Bench, world};

const ROUNDS: usize = 7;

/// Channels per round.
const CHANNELS: usize = 60;

/// Simulated latency of Telegram.
const DELAY: Duration = Duration::from_millis(200);

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![computing(bench)?];
    rows.extend(latency(bench, 20_000, Duration::ZERO, ROUNDS)?);
    rows.extend(latency(bench, 25_000, DELAY, 1)?.into_iter().take(1));
    bench.control.clear_faults();
    Ok(rows)
}

/// CPU time of feedline for an unknown channel, including the indexing of its posts, relative to parsing the same pages
/// into trees.
fn computing(bench: &mut Bench) -> anyhow::Result<Row> {
    let feedline = bench.feedline()?;
    let (mut ratios, mut costs, mut trees) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 10_000;
    for _ in 0..ROUNDS {
        let channels = number..number + CHANNELS;
        number = channels.end;
        let mut pages = Vec::new();
        for channel in channels.clone() {
            bench.publish(channel, world::LONG);
            pages.push(bench.page(channel)?);
        }
        bench.machine.settle()?;
        // The two alternate, so that CPU caches are equally cold for both.
        let (before, mut tree) = (feedline.cpu()?, 0.0);
        for (channel, html) in channels.clone().zip(&pages) {
            tree += Bench::tree(html) / CHANNELS as f64;
            let path = format!("/{}/rss.xml", world::name(channel));
            bench.wait(get_ok(feedline.address, &path, &[]))?;
        }
        bench.catch_up(&feedline)?;
        let cost = ms(feedline.cpu()? - before) / CHANNELS as f64;
        channels.for_each(|channel| bench.take_down(channel));
        ratios.push(cost / tree);
        costs.push(cost);
        trees.push(tree);
    }
    let (ratio, cost, tree) = (median(ratios), median(costs), median(trees));
    Ok(Row {
        what: "cold refresh, all CPU of it, of the tree alone".to_owned(),
        bar: "3.5 ×",
        aim: "2.4 ×",
        measured: format!("{ratio:.2} × ({cost:.2} ms, tree {tree:.2} ms)"),
        verdict: Verdict::at_most(ratio, 3.5, 2.4),
    })
}

/// Latency of feeds of unknown channels, requested one after another, relative to Telegram's own pages, fetched with
/// the same request: median and 99th percentile.
fn latency(
    bench: &mut Bench,
    first: usize,
    delay: Duration,
    rounds: usize,
) -> anyhow::Result<Vec<Row>> {
    bench.control.clear_faults();
    bench.control.fault(Target::Everything, Fault::Delay(delay), Repeat::Always);
    let feedline = bench.feedline()?;
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        bench.machine.settle()?;
        for number in (0..CHANNELS).map(|number| first + round * CHANNELS + number) {
            bench.publish(number, world::LONG);
            let name = world::name(number);
            let packed = [("accept-encoding", "gzip")];
            let page = bench.wait(get(bench.telegram_address(), &format!("/s/{name}"), &packed))?;
            direct.push(ms(page.elapsed));
            let feed = bench.wait(get_ok(feedline.address, &format!("/{name}/rss.xml"), &[]))?;
            through.push(ms(feed.elapsed));
            bench.take_down(number);
        }
    }
    let direct = median(direct);
    let (middle, slow) = (median(through.clone()), percentile(through, 99));
    let waits = format!("upstream waits {} ms", delay.as_millis());
    let row = |what: &str, bar, aim, time: f64, verdict| Row {
        what: format!("{what} over upstream's own time, {waits}"),
        bar,
        aim,
        measured: format!("{:.1} ms ({time:.1} ms, upstream {direct:.1} ms)", time - direct),
        verdict,
    };
    let [over, slow_over] = [middle - direct, slow - direct];
    Ok(vec![
        row("cold request", "12 ms", "8 ms", middle, Verdict::at_most(over, 12.0, 8.0)),
        row("cold p99", "25 ms", "16 ms", slow, Verdict::at_most(slow_over, 25.0, 16.0)),
    ])
}
