//! The benchmark: one table with targets, measurements and verdicts.
//!
//! Run it with `scripts/bench`, which builds the release and installs the tools. The fake Telegram and the clients run
//! in this process; feedline (the real program) and nginx run in processes of their own. Everything is on loopback,
//! bounded, and ends with this process. Ratios are medians over rounds in which both sides alternate.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it runs servers, reads what the system says of them, and prints"
)]

mod client;
mod cold;
mod disk;
mod herd;
mod hostile;
mod machine;
mod media;
mod memory;
mod page;
mod server;
mod size;
mod start;
mod steady;
mod table;
mod warm;
#[path = "../corpus/words.rs"]
mod words;
mod world;

use std::hint::black_box;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use feedline::demo::{Control, Telegram, World};
use machine::Machine;
use scraper::Html;
use server::Server;
use table::Row;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Total time to wait for an idle machine.
const PATIENCE: Duration = Duration::from_secs(300);

type Measure = fn(&mut Bench) -> anyhow::Result<Vec<Row>>;

const PARTS: [(&str, Measure); 11] = [
    ("warm", warm::measure),
    ("media", media::measure),
    ("page", page::measure),
    ("cold", cold::measure),
    ("steady", steady::measure),
    ("disk", disk::measure),
    ("herd", herd::measure),
    ("hostile", hostile::measure),
    ("memory", memory::measure),
    ("start", start::measure),
    ("size", size::measure),
];

/// Shared by all measurements.
pub(crate) struct Bench {
    runtime: Runtime,
    /// The program under measurement.
    pub(crate) program: PathBuf,
    telegram: Telegram,
    pub(crate) control: Control,
    pub(crate) machine: Machine,
    /// Runs fewer channels and rounds, for a quick look.
    pub(crate) quick: bool,
}

/// Adds channels to the fake Telegram and removes them.
#[derive(Clone)]
pub(crate) struct Publisher(Control);

impl Publisher {
    pub(crate) fn publish(&self, number: usize, length: usize) {
        self.0.add(world::channel(number, length, self.0.now()));
    }

    pub(crate) fn take_down(&self, number: usize) {
        self.0.remove(&world::name(number));
    }
}

impl Bench {
    fn new(program: PathBuf, quick: bool) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let telegram = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            anyhow::Ok(Telegram::start(listener, World::empty(chrono::Utc::now()))?)
        })?;
        let patience = if quick { Duration::ZERO } else { PATIENCE };
        let bench = Self {
            runtime,
            control: telegram.control(),
            telegram,
            program,
            machine: Machine::new(patience),
            quick,
        };
        // The canary channel.
        bench.publish(0, world::LONG);
        Ok(bench)
    }

    /// Starts a feedline process that uses the fake Telegram.
    pub(crate) fn feedline(&self) -> anyhow::Result<Server> {
        self.feedline_with(&[])
    }

    /// Like [`Self::feedline`], with additional settings.
    pub(crate) fn feedline_with(&self, settings: &[&str]) -> anyhow::Result<Server> {
        Server::feedline(&self.program, self.telegram(), settings)
    }

    pub(crate) fn telegram(&self) -> &str {
        self.telegram.base()
    }

    pub(crate) fn telegram_address(&self) -> SocketAddr {
        self.telegram.address()
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher(self.control.clone())
    }

    pub(crate) fn publish(&self, number: usize, length: usize) {
        self.publisher().publish(number, length);
    }

    pub(crate) fn take_down(&self, number: usize) {
        self.publisher().take_down(number);
    }

    /// A channel's page as Telegram serves it.
    pub(crate) fn page(&self, number: usize) -> anyhow::Result<String> {
        let path = format!("/s/{}", world::name(number));
        let page = self.wait(client::get_ok(self.telegram_address(), &path, &[]))?;
        Ok(String::from_utf8(page.body)?)
    }

    /// The baseline: CPU milliseconds of this thread for parsing a page into a tree.
    pub(crate) fn tree(html: &str) -> f64 {
        let before = machine::cpu_of_thread();
        drop(black_box(Html::parse_document(black_box(html))));
        machine::ms(machine::cpu_of_thread() - before)
    }

    /// Makes feedline index all pending posts: a search does that first.
    pub(crate) fn catch_up(&self, feedline: &Server) -> anyhow::Result<()> {
        self.wait(client::get_ok(feedline.address, "/-/search/rss.xml?q=zzzz", &[])).map(drop)
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` also starts benches. This one has no tests.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let wanted: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    for word in &wanted {
        let names: Vec<_> = PARTS.map(|(name, _)| name).to_vec();
        anyhow::ensure!(
            names.contains(&word.as_str()),
            "there is no part “{word}”: {}",
            names.join(", ")
        );
    }
    let program = arguments.iter().find_map(|word| word.strip_prefix("--program="));
    // Cargo builds this binary with the features of the tests; `scripts/bench` passes the real release.
    let program =
        PathBuf::from(program.unwrap_or(env!("CARGO_BIN_EXE_feedline"))).canonicalize()?;
    let mut bench = Bench::new(program, quick)?;
    println!("{}", machine::describe()?);
    let begun = Instant::now();
    let mut rows = Vec::new();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            println!("{name}");
            rows.extend(measure(&mut bench).with_context(|| format!("measuring {name}"))?);
        }
    }
    println!("\n{}; measured in {} s\n", bench.machine.verdict(), begun.elapsed().as_secs());
    let missed = table::print(&rows);
    println!("\n{} of {} bars met", rows.len() - missed, rows.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
