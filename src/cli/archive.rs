//! `feedline archive`: what is kept, looked at, moved and made smaller.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytesize::ByteSize;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use super::{print, runtime};
use crate::archive::{Amount, Archive, Imported, Info, Lines, create_new};
use crate::config::Config;
use crate::telemetry;
use crate::text::counted;

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline archive info                         how much is kept, and whether the file is sound\n  \
    feedline archive backup /backup/feedline.db   a copy, while the service runs\n  \
    feedline archive export feedline.jsonl        as lines of JSON, a channel or a post each\n  \
    feedline archive import feedline.jsonl        into the archive of these settings; what is there stays\n  \
    feedline archive compact                      give back the room that nothing takes any more\n\n\
    The archive is the file that archive.url names. All of it works beside a running service.";

/// Looks at the archive, copies it, moves it.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print how much is kept, and look at every page of the file.
    Info {
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write all of it as lines of JSON.
    Export {
        /// The file, which must not be there yet; without it the standard output.
        file: Option<PathBuf>,
    },
    /// Take in what `export` wrote; what is there already stays.
    Import {
        /// The file; `-` for the standard input.
        file: PathBuf,
    },
    /// Give back the room that nothing takes any more; needs as much room again meanwhile.
    Compact,
    /// Copy it, as of one moment, to a file that is not there yet.
    Backup {
        /// The file.
        file: PathBuf,
    },
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    quiet(config)?;
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

/// Logs what is wrong, and nothing else.
pub(super) fn quiet(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&telemetry::Settings {
        level: telemetry::Level::parse("warn")?,
        ..config.log.clone()
    })?;
    Ok(())
}

/// The archive of the settings; to be read, if it cannot be written.
pub(super) fn existing(config: &Config) -> anyhow::Result<Archive> {
    must_exist(config)?;
    Ok(Archive::start(&config.archive_settings())?)
}

fn must_exist(config: &Config) -> anyhow::Result<()> {
    let path = config.archive.path.as_deref().context("archive.url names no file")?;
    if path.exists() {
        return Ok(());
    }
    bail!(
        "there is no archive at {}: it comes with the first posts, or with `feedline archive import`; \
         archive.url says where it is",
        path.display()
    )
}

async fn info(archive: &Archive, is_json: bool) -> anyhow::Result<ExitCode> {
    let info = archive.info().await?;
    let waiting = spinner("looking at every page");
    let outcome = archive.check().await;
    let undecodable = archive.undecodable_rows().await;
    waiting.finish_and_clear();
    let path = archive.path().unwrap_or(Path::new(""));
    let text = match is_json {
        true => json(path, &info, outcome.is_ok(), undecodable.as_ref().ok())?,
        false => table(path, &info),
    };
    print(&text)?;
    outcome?;
    let undecodable = undecodable?;
    if !is_json {
        print("sound      yes\n")?;
    }
    if undecodable == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!(
        "{} cannot be decoded. feedline keeps it as it is and shows it in no feed: \
         use the version of feedline that wrote it, or restore a backup",
        counted(undecodable, "row")
    ))?;
    Ok(ExitCode::FAILURE)
}

/// `undecodable` is null where the rows could not be counted.
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
    let date = |date: Option<DateTime<Utc>>| {
        date.map_or_else(|| "–".to_owned(), |date| date.format("%Y-%m-%d %H:%M").to_string())
    };
    let rows: [(&str, &dyn fmt::Display); 8] = [
        ("file", &path.display()),
        ("size", &ByteSize::b(info.size)),
        ("free in it", &ByteSize::b(info.free)),
        ("beside it", &ByteSize::b(info.pending)),
        ("channels", &info.channels),
        ("posts", &format!("{}, {} to {}", info.posts, date(info.oldest), date(info.newest))),
        ("revisions", &info.revisions),
        ("tables", &format!("version {}", info.version)),
    ];
    rows.iter().map(|(name, value)| format!("{name:<10} {value}\n")).collect()
}

