//! Cold channels: all the computing that one costs, and what a request takes over Telegram's own time.

use std::hint::black_box;
use std::time::Duration;

use feedline::demo::{Fault, Target, Times};
use scraper::Html;

use super::client::{get, get_ok};
use super::machine::{cpu_of_thread, median, ms};
use super::table::{Row, Verdict};
use super::{Bench, world};

const ROUNDS: usize = 7;
const CHANNELS: usize = 60;

/// Telegram answers at once, and in the time that it takes over the net.
const DELAYS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(200)];
const REQUESTS: usize = 50;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![computing(bench)?];
    for delay in DELAYS {
        rows.push(latency(bench, delay)?);
    }
    bench.control.heal();
    Ok(rows)
}

/// The processor's time of feedline for a channel nobody knew, against that of the same pages' trees.
fn computing(bench: &mut Bench) -> anyhow::Result<Row> {
    let feedline = bench.feedline()?;
    let (mut ratios, mut costs, mut trees) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 10_000;
    for _ in 0..ROUNDS {
        let channels = number..number + CHANNELS;
        number = channels.end;
        let mut pages = Vec::new();
        for channel in channels.clone() {
            bench.publish(channel, world::BUSY);
            pages.push(bench.page(channel)?);
        }
        bench.machine.settle()?;
        // Turn by turn, so that caches are as cold for the one as for the other.
        let (before, mut tree) = (feedline.cpu()?, 0.0);
        for (channel, html) in channels.clone().zip(&pages) {
            let before = cpu_of_thread();
            drop(black_box(Html::parse_document(black_box(html))));
            tree += ms(cpu_of_thread() - before) / CHANNELS as f64;
            let path = format!("/{}/rss.xml", world::name(channel));
            bench.wait(get_ok(feedline.address, &path, &[]))?;
        }
        let cost = ms(feedline.cpu()? - before) / CHANNELS as f64;
        channels.for_each(|channel| bench.take_down(channel));
        ratios.push(cost / tree);
        costs.push(cost);
        trees.push(tree);
    }
    let (ratio, cost, tree) = (median(ratios), median(costs), median(trees));
    Ok(Row {
        what: "cold refresh, all computing of it, of the tree alone".to_owned(),
        bar: "2.4 ×",
        aim: "2.4 ×",
        measured: format!("{ratio:.2} × ({cost:.2} ms, tree {tree:.2} ms)"),
        verdict: Verdict::at_most(ratio, 2.4, 2.4),
    })
}

/// A feed of a channel nobody knew, against Telegram's own page, asked for as feedline asks.
fn latency(bench: &mut Bench, delay: Duration) -> anyhow::Result<Row> {
    bench.control.heal();
    bench.control.fault(Target::Everything, Fault::Delay(delay), Times::Always);
    let feedline = bench.feedline()?;
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    bench.machine.settle()?;
    for number in 20_000..20_000 + REQUESTS {
        bench.publish(number, world::BUSY);
        let name = world::name(number);
        let packed = [("accept-encoding", "gzip")];
        let page = bench.wait(get(bench.telegram_address(), &format!("/s/{name}"), &packed))?;
        direct.push(ms(page.elapsed));
        let feed = bench.wait(get_ok(feedline.address, &format!("/{name}/rss.xml"), &[]))?;
        through.push(ms(feed.elapsed));
        bench.take_down(number);
    }
    let (direct, through) = (median(direct), median(through));
    let over = through - direct;
    Ok(Row {
        what: format!(
            "cold request over upstream's own time, upstream waits {} ms",
            delay.as_millis()
        ),
        bar: "12 ms",
        aim: "8 ms",
        measured: format!("{over:.1} ms ({through:.1} ms, upstream {direct:.1} ms)"),
        verdict: Verdict::at_most(over, 12.0, 8.0),
    })
}
