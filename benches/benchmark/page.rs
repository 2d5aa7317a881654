//! Parsing a page of 140 KB into the model, relative to scraper parsing the tree only.

use std::hint::black_box;
use std::time::{Duration, Instant};

use feedline::telegram::preview;
use scraper::Html;

use super::machine::{median, ms};
use super::table::{Row, Verdict};
use super::{Bench, world};

const ROUNDS: usize = 31;
const TIMES: u32 = 12;

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    bench.publish(2, world::LONG);
    let html = bench.page(2)?;
    let (mut trees, mut parses, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    preview::parse(&html)?;
    println!("  page: {} bytes, {} tags", html.len(), html.matches('<').count());
    for round in 0..ROUNDS {
        if round % 8 == 0 {
            bench.machine.settle()?;
        }
        let tree = spent(|| drop(black_box(Html::parse_document(black_box(&html)))));
        let parse = spent(|| drop(black_box(preview::parse(black_box(&html)))));
        ratios.push(parse.as_secs_f64() / tree.as_secs_f64());
        trees.push(ms(tree));
        parses.push(ms(parse));
    }
    let (ratio, tree, parse) = (median(ratios), median(trees), median(parses));
    Ok(vec![Row {
        what: format!("a {} KB page to model, of the tree alone", html.len() / 1000),
        bar: "1.6 ×",
        aim: "1.4 ×",
        measured: format!("{ratio:.2} × ({parse:.2} ms, tree {tree:.2} ms)"),
        verdict: Verdict::at_most(ratio, 1.6, 1.4),
    }])
}

fn spent(work: impl Fn()) -> Duration {
    let begun = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    begun.elapsed() / TIMES
}
