//! `feedline opml`: imports and exports subscription lists.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::{print, print_error, read_file, runtime};
use crate::config::Config;
use crate::feed::opml::{self, List, Outline};
use crate::links::{Base, Links};
use crate::model::{ChannelName, Source};
use crate::service::{self, Clock};

const TITLE: &str = "feedline";

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline opml import old.opml > new.opml     subscriptions of another reader or bridge, as feeds of feedline\n  \
    feedline opml import names.txt --names       channel names, one per line, for channels.follow\n  \
    feedline opml export > feedline.opml         followed channels and collections\n  \
    feedline opml export --read > feedline.opml  also all channels requested from this server";

/// Import and export subscription lists (OPML).
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Convert subscription lists to an OPML file with feedline's URLs. Lists may be OPML, names, links, or URLs of RSSHub and
    /// RSS-Bridge. Unknown lines are reported on the standard error; other feeds are copied unchanged.
    Import {
        /// Subscription lists; - is the standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Base of the URLs, such as `https://feeds.example.org` [default: from the settings].
        #[arg(long, value_name = "ADDRESS")]
        base: Option<String>,
        /// Print channel names instead, one per line.
        #[arg(long)]
        names: bool,
    },
    /// Print the followed channels and the collections as OPML.
    Export {
        /// Add all channels requested within `refresh.active_for`. Works while the server runs.
        #[arg(long)]
        read: bool,
        /// Base of the URLs, such as `https://feeds.example.org` [default: from the settings].
        #[arg(long, value_name = "ADDRESS")]
        base: Option<String>,
    },
}

/// The exit code is 1 if no channel was found.
pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Import { files, base, names } => {
            import(files, &links(config, base.as_deref())?, *names)
        }
        Command::Export { base, read } => {
            let links = links(config, base.as_deref())?;
            let requested =
                if *read { requested_channels(config)? } else { RequestedChannels::default() };
            export(config, requested, &links)
        }
    }
}

fn links(config: &Config, base: Option<&str>) -> anyhow::Result<Links> {
    let base = match (base, &config.web.base_url) {
        (Some(base), _) => Base::parse(base).with_context(|| format!("--base {base}"))?,
        (None, Some(base)) => base.clone(),
        (None, None) => Base::parse(&format!("http://{}", config.web.listen))?,
    };
    Ok(Links::new(base, config.service.feed.options.clone()))
}

fn import(files: &[PathBuf], links: &Links, names: bool) -> anyhow::Result<ExitCode> {
    let mut contents = Vec::new();
    for file in files {
        // One byte more than allowed, so that a longer file is detected.
        let bytes = read_file(file, opml::MAX_SIZE as u64 + 1)?;
        report(file, &opml::read(&[&bytes], links))?;
        contents.push(bytes);
    }
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let mut all = opml::read(&contents, links);
    if all.left_out > 0 {
        let (number, most) = (all.left_out, opml::MAX_FEEDS);
        writeln!(std::io::stderr(), "{number} feeds were left out: a list has at most {most}")?;
    }
    if all.entries.is_empty() {
        print_error("no channel was found")?;
        return Ok(ExitCode::FAILURE);
    }
    if names {
        return print(&channels(&all).iter().map(|name| format!("{name}\n")).collect::<String>());
    }
    let mut outlines: Vec<Outline> =
        all.entries.iter().map(|entry| Outline::new(entry, &|_| None, links)).collect();
    outlines.append(&mut all.others);
    print_file(&opml::write(TITLE, &outlines))
}

/// Without duplicates, in order.
fn channels(list: &List) -> Vec<&ChannelName> {
    let mut names: Vec<&ChannelName> = Vec::new();
    for name in list.entries.iter().flat_map(|entry| entry.subscription.channels()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Prints the lines that could not be converted.
fn report(file: &Path, list: &List) -> anyhow::Result<()> {
    let mut errors = std::io::stderr().lock();
    let file = file.display();
    for unread in &list.unread {
        let opml::Unread { line, text, reason } = unread;
        let colon = if text.is_empty() { "" } else { ": " };
        writeln!(errors, "{file}:{line}: {text}{colon}{reason}")?;
    }
    for entry in list.entries.iter().filter(|entry| !entry.subscription.lost.is_empty()) {
        let lost = entry.subscription.lost.join(", ");
        writeln!(errors, "{file}:{}: feedline has no equivalent of {lost}", entry.line)?;
    }
    if list.is_cut {
        writeln!(errors, "{file}: the file is too large, the rest was skipped")?;
    }
    Ok(())
}

#[derive(Default)]
struct RequestedChannels {
    channels: Vec<ChannelName>,
    /// By key of the name.
    titles: HashMap<String, String>,
}

fn requested_channels(config: &Config) -> anyhow::Result<RequestedChannels> {
    let active_for = config.service.schedule.active_for;
    if active_for.is_zero() {
        bail!("refresh.active_for is \"0s\": requested channels are not recorded");
    }
    super::start_log(config, "warn")?;
    runtime()?.block_on(async {
        let archive = super::archive::existing(config)?;
        let channels = service::channels_read(&archive, active_for, Clock::System.now()).await?;
        let mut titles = HashMap::new();
        for summary in archive.channels().await? {
            if let Some(name) = summary.name {
                titles.insert(name.key(), summary.title);
            }
        }
        Ok(RequestedChannels { channels, titles })
    })
}

fn export(
    config: &Config,
    requested: RequestedChannels,
    links: &Links,
) -> anyhow::Result<ExitCode> {
    let collections: Vec<Source> = config.web.collections.values().cloned().collect();
    let mut channels = config.web.follow.clone();
    for name in requested.channels {
        if !channels.contains(&name) && config.web.serves(&name) {
            channels.push(name);
        }
    }
    let title = |name: &ChannelName| requested.titles.get(&name.key()).cloned();
    let outlines = opml::followed(&channels, &collections, &title, links);
    print_file(&opml::write(TITLE, &outlines))
}

fn print_file(file: &[u8]) -> anyhow::Result<ExitCode> {
    print(std::str::from_utf8(file).context("OPML is UTF-8")?)
}
