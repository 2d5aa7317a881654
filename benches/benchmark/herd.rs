//! A thousand concurrent clients request one unknown channel.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target};
use tokio::task::JoinSet;

use super::client::get;
use super::machine::{median, ms};
use super::table::{Row, Verdict};
use super::{Bench, world};

const CLIENTS: usize = 1000;
const ROUNDS: usize = 3;
const DELAY: Duration = Duration::from_millis(500);

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    bench.control.fault(Target::Everything, Fault::Delay(DELAY), Repeat::Always);
    let feedline = bench.feedline()?;
    let (mut slowest, mut errors, mut asked) = (Vec::new(), 0, 0);
    for number in 3..3 + ROUNDS {
        bench.publish(number, world::LONG);
        bench.machine.settle()?;
        let path = format!("/{}/rss.xml", world::name(number));
        let outcomes = bench.wait(async {
            let mut clients = JoinSet::new();
            for _ in 0..CLIENTS {
                let (address, path) = (feedline.address, path.clone());
                clients.spawn(async move { get(address, &path, &[]).await });
            }
            clients.join_all().await
        });
        let good = outcomes.iter().flatten().filter(|answer| answer.status == 200);
        errors += CLIENTS - good.clone().count();
        slowest.push(good.map(|answer| ms(answer.elapsed)).fold(0.0, f64::max) - ms(DELAY));
        asked = asked.max(bench.control.hits(&format!("/s/{}", world::name(number))));
    }
    bench.control.clear_faults();
    let over = median(slowest);
    let is_right = errors == 0 && asked == 1;
    Ok(vec![Row {
        what: format!(
            "{CLIENTS} clients at once on a cold channel, upstream waits {} ms",
            DELAY.as_millis()
        ),
        bar: "1 upstream request, no error",
        aim: "slowest < 1 s over upstream",
        measured: format!("{asked} upstream, {errors} errors, slowest {over:.0} ms over"),
        verdict: Verdict::at_most(if is_right { over } else { f64::INFINITY }, f64::MAX, 1000.0),
    }])
}