async fn export(archive: &Archive, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let total = archive.info().await?.posts;
    let bar = posts_bar(total);
    let report = bar.clone();
    let progress = move |amount: Amount| report.set_position(amount.posts);
    let is_left = Arc::new(AtomicBool::new(false));
    let outcome = match file {
        Some(path) => {
            let to = create_new(path)?;
            archive.export(BufWriter::new(to), progress).await
        }
        None => archive.export(BufWriter::new(Output(Arc::clone(&is_left))), progress).await,
    };
    bar.finish_and_clear();
    if is_left.load(Ordering::Relaxed) {
        return Ok(ExitCode::SUCCESS);
    }
    if let (Err(_), Some(path)) = (&outcome, file) {
        // Half an export would be taken for one.
        let _ = std::fs::remove_file(path);
    }
    let amount = outcome?;
    say(&format!(
        "{}, {}, {}",
        counted(amount.channels, "channel"),
        counted(amount.posts, "post"),
        ByteSize::b(amount.bytes)
    ))?;
    if amount.set_aside == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let verb = if amount.set_aside == 1 { "is" } else { "are" };
    say(&format!(
        "{} cannot be decoded, and {verb} not in the export; `feedline archive info` says more",
        counted(amount.set_aside, "row")
    ))?;
    Ok(ExitCode::FAILURE)
}

/// The standard output. A reader that went away (`| head`) ends the export and is no fault: that it went is kept.
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
    // Before the archive is made: a wrong name or a wrong file leaves nothing behind.
    let (size, from) = opened(file)?;
    let lines = Lines::begin(from).with_context(|| shown(file))?;
    let archive = Archive::open(&config.archive_settings())?;
    let bar = bytes_bar(size);
    let report = bar.clone();
    let outcome = archive.import(lines, move |amount| report.set_position(amount.bytes)).await;
    bar.finish_and_clear();
    let imported = outcome.with_context(|| shown(file))?;
    archive.close().await?;
    tell(&imported)
}

/// What is to be imported, and its size where that is known; `-` is the standard input.
fn opened(file: &Path) -> anyhow::Result<(u64, Box<dyn BufRead + Send>)> {
    if file == Path::new("-") {
        return Ok((0, Box::new(BufReader::new(std::io::stdin()))));
    }
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let size = opened.metadata().map_or(0, |metadata| metadata.len());
    Ok((size, Box::new(BufReader::new(opened))))
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") {
        return "the standard input".to_owned();
    }
    file.display().to_string()
}

/// What came of an import; exits with 1 when something was passed over.
fn tell(imported: &Imported) -> anyhow::Result<ExitCode> {
    let Imported { amount, known, refused, faults } = imported;
    say(&format!(
        "{}, {}, {known} of them known already",
        counted(amount.channels, "channel"),
        counted(amount.posts, "post")
    ))?;
    for fault in faults {
        say(&format!("line {}: {}", fault.line, fault.why))?;
    }
    if *refused == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("could not be read, and passed over: {}", counted(refused, "line")))?;
    Ok(ExitCode::FAILURE)
}

async fn compact(config: &Config) -> anyhow::Result<ExitCode> {
    must_exist(config)?;
    let archive = Archive::open(&config.archive_settings())?;
    let before = archive.info().await?.size;
    let waiting = spinner("writing the file anew");
    let outcome = archive.compact().await;
    waiting.finish_and_clear();
    outcome?;
    let after = archive.info().await?.size;
    archive.close().await?;
    say(&format!("{} before, {} now", ByteSize::b(before), ByteSize::b(after)))
}

async fn backup(archive: &Archive, file: &Path) -> anyhow::Result<ExitCode> {
    let waiting = spinner("copying");
    let outcome = archive.backup(file).await;
    waiting.finish_and_clear();
    outcome?;
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    say(&format!("{}, {}", file.display(), ByteSize::b(size)))
}

/// The standard output is the export's: what is said about it goes to the standard error.
fn say(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stderr(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

/// Shown where the standard error is a terminal, as all of these.
fn spinner(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn posts_bar(total: u64) -> ProgressBar {
    let template = format!("{{wide_bar}} {{pos}} of {}, {{eta}} left", counted(total, "post"));
    styled(ProgressBar::new(total), &template)
}

fn bytes_bar(total: u64) -> ProgressBar {
    styled(ProgressBar::new(total), "{wide_bar} {bytes} of {total_bytes}, {eta} left")
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
