//! Time from process start to the first responses.

use std::time::{Duration, Instant};

use super::client::{get, get_ok};
use super::machine::{median, ms};
use super::server::Server;
use super::table::{Row, Verdict};
use super::{Bench, world};

const TIMES: usize = 15;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    bench.publish(8, world::LONG);
    let path = format!("/{}/rss.xml", world::name(8));
    let (mut healthy, mut feeds) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        bench.machine.settle()?;
        let begun = Instant::now();
        let feedline = Server::exec_feedline(&bench.program, bench.telegram(), &[])?;
        bench.wait(async {
            // Polls at the timer's resolution, one millisecond.
            while get(feedline.address, "/-/healthy", &[]).await.map_or(0, |answer| answer.status)
                != 200
            {
                anyhow::ensure!(begun.elapsed() < Duration::from_secs(10), "it does not start");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            healthy.push(ms(begun.elapsed()));
            get_ok(feedline.address, &path, &[]).await?;
            feeds.push(ms(begun.elapsed()));
            Ok(())
        })?;
    }
    let row = |what: &str, time: f64| Row {
        what: what.to_owned(),
        bar: "100 ms",
        aim: "50 ms",
        measured: format!("{time:.0} ms"),
        verdict: Verdict::at_most(time, 100.0, 50.0),
    };
    Ok(vec![
        row("start to the first answer", median(healthy)),
        row("start to the first feed, upstream answering at once", median(feeds)),
    ])
}
