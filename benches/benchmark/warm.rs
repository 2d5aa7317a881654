//! Cached feeds against nginx with the same bytes in a file: alternating rounds, 64 connections, all on this machine.

use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

use super::client::get_ok;
use super::machine::median;
use super::server::Server;
use super::table::{Row, Verdict};
use super::{Bench, world};

const ROUNDS: usize = 7;
const SECONDS: u32 = 2;
const CONNECTIONS: u32 = 64;

/// Length of posts that makes a feed of about 55 KB.
const LENGTH: usize = 1_800;

/// One form of request.
struct Way {
    what: &'static str,
    /// The request header, for feedline and for nginx.
    header: [Option<String>; 2],
    /// Requests per second, by round, for feedline and for nginx.
    rates: [Vec<f64>; 2],
    /// CPU microseconds of the server per request, by round, for feedline and for nginx.
    costs: [Vec<f64>; 2],
}

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    bench.publish(1, LENGTH);
    let feedline = bench.feedline()?;
    let path = format!("/{}/rss.xml", world::name(1));
    let coded =
        |coding| bench.wait(get_ok(feedline.address, &path, &[("accept-encoding", coding)]));
    let (_, gzip, br) = (coded("identity")?, coded("gzip")?, coded("br")?);
    let plain = coded("identity")?;
    let nginx = Server::nginx(&[("", &plain), (".gz", &gzip), (".br", &br)])?;
    let same = bench.wait(get_ok(nginx.address, "/rss.xml", &[]))?;
    anyhow::ensure!(same.body == plain.body, "nginx serves something else");
    println!(
        "  feed: {} bytes, gzip {}, Brotli {}; headers: {} here, {} at nginx",
        plain.body.len(),
        gzip.body.len(),
        br.body.len(),
        plain.headers().count(),
        same.headers().count()
    );
    let tag =
        |answer: &super::client::Answer| Some(format!("If-None-Match: {}", answer.header("etag")));
    let coding = |name: &str| {
        [Some(format!("Accept-Encoding: {name}")), Some(format!("Accept-Encoding: {name}"))]
    };
    let way =
        |what, header| Way { what, header, rates: Default::default(), costs: Default::default() };
    let mut ways = [
        way("plain", [None, None]),
        way("304", [tag(&plain), tag(&same)]),
        way("gzip", coding("gzip")),
        way("br", coding("br")),
    ];
    for round in 0..ROUNDS {
        for way in &mut ways {
            bench.machine.settle()?;
            let nginx_path = if way.what == "br" { "/br" } else { "/rss.xml" };
            let mut turns = [(0, &feedline, path.as_str()), (1, &nginx, nginx_path)];
            if round % 2 == 1 {
                turns.reverse();
            }
            for (at, server, path) in turns {
                let before = server.cpu()?;
                let load =
                    load(server, path, way.header[at].as_deref(), way.what, CONNECTIONS, SECONDS)?;
                let spent = server.cpu()? - before;
                way.rates[at].push(load.rate);
                way.costs[at].push(spent.as_secs_f64() * 1e6 / load.requests);
            }
        }
    }
    Ok(rows(ways, plain.body.len()))
}

fn rows(ways: [Way; 4], size: usize) -> Vec<Row> {
    let mut plain_rate = 0.0;
    let mut rows = Vec::new();
    for way in ways {
        let pairs = way.rates[0].iter().zip(&way.rates[1]);
        let of_nginx = median(pairs.map(|(ours, nginx)| ours / nginx).collect());
        let [rate, nginx_rate] = way.rates.map(median);
        let [cost, nginx_cost] = way.costs.map(median);
        println!(
            "  {}: {rate:.0}/s, {cost:.1} µs of computing each; nginx {nginx_rate:.0}/s, {nginx_cost:.1} µs",
            way.what
        );
        let against = format!("{of_nginx:.2} ({rate:.0}/s, nginx {nginx_rate:.0}/s)");
        if way.what == "plain" {
            plain_rate = rate;
            rows.push(Row {
                what: format!("warm feed of {} KB, 64 connections, of nginx", size / 1000),
                bar: "0.8",
                aim: "1.0",
                measured: against,
                verdict: Verdict::at_least(of_nginx, 0.8, 1.0),
            });
            continue;
        }
        let of_plain = rate / plain_rate;
        rows.push(Row {
            what: format!("the same, {}, of plain", way.what),
            bar: "1.0",
            aim: "1.0",
            measured: format!("{of_plain:.2}; of nginx {against}"),
            // Rates of identical work differ by a few percent from run to run.
            verdict: Verdict::at_least(of_plain, 0.97, 0.97),
        });
    }
    rows
}

/// The result of a run of wrk.
pub(crate) struct Load {
    /// Responses per second.
    pub(crate) rate: f64,
    pub(crate) requests: f64,
}

/// Runs wrk for some seconds. An unexpected response is an error.
pub(crate) fn load(
    server: &Server,
    path: &str,
    header: Option<&str>,
    what: &str,
    connections: u32,
    seconds: u32,
) -> anyhow::Result<Load> {
    let mut command = Command::new("wrk");
    command.args(["-t2", &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "5s"]);
    if let Some(header) = header {
        command.args(["-H", header]);
    }
    let output = command.arg(format!("http://{}{path}", server.address)).output().context("wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(
        output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors"),
        "{what}: answers went wrong: {text}"
    );
    let number = |mark: &str| {
        let line = text.lines().find(|line| line.contains(mark))?;
        line.split_whitespace().find_map(|word| word.parse::<f64>().ok())
    };
    let rate = number("Requests/sec:").context("wrk tells no rate")?;
    let requests = number(" requests in ").context("wrk tells no number of requests")?;
    std::thread::sleep(Duration::from_millis(100));
    Ok(Load { rate, requests })
}
