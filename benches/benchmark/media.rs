//! A cached video of 50 MB against nginx with the same bytes in a file, alternating on this machine; and feedline's
//! memory meanwhile.

use anyhow::Context as _;
use feedline::demo::Message;
use feedline::demo::media::{LARGE, LARGE_VIDEO};
use feedline::demo::message::{Body, Video};

use super::client::get_ok;
use super::machine::{median, peak, resident, wait_for};
use super::server::Server;
use super::table::{Row, Verdict};
use super::warm::{Load, load};
use super::{Bench, world};

const ROUNDS: usize = 7;
const CONNECTIONS: u32 = 8;
const SECONDS: u32 = 3;

const CHANNEL: usize = 2;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    bench.publish(CHANNEL, world::LONG);
    let video = Video { file: Some(LARGE_VIDEO), poster: None, seconds: 600, size: (640, 360) };
    let name = world::name(CHANNEL);
    let id = bench.control.publish(&name, Message::from(Body::Video(video)));
    let path = format!("/{name}/{}.mp4", id.context("publishing a video")?);
    let feedline = bench.feedline()?;
    let idle = resident(feedline.id())?;
    let arrived = bench.wait(get_ok(feedline.address, &path, &[]))?;
    anyhow::ensure!(arrived.body.len() == LARGE, "the video has {} bytes", arrived.body.len());
    let mut video = arrived;
    wait_for("the video is cached", || {
        let answer = bench.wait(get_ok(feedline.address, &path, &[]));
        let is_cached =
            answer.as_ref().is_ok_and(|it| it.header("cache-status") == "feedline; hit");
        video.body = answer.map(|answer| answer.body).unwrap_or_default();
        is_cached
    })?;
    let nginx = Server::nginx(&[("", &video)])?;
    let same = bench.wait(get_ok(nginx.address, "/rss.xml", &[]))?;
    anyhow::ensure!(same.body == video.body, "nginx serves something else");
    drop((video, same));
    let (mut rates, mut costs) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..if bench.quick { 2 } else { ROUNDS } {
        bench.machine.settle()?;
        let mut turns = [(0, &feedline, path.as_str()), (1, &nginx, "/rss.xml")];
        if round % 2 == 1 {
            turns.reverse();
        }
        for (at, server, path) in turns {
            let before = server.cpu()?;
            let Load { rate, requests } = load(server, path, None, "video", CONNECTIONS, SECONDS)?;
            rates[at].push(rate);
            costs[at].push((server.cpu()? - before).as_secs_f64() * 1e3 / requests);
        }
    }
    let grown = peak(feedline.id())?.saturating_sub(idle);
    Ok(rows(rates, costs, [idle, grown, resident(feedline.id())?]))
}

/// The inputs: videos per second, CPU milliseconds per video, and bytes of memory: idle, the peak above idle, and at
/// the end.
fn rows(rates: [Vec<f64>; 2], costs: [Vec<f64>; 2], memory: [u64; 3]) -> Vec<Row> {
    let pairs = rates[0].iter().zip(&rates[1]);
    let of_nginx = median(pairs.map(|(ours, nginx)| ours / nginx).collect());
    let [rate, nginx_rate] = rates.map(|rates| median(rates) * LARGE as f64 / 1e9);
    let [cost, nginx_cost] = costs.map(median);
    let [idle, grown, end] = memory.map(|bytes| bytes as f64 / 1024.0 / 1024.0);
    println!(
        "  video: {rate:.2} GB/s, {cost:.1} ms of CPU each; nginx {nginx_rate:.2} GB/s, {nginx_cost:.1} ms"
    );
    println!("  memory: {idle:.1} MiB idle, {grown:.1} MiB more at most, {end:.1} MiB at the end");
    vec![
        Row {
            what: format!("a cached video of 50 MB, {CONNECTIONS} connections, of nginx"),
            bar: "0.5",
            aim: "0.8",
            measured: format!("{of_nginx:.2} ({rate:.2} GB/s, nginx {nginx_rate:.2} GB/s)"),
            verdict: Verdict::at_least(of_nginx, 0.5, 0.8),
        },
        Row {
            what: "memory for that, beside idle".to_owned(),
            bar: "32 MiB",
            aim: "16 MiB",
            measured: format!("{grown:.1} MiB ({end:.1} MiB resident at the end)"),
            verdict: Verdict::at_most(grown, 32.0, 16.0),
        },
    ]
}
