//! What the system tells of processes and of itself (Linux: `/proc`), and waiting until it has nothing else to do.

use std::fs::read_to_string;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// The share of the machine that others may take while something is measured.
const QUIET: f64 = 0.06;

/// How long one look at the machine takes.
const LOOK: Duration = Duration::from_millis(400);

/// A tick of the counters in `/proc`: 10 ms, whatever the kernel's own clock (`USER_HZ` of Linux's interface).
const TICK: Duration = Duration::from_millis(10);

/// Watches that nobody else works on the machine.
pub(crate) struct Machine {
    patience: Duration,
    noisiest: f64,
}

impl Machine {
    /// `patience`: how long to wait for a quiet machine, in all.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, noisiest: 0.0 }
    }

    /// Waits until others take less than [`QUIET`] of the machine, or until the patience is used up.
    pub(crate) fn settle(&mut self) -> anyhow::Result<()> {
        let mut is_told = false;
        loop {
            let busy = busy_share()?;
            if busy < QUIET || self.patience.is_zero() {
                self.noisiest = self.noisiest.max(busy);
                return Ok(());
            }
            if !is_told {
                eprintln!("  (waiting: others take {:.0} % of the machine)", busy * 100.0);
                is_told = true;
            }
            self.patience = self.patience.saturating_sub(LOOK);
        }
    }

    /// What to say about the figures.
    pub(crate) fn verdict(&self) -> String {
        let share = self.noisiest * 100.0;
        if self.noisiest < QUIET {
            format!("the machine was quiet: others took {share:.0} % of it at most")
        } else {
            format!(
                "NOISY: others took up to {share:.0} % of the machine; do not trust the figures"
            )
        }
    }
}

/// Cores, processor and load, in a line.
pub(crate) fn describe() -> anyhow::Result<String> {
    let info = read_to_string("/proc/cpuinfo")?;
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("an unknown processor", |line| line.trim_matches([' ', '\t', ':']));
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let load = read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!("{cores} cores of {model}, load {load}"))
}

/// The share of all cores' time that is not idle, just now.
fn busy_share() -> anyhow::Result<f64> {
    let before = ticks()?;
    sleep(LOOK);
    let after = ticks()?;
    let (all, idle) = (after.0 - before.0, after.1 - before.1);
    Ok(1.0 - idle as f64 / (all as f64).max(1.0))
}

/// All ticks, and the idle ones.
fn ticks() -> anyhow::Result<(u64, u64)> {
    let stat = read_to_string("/proc/stat")?;
    let numbers: Vec<u64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .flat_map(str::parse)
        .collect();
    let idle = numbers.get(3).context("/proc/stat")? + numbers.get(4).context("/proc/stat")?;
    // The last two, guests' time, are part of the others.
    Ok((numbers.iter().take(8).sum(), idle))
}

/// The time that a process has computed, its threads and the system for it.
pub(crate) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let stat = read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(')').context("/proc/…/stat")?.1;
    let ticks: Vec<u32> = fields.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    anyhow::ensure!(ticks.len() == 2, "/proc/{process}/stat has too few fields");
    Ok(TICK * ticks.iter().sum())
}

/// The time that this thread has computed. What `/proc` says of a thread is as old as the system's last look at it.
pub(crate) fn cpu_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The memory of a process that is really there, in bytes.
pub(crate) fn resident(process: u32) -> anyhow::Result<u64> {
    memory(process, "VmRSS:")
}

/// The most that it ever was.
pub(crate) fn peak(process: u32) -> anyhow::Result<u64> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, name: &'static str) -> anyhow::Result<u64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context(name)?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (middle, odd) = (values.len() / 2, values.len() % 2 == 1);
    match values.len() {
        0 => f64::NAN,
        _ if odd => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The value below which so many of a hundred lie.
pub(crate) fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Waits until something is so, at most ten seconds.
pub(crate) fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !is_so() {
        anyhow::ensure!(
            begun.elapsed() < Duration::from_secs(10),
            "{what}: not within ten seconds"
        );
        sleep(Duration::from_micros(500));
    }
    Ok(())
}
