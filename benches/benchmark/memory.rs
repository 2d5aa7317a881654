//! Memory of an idle feedline, and after 10,000 channels were requested once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tokio::task::JoinSet;

use super::client::get_ok;
use super::machine::{peak, resident};
use super::server::Server;
use super::table::{Row, Verdict};
use super::{Bench, world};

const CHANNELS: usize = 10_000;
const READERS: usize = 24;
const FIRST: usize = 30_000;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let feedline = bench.feedline()?;
    sleep(Duration::from_secs(2));
    let idle = resident(feedline.id())?;
    let count = if bench.quick { CHANNELS / 10 } else { CHANNELS };
    visit(bench, &feedline, count)?;
    let (grown, most) = (resident(feedline.id())?, peak(feedline.id())?);
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    Ok(vec![
        Row {
            what: "memory, idle".to_owned(),
            bar: "20 MiB",
            aim: "15 MiB",
            measured: format!("{:.1} MiB", mib(idle)),
            verdict: Verdict::at_most(mib(idle), 20.0, 15.0),
        },
        Row {
            what: format!("memory, {count} channels asked for once"),
            bar: "250 MiB",
            aim: "150 MiB",
            measured: format!("{:.0} MiB, at most {:.0} MiB", mib(grown), mib(most)),
            verdict: Verdict::at_most(mib(grown), 250.0, 150.0),
        },
    ])
}

/// Readers that each request the next channel, which is always an unknown one.
fn visit(bench: &Bench, feedline: &Server, count: usize) -> anyhow::Result<()> {
    let next = std::sync::Arc::new(AtomicUsize::new(0));
    bench.wait(async {
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let (next, bench, address) = (next.clone(), bench.publisher(), feedline.address);
            readers.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return anyhow::Ok(());
                    }
                    let number = FIRST + number;
                    bench.publish(number, world::LONG / 2);
                    let path = format!("/{}/rss.xml", world::name(number));
                    get_ok(address, &path, &[("accept-encoding", "gzip")]).await?;
                    bench.take_down(number);
                }
            });
        }
        while let Some(outcome) = readers.join_next().await {
            outcome??;
        }
        anyhow::Ok(())
    })
}
