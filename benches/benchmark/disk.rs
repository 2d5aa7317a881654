//! Disk use per post, with its entries in the search index.

use super::client::get_ok;
use super::table::{Row, Verdict};
use super::{Bench, world};

const CHANNELS: usize = 200;
const FIRST: usize = 80_000;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let long = bytes(bench, FIRST, world::LONG)?;
    let short = bytes(bench, FIRST + CHANNELS, world::SHORT)?;
    let chinese = bytes(bench, world::CHINESE, world::LONG)?;
    let others = format!("short posts {:.2} KB, Chinese {:.2} KB", short / 1e3, chinese / 1e3);
    Ok(vec![Row {
        what: "disk a post, search included, of channels with long posts".to_owned(),
        bar: "3.0 KB",
        aim: "2.5 KB",
        measured: format!("{:.2} KB ({others})", long / 1e3),
        verdict: Verdict::at_most(long, 3_000.0, 2_500.0),
    }])
}

fn bytes(bench: &Bench, first: usize, length: usize) -> anyhow::Result<f64> {
    let feedline = bench.feedline()?;
    for channel in first..first + CHANNELS {
        bench.publish(channel, length);
        let path = format!("/{}/rss.xml", world::name(channel));
        bench.wait(get_ok(feedline.address, &path, &[]))?;
        bench.take_down(channel);
    }
    bench.catch_up(&feedline)?;
    Ok(feedline.stop()? as f64 / (CHANNELS * world::MESSAGES) as f64)
}
