//! `feedline archive`: inspects, exports, imports, compacts and backs up the archive.

use std::fmt;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use indicatif::ProgressBar;

use super::{minute, open, print, print_error, progress_bar, runtime};
use crate::archive::{Amount, Archive, Imported, Info, Lines, create_new};
use crate::config::Config;
use crate::text::counted;

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline archive info                         size, contents and integrity\n  \
    feedline archive backup /backup/feedline.db   a copy\n  \
    feedline archive export feedline.jsonl        JSON lines, one for each channel and post\n  \
    feedline archive import feedline.jsonl        existing posts are kept\n  \
    feedline archive compact                      shrink the file\n\n\
    The archive is the file in archive.url. All commands work while the server runs.";

/// Inspect, export, import, compact or back up the archive.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print size and contents, and check the integrity of the file.
    Info {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write all posts as JSON lines.
    Export {
        /// File to create [default: standard output].
        file: Option<PathBuf>,
    },
    /// Import an export. Existing posts are kept.
    Import {
        /// The export; - is the standard input.
        file: PathBuf,
    },
    /// Shrink the file. Needs as much free disk space meanwhile.
    Compact,
    /// Copy a consistent snapshot to a new file.
    Backup {
        /// File to create.
        file: PathBuf,
    },
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    super::start_log(config, "warn")?;
    runtime()?.block_on(async {
        match &arguments.command {
            Command::Info { json } => info(&existing(config)?, *json).await,
            Command::Export { file } => export(&existing(config)?, file.as_deref()).await,
            Command::Import { file } => import(config, file).await,
            Command::Compact => compact(config).await,
            Command::Backup { file } => backup(&existing(config)?, file).await,
        }
    })
}

/// The archive; read-only if it cannot be written.
pub(super) fn existing(config: &Config) -> anyhow::Result<Archive> {
    must_exist(config)?;
    Ok(Archive::start(&config.archive)?)
}

fn must_exist(config: &Config) -> anyhow::Result<()> {
    let path = config.archive.path.as_deref().context("archive.url is not a file")?;
    if path.exists() {
        return Ok(());
    }
    bail!(
        "there is no archive at {} (archive.url): the first posts or `feedline archive import` create it",
        path.display()
    )
}

async fn info(archive: &Archive, is_json: bool) -> anyhow::Result<ExitCode> {
    let info = archive.info().await?;
    let check = async { (archive.check().await, archive.undecodable_rows().await) };
    let (outcome, undecodable) = with_spinner("checking the file", check).await;
    let path = archive.path().unwrap_or(Path::new(""));
    if is_json {
        print(&json(path, &info, outcome.is_ok(), undecodable.as_ref().ok())?)?;
    } else {
        print(&table(path, &info))?;
    }
    outcome?;
    let undecodable = undecodable?;
    if !is_json {
        print("sound      yes\n")?;
    }
    if undecodable == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    print_error(format_args!(
        "{} cannot be decoded and appear in no feed: use the version of feedline that wrote them, or restore a backup",
        counted(undecodable, "row")
    ))?;
    Ok(ExitCode::FAILURE)
}

/// `undecodable` is null if the rows could not be counted.
fn json(
    path: &Path,
    info: &Info,
    is_sound: bool,
    undecodable: Option<&u64>,
) -> anyhow::Result<String> {
    let mut value = serde_json::to_value(info)?;
    value["path"] = path.display().to_string().into();
    value["sound"] = is_sound.into();
    value["undecodable"] = undecodable.copied().into();
    Ok(format!("{value}\n"))
}

fn table(path: &Path, info: &Info) -> String {
    let (oldest, newest) = (format_date(info.oldest), format_date(info.newest));
    let rows: [(&str, &dyn fmt::Display); 8] = [
        ("file", &path.display()),
        ("size", &ByteSize::b(info.size)),
        ("unused", &ByteSize::b(info.free)),
        ("WAL", &ByteSize::b(info.pending)),
        ("channels", &info.channels),
        ("posts", &format!("{}, {oldest} to {newest}", info.posts)),
        ("revisions", &info.revisions),
        ("tables", &format!("version {}", info.version)),
    ];
    rows.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect()
}

fn format_date(date: Option<DateTime<Utc>>) -> String {
    date.map_or_else(|| "–".to_owned(), |date| minute(date).to_string())
}

