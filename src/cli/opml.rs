//! `feedline opml import FILE…` and `feedline opml export`: lists of subscriptions, in and out.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::{print, runtime};
use crate::archive::Summary;
use crate::config::{Collection, CollectionName, Config};
use crate::feed::opml::{self, Entry, List, Outline};
use crate::links::{Base, Links};
use crate::model::{ChannelName, ChannelSet, Source};
use crate::service::{self, Clock};

/// What the list is called.
const TITLE: &str = "feedline";

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline opml import old.opml > new.opml     what another reader or bridge has, as feeds of feedline\n  \
    feedline opml import names.txt --names       a name on each line, for channels.follow\n  \
    feedline opml export > feedline.opml         what the settings follow\n  \
    feedline opml export --read > feedline.opml  and all channels that somebody reads here";

/// Read and write lists of subscriptions.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Print an OPML file with feedline's addresses for lists of any kind: OPML, names, links, RSSHub's and RSS-Bridge's
    /// addresses. What is no channel is told on the standard error; feeds of something else stay in the list as they are.
    Import {
        /// The lists; - is the standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// What the addresses begin with, such as `https://feeds.example.org`; without it, what the settings say.
        #[arg(long, value_name = "ADDRESS")]
        base: Option<String>,
        /// Print the channels' names instead, one a line.
        #[arg(long)]
        names: bool,
    },
    /// Print the followed channels and the collections as OPML; with --read, all channels that are read here too.
    Export {
        /// Add every channel that was read within `refresh.active_for`, as the archive knows it; also beside a running
        /// service.
        #[arg(long)]
        read: bool,
        /// What the addresses begin with, such as `https://feeds.example.org`; without it, what the settings say.
        #[arg(long, value_name = "ADDRESS")]
        base: Option<String>,
    },
}

/// The exit code is 1 when no channel was found.
pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Command::Import { files, base, names } => {
            import(files, &links(config, base.as_deref())?, *names)
        }
        Command::Export { base, read } => {
            let links = links(config, base.as_deref())?;
            let read = if *read { channels_read(config)? } else { Read::default() };
            export(config, read, &links)
        }
    }
}

fn links(config: &Config, base: Option<&str>) -> anyhow::Result<Links> {
    let base = match (base, &config.server.base_url) {
        (Some(base), _) => Base::parse(base).with_context(|| format!("--base {base}"))?,
        (None, Some(base)) => base.clone(),
        (None, None) => Base::parse(&format!("http://{}", config.server.listen))?,
    };
    Ok(Links::new(base, config.feed.options.clone()))
}

fn import(files: &[PathBuf], links: &Links, names: bool) -> anyhow::Result<ExitCode> {
    let mut all = List::default();
    for file in files {
        let bytes = read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let list = opml::read(&bytes, links);
        tell(file, &list)?;
        all.extend(list, links);
    }
    if all.entries.is_empty() {
        writeln!(std::io::stderr(), "no channel was found")?;
        return Ok(ExitCode::FAILURE);
    }
    if names {
        return print(&channels(&all).iter().map(|name| format!("{name}\n")).collect::<String>());
    }
    let outline = |entry: &Entry| Outline::new(entry, &|_| None, links);
    let mut outlines: Vec<Outline> = all.entries.iter().map(outline).collect();
    outlines.append(&mut all.others);
    print_file(&opml::write(TITLE, &outlines))
}

/// Every channel once, in order.
fn channels(list: &List) -> Vec<&ChannelName> {
    let mut names: Vec<&ChannelName> = Vec::new();
    for name in list.entries.iter().flat_map(|entry| entry.subscription.channels()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What could not be read, or not all of it, line by line.
fn tell(file: &Path, list: &List) -> anyhow::Result<()> {
    let mut errors = std::io::stderr().lock();
    let file = file.display();
    for unread in &list.unread {
        let opml::Unread { line, text, reason } = unread;
        let colon = if text.is_empty() { "" } else { ": " };
        writeln!(errors, "{file}:{line}: {text}{colon}{reason}")?;
    }
    for entry in list.entries.iter().filter(|entry| !entry.subscription.lost.is_empty()) {
        let lost = entry.subscription.lost.join(", ");
        writeln!(errors, "{file}:{}: feedline has nothing like {lost}", entry.line)?;
    }
    if list.is_cut {
        writeln!(errors, "{file}: there is more than is read at once; the rest was left out")?;
    }
    Ok(())
}

/// Channels that are read, and what channels call themselves.
#[derive(Default)]
struct Read {
    channels: Vec<ChannelName>,
    titles: HashMap<String, String>,
}

fn channels_read(config: &Config) -> anyhow::Result<Read> {
    let active_for = config.refresh.active_for;
    if active_for.is_zero() {
        bail!("refresh.active_for is \"0s\": which channels are read is not remembered");
    }
    super::archive::quiet(config)?;
    runtime()?.block_on(async {
        let archive = super::archive::existing(config)?;
        let channels = service::channels_read(&archive, active_for, Clock::System.now()).await?;
        let summaries = archive.channels().await?.into_iter();
        let title = |summary: Summary| Some((summary.name?.key(), summary.title));
        Ok(Read { channels, titles: summaries.filter_map(title).collect() })
    })
}

fn export(config: &Config, read: Read, links: &Links) -> anyhow::Result<ExitCode> {
    let source = |(name, collection): (&CollectionName, &Collection)| {
        let set = ChannelSet::new(collection.channels.clone()).ok()?;
        Some(Source::collection(name.as_str(), collection.title.as_deref(), set))
    };
    let collections: Vec<Source> = config.collections.iter().filter_map(source).collect();
    let mut channels = config.channels.follow.clone();
    for name in read.channels {
        if !channels.contains(&name) && config.channels.allows(&name) {
            channels.push(name);
        }
    }
    let title = |name: &ChannelName| read.titles.get(&name.key()).cloned();
    let outlines = opml::followed(&channels, &collections, &title, links);
    print_file(&opml::write(TITLE, &outlines))
}

fn print_file(file: &[u8]) -> anyhow::Result<ExitCode> {
    print(std::str::from_utf8(file).context("a list is UTF-8")?)
}

/// One byte more than is read tells that there is more.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let most = opml::LARGEST as u64 + 1;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
