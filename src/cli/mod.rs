//! The command line: `serve | fetch | parse | check | health | demo | config | archive | opml | completions`.

mod archive;
mod check;
mod demo;
mod fetch;
mod health;
mod opml;
mod parse;
mod refusal;

use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::task::TaskTracker;

use crate::app::{self, App};
use crate::config::{self, Config};
use crate::model::Target;
use crate::service::{Clock, Service};
use crate::telemetry;

/// Turns public Telegram channels into RSS, Atom and JSON feeds.
#[derive(Debug, Parser)]
#[command(version, about, long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: SettingFlags,
}

const LONG_ABOUT: &str = "Turns public Telegram channels into RSS, Atom and JSON feeds.\n\n\
    Without a command it starts the server: open the address that it prints, paste a channel's link, subscribe.";

const EXAMPLES: &str = "Examples:\n  \
    feedline                                     serve at http://127.0.0.1:8417\n  \
    feedline --listen 0.0.0.0:8417               serve on all network interfaces\n  \
    feedline --set upstream.rate=1               with a setting of config.toml\n  \
    feedline demo                                try it without Telegram\n  \
    feedline fetch telegram --format text        read a channel in the terminal\n  \
    feedline opml import old.opml > new.opml     import subscriptions of another reader or bridge\n  \
    feedline check                               diagnose settings, disk and network\n  \
    feedline config --default > config.toml      all settings, documented\n\n\
    Settings can also be environment variables, FEEDLINE_SECTION__KEY with two underscores:\n\
    FEEDLINE_SERVER__LISTEN=0.0.0.0:8417 feedline";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve feeds and pages (default).
    Serve,
    /// Print a channel's feed or a post, without a server.
    Fetch(fetch::Arguments),
    /// Parse saved Telegram pages and print JSON, one post per line.
    Parse(parse::Arguments),
    /// Check settings, disk and network, and a channel or saved page.
    Check(check::Arguments),
    /// Check whether the running server is ready.
    Health,
    /// Serve sample channels, without a network.
    Demo,
    /// Print the effective settings as TOML.
    Config {
        /// Print the documented default file instead.
        #[arg(long)]
        default: bool,
        /// Print docs/configuration.md instead.
        #[arg(long, hide = true, conflicts_with = "default")]
        markdown: bool,
    },
    /// Inspect, export, import, compact or back up the archive.
    Archive(archive::Arguments),
    /// Import and export subscription lists (OPML).
    Opml(opml::Arguments),
    /// Print a shell completion script.
    Completions { shell: Shell },
}

/// Sources of settings, besides the environment.
#[derive(Args, Debug)]
struct SettingFlags {
    /// Settings file [default: config.toml in the working directory, if it exists].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// A setting of config.toml, such as cache.memory=128MiB; repeatable.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

/// Parses the command line and runs the command.
pub fn run() -> anyhow::Result<ExitCode> {
    let Arguments { command, settings } = Arguments::parse();
    match command.unwrap_or(Command::Serve) {
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Completions { shell } => completions(shell),
        Command::Check(arguments) => check::run(settings.load(), &arguments),
        Command::Health => health::run(&settings.load()?),
        Command::Config { default: true, .. } => print(config::DEFAULT_FILE),
        Command::Config { markdown: true, .. } => print(&config::markdown()),
        Command::Config { .. } => print(&config::print(&settings.load()?)),
        Command::Serve => serve(&settings.load()?),
        Command::Demo => demo::run(settings.load()?),
        Command::Archive(arguments) => archive::run(&settings.load()?, &arguments),
        Command::Opml(arguments) => opml::run(&settings.load()?, &arguments),
        Command::Fetch(arguments) => fetch::run(&settings.load()?, &arguments),
    }
}

impl SettingFlags {
    fn load(&self) -> anyhow::Result<Config> {
        let sources = config::Sources {
            file: self.config.clone(),
            environment: config::environment(),
            overrides: self.set.clone(),
            listen: self.listen.clone(),
        };
        Ok(config::load(&sources)?)
    }
}

fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log)?;
    if !config.service_links.is_empty() {
        tracing::debug!(
            variables = config.service_links.join(" "),
            "variables of a container platform's service links are ignored"
        );
    }
    app::raise_file_limit();
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let stop = app::stop_signal(&tasks)?;
        let app = App::build(config, Clock::System).await?;
        app.announce(config.web.base_url.as_ref());
        tasks.spawn(log_reach(app.service().clone()));
        app.run(stop).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Logs whether Telegram is reachable.
async fn log_reach(service: Service) {
    match service.reach().await {
        Ok(reached) => {
            tracing::info!("{} answers in {} ms", reached.host, reached.elapsed.as_millis());
        }
        Err(refusal) => tracing::warn!(
            refusal = refusal.code(),
            "no channel can be fetched. {}",
            refusal::full(&refusal)
        ),
    }
}

fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "feedline", &mut script);
    print(&String::from_utf8_lossy(&script))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the async runtime")
}

/// Shown if the standard error is a terminal.
fn progress_bar(total: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Starts the log of commands other than `serve` and `demo`, at a higher level.
fn start_log(config: &Config, level: &str) -> anyhow::Result<()> {
    let level = telemetry::Level::parse(level)?;
    telemetry::start(&telemetry::Settings { level, ..config.log.clone() })?;
    Ok(())
}

/// Opens a file, and returns its size, 0 if unknown; `-` is the standard input.
fn open(file: &Path) -> anyhow::Result<(Box<dyn BufRead + Send>, u64)> {
    if file == Path::new("-") {
        return Ok((Box::new(BufReader::new(std::io::stdin())), 0));
    }
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let size = opened.metadata().map_or(0, |metadata| metadata.len());
    Ok((Box::new(BufReader::new(opened)), size))
}

/// Reads at most `limit` bytes of a file; `-` is the standard input.
fn read_file(file: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open(file)?.0.take(limit).read_to_end(&mut bytes);
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(bytes)
}

/// The channel or post that an argument names.
fn target(text: &str) -> anyhow::Result<Target> {
    let targets = Target::find_all(text)?;
    let found = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match <[Target; 1]>::try_from(targets) {
        Ok([target]) => Ok(target),
        Err(_) => anyhow::bail!("these are several channels: {found}. Give only one"),
    }
}

/// Prints to the standard output. A closed pipe (`| head`) is not an error.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to the standard output")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints a line to the standard error; the standard output may be a feed or an export.
fn print_error(text: impl Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "{text}")?)
}

/// A time in UTC, to the minute.
fn minute(time: DateTime<Utc>) -> impl Display {
    time.format("%Y-%m-%d %H:%M")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn help_examples_are_valid_command_lines() {
        for help in [EXAMPLES, fetch::EXAMPLES, archive::EXAMPLES, opml::EXAMPLES] {
            let examples = help.lines().map(str::trim).filter(|line| line.starts_with("feedline"));
            for example in examples.filter_map(|line| line.split("   ").next()) {
                let words =
                    example.split_whitespace().take_while(|word| *word != ">" && *word != "|");
                if let Err(error) = Arguments::try_parse_from(words) {
                    panic!("{example}: {error}");
                }
            }
        }
    }
}