async fn export(archive: &Archive, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let total = archive.info().await?.posts;
    let bar = progress_bar(total, "{wide_bar} {pos} of {len} posts, {eta} left");
    let report = bar.clone();
    let progress = move |amount: Amount| report.set_position(amount.posts);
    let is_closed = Arc::new(AtomicBool::new(false));
    let outcome = match file {
        Some(path) => {
            let to = create_new(path)?;
            archive.export(BufWriter::new(to), progress).await
        }
        None => archive.export(BufWriter::new(Output(Arc::clone(&is_closed))), progress).await,
    };
    bar.finish_and_clear();
    if is_closed.load(Ordering::Relaxed) {
        return Ok(ExitCode::SUCCESS);
    }
    if let (Err(_), Some(path)) = (&outcome, file) {
        // An incomplete export could be mistaken for a whole one.
        let _ = std::fs::remove_file(path);
    }
    let amount = outcome?;
    print_error(format_args!(
        "{}, {}, {}",
        counted(amount.channels, "channel"),
        counted(amount.posts, "post"),
        ByteSize::b(amount.bytes)
    ))?;
    if amount.set_aside == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let verb = if amount.set_aside == 1 { "is" } else { "are" };
    print_error(format_args!(
        "{} cannot be decoded and {verb} not in the export, see `feedline archive info`",
        counted(amount.set_aside, "row")
    ))?;
    Ok(ExitCode::FAILURE)
}

/// The standard output. Records a closed pipe (`| head`), which ends the export and is not an error.
struct Output(Arc<AtomicBool>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let outcome = std::io::stdout().write(bytes);
        self.note(outcome)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let outcome = std::io::stdout().flush();
        self.note(outcome)
    }
}

impl Output {
    fn note<T>(&self, outcome: std::io::Result<T>) -> std::io::Result<T> {
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            self.0.store(true, Ordering::Relaxed);
        }
        outcome
    }
}

async fn import(config: &Config, file: &Path) -> anyhow::Result<ExitCode> {
    // Before the archive is created: a wrong file leaves nothing behind.
    let (from, size) = open(file)?;
    let lines = Lines::begin(from).with_context(|| name_of(file))?;
    let archive = Archive::open(&config.archive)?;
    let bar = progress_bar(size, "{wide_bar} {bytes} of {total_bytes}, {eta} left");
    let report = bar.clone();
    let outcome = archive.import(lines, move |amount| report.set_position(amount.bytes)).await;
    bar.finish_and_clear();
    let imported = outcome.with_context(|| name_of(file))?;
    archive.close().await?;
    report_import(&imported)
}

fn name_of(file: &Path) -> String {
    if file == Path::new("-") {
        return "the standard input".to_owned();
    }
    file.display().to_string()
}

/// The exit code is 1 if lines were skipped.
fn report_import(imported: &Imported) -> anyhow::Result<ExitCode> {
    let Imported { amount, known, refused, faults } = imported;
    print_error(format_args!(
        "{}, {}, {known} of them in the archive already",
        counted(amount.channels, "channel"),
        counted(amount.posts, "post")
    ))?;
    for fault in faults {
        print_error(format_args!("line {}: {}", fault.line, fault.why))?;
    }
    if *refused == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    print_error(format_args!("skipped because of errors: {}", counted(refused, "line")))?;
    Ok(ExitCode::FAILURE)
}

async fn compact(config: &Config) -> anyhow::Result<ExitCode> {
    must_exist(config)?;
    let archive = Archive::open(&config.archive)?;
    let before = archive.info().await?.size;
    with_spinner("rewriting the file", archive.compact()).await?;
    let after = archive.info().await?.size;
    archive.close().await?;
    print_error(format_args!("{} before, {} now", ByteSize::b(before), ByteSize::b(after)))?;
    Ok(ExitCode::SUCCESS)
}

async fn backup(archive: &Archive, file: &Path) -> anyhow::Result<ExitCode> {
    with_spinner("copying", archive.backup(file)).await?;
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    print_error(format_args!("{}, {}", file.display(), ByteSize::b(size)))?;
    Ok(ExitCode::SUCCESS)
}

/// Shows a spinner meanwhile, if the standard error is a terminal.
async fn with_spinner<T>(what: &'static str, work: impl Future<Output = T>) -> T {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    let outcome = work.await;
    bar.finish_and_clear();
    outcome
}
