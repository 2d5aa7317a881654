//! The command line: `serve | fetch | parse | check | health | demo | config | archive | opml | completions`.

mod archive;
mod check;
mod completion;
mod demo;
mod fetch;
mod health;
mod opml;
mod parse;
mod serve;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config};
use crate::model::Target;

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
    Without a command it serves: open the address that it prints, paste a channel's link, subscribe.";

const EXAMPLES: &str = "Examples:\n  \
    feedline                                     serve at http://127.0.0.1:8417\n  \
    feedline --listen 0.0.0.0:8417               serve to every network\n  \
    feedline --set upstream.rate=1               with a setting of config.toml\n  \
    feedline demo                                try it without Telegram\n  \
    feedline fetch telegram --format text        read a channel in the terminal\n  \
    feedline opml import old.opml > new.opml     move in from another reader or bridge\n  \
    feedline check                               see whether it works here\n  \
    feedline config --default > config.toml      all settings, explained\n\n\
    Every setting of config.toml can also be given as a variable of the environment, FEEDLINE_SECTION__KEY with two\n\
    underscores between: FEEDLINE_SERVER__LISTEN=0.0.0.0:8417 feedline";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve feeds and pages (what happens without a command).
    Serve,
    /// Print a channel's feed, or a post, without a server.
    Fetch(fetch::Arguments),
    /// Print saved pages of Telegram as JSON, one post a line.
    Parse(parse::Arguments),
    /// Check settings, disk and network, and what a channel or a saved page gives.
    Check(check::Arguments),
    /// Ask the server that runs with these settings whether it is ready.
    Health,
    /// Serve over a sample Telegram, so that all can be tried without a network.
    Demo,
    /// Print the settings in force, as TOML.
    Config {
        /// Print the file with all settings at their defaults, explained, instead.
        #[arg(long)]
        default: bool,
        /// Print all settings as the page docs/configuration.md instead.
        #[arg(long, hide = true, conflicts_with = "default")]
        markdown: bool,
    },
    /// Look at what is kept, copy it, move it, make it smaller.
    Archive(archive::Arguments),
    /// Read and write lists of subscriptions (OPML).
    Opml(opml::Arguments),
    /// Print what completes feedline's commands and flags in a shell.
    Completions(completion::Arguments),
}

/// Where settings come from beside the environment (`FEEDLINE_SECTION__KEY`).
#[derive(Args, Debug)]
struct SettingFlags {
    /// The settings' file; without it config.toml in the working directory, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen: address and port.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// A setting of config.toml, such as cache.memory=128MiB; can be given several times.
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
}

/// Parses the command line and runs the command; `Ok` tells the exit code.
///
/// # Errors
/// What a person has to know; it is printed once, in one line.
pub fn run() -> anyhow::Result<ExitCode> {
    let Arguments { command, settings } = Arguments::parse();
    match command.unwrap_or(Command::Serve) {
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Completions(arguments) => completion::run(&arguments),
        Command::Check(arguments) => check::run(settings.load(), &arguments),
        Command::Health => health::run(&settings.load()?),
        Command::Config { default: true, .. } => print(config::DEFAULT_FILE),
        Command::Config { markdown: true, .. } => print(&config::markdown()),
        Command::Config { .. } => print(&config::print(&settings.load()?)),
        Command::Serve => serve::run(&settings.load()?),
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

/// A runtime with as many threads as the machine has cores.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")
}

/// The one channel or post that an argument names.
fn target(text: &str) -> anyhow::Result<Target> {
    let targets = Target::find_all(text)?;
    let found = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match <[Target; 1]>::try_from(targets) {
        Ok([target]) => Ok(target),
        Err(_) => anyhow::bail!("these are several channels: {found}. Give one of them"),
    }
}

/// Prints to the standard output; a reader that went away (`| head`) is no fault.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("nothing can be printed")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_example_of_the_help_is_a_command_line() {
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
