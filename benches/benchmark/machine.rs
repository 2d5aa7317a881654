//! Process and system figures (Linux: `/proc`), and waiting until the machine is idle.

use std::fs::read_to_string;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// The share of the machine that other processes may use during a measurement.
const QUIET: f64 = 0.06;

/// Length of one sample of the machine's load.
const LOOK: Duration = Duration::from_millis(400);

/// A tick of the counters in `/proc`: 10 ms on every kernel (`USER_HZ` of Linux's interface).
const TICK: Duration = Duration::from_millis(10);

/// Watches the load that other processes put on the machine.
pub(crate) struct Machine {
    patience: Duration,
    noisiest: f64,
}

impl Machine {
    /// `patience`: total time to wait for an idle machine.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, noisiest: 0.0 }
    }

    /// Waits until other processes use less than [`QUIET`] of the machine, or until the patience is used up.
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

    /// Says whether the figures can be trusted.
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

/// One line with the cores, the processor and the load.
pub(crate) fn describe() -> anyhow::Result<String> {
    let info = read_to_string("/proc/cpuinfo")?;
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("an unknown processor", |line| line.trim_matches([' ', '\t', ':']));
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let load = read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!("{cores} cores of {model}, load {load}"))
}

/// The current share of all cores' time that is not idle.
fn busy_share() -> anyhow::Result<f64> {
    let before = ticks()?;
    sleep(LOOK);
    let after = ticks()?;
    let (all, idle) = (after.0 - before.0, after.1 - before.1);
    Ok(1.0 - idle as f64 / (all as f64).max(1.0))
}

/// All ticks, and the idle ticks.
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
    // The last two columns, guest time, are already part of the first two.
    Ok((numbers.iter().take(8).sum(), idle))
}

/// CPU time of a process: user and system, all threads.
pub(crate) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let stat = read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(')').context("/proc/…/stat")?.1;
    let ticks: Vec<u32> = fields.split_whitespace().skip(11).take(2).flat_map(str::parse).collect();
    anyhow::ensure!(ticks.len() == 2, "/proc/{process}/stat has too few fields");
    Ok(TICK * ticks.iter().sum())
}

/// CPU time of this thread. The figures in `/proc` are only updated at scheduler ticks, so they are too coarse.
pub(crate) fn cpu_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident(process: u32) -> anyhow::Result<u64> {
    memory(process, "VmRSS:")
}

/// Peak resident memory of a process, in bytes.
pub(crate) fn peak(process: u32) -> anyhow::Result<u64> {
    memory(process, "VmHWM:")
}

fn memory(process: u32, name: &'static str) -> anyhow::Result<u64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context(name)?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (middle, odd) = (values.len() / 2, values.len() % 2 == 1);
    match values.len() {
        0 => f64::NAN,
        _ if odd => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

/// The value at or below which `percent` percent of the values lie.
pub(crate) fn percentile(mut values: Vec<f64>, percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Waits until a condition holds, at most ten seconds.
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
