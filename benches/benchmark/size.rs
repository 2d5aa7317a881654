//! The size of the delivered program and of its sources.

use std::collections::BTreeSet;
use std::process::Command;

use super::Bench;
use super::table::{Row, Verdict};

pub(crate) fn measure(bench: &mut Bench) -> anyhow::Result<Vec<Row>> {
    let bytes = std::fs::metadata(&bench.program)?.len();
    let size = bytes as f64 / 1024.0 / 1024.0;
    let tree =
        ["tree", "--locked", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let output = Command::new(env!("CARGO")).args(tree).output()?;
    anyhow::ensure!(
        output.status.success(),
        "cargo tree: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let crates: BTreeSet<_> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let count = crates.len() as f64;
    Ok(vec![
        Row {
            what: "the program".to_owned(),
            bar: "24 MiB",
            aim: "20 MiB",
            measured: format!("{size:.1} MiB"),
            verdict: Verdict::at_most(size, 24.0, 20.0),
        },
        Row {
            what: "crates that it is built from".to_owned(),
            bar: "340",
            aim: "340",
            measured: format!("{count}"),
            verdict: Verdict::at_most(count, 340.0, 340.0),
        },
    ])
}
