//! `feedline demo`: feedline over the fake Telegram.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::{print, runtime};
use crate::app::{self, App};
use crate::config::Config;
use crate::demo::{Channel, ChatKind, Telegram, World};
use crate::links::{Base, Links};
use crate::model::{ChannelName, ChannelSet, FeedOptions, Format, Source};
use crate::service::Clock;
use crate::{telemetry, upstream};

/// The larger sample channels, one for each language; listed first, followed and in the collection.
const FIRST: [&str; 4] = ["tidewater", "zenit_library", "diwan_alrih", "Cha_Yu_Lun"];

const COLLECTION: &str = "news";

/// Address and data of a second server over the sample Telegram, apart from those of the demo and of real channels.
const SERVE_FLAGS: &str = "--listen 127.0.0.1:8418 --set archive.url=sqlite://sample/feedline.db --set \
                           media.cache_dir=sample/media";

pub(super) fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log)?;
    app::raise_file_limit();
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let stop = app::stop_signal(&tasks)?;
        let listener =
            TcpListener::bind("127.0.0.1:0").await.context("the sample Telegram cannot listen")?;
        let telegram = Telegram::start(listener, World::living(Clock::System.now()))?;
        let flags = upstream_flags(&config, telegram.base());
        use_sample(&mut config, telegram.base())?;
        let folder = TempFolder::create(telegram.address().port());
        config.media.cache_dir = folder.as_ref().map(|folder| folder.0.clone());
        let app = App::build(&config, Clock::System).await?;
        let base = match &config.web.base_url {
            Some(base) => base.clone(),
            None => Base::parse(&format!("http://{}", app.address()))?,
        };
        print(&welcome(&telegram, &Links::new(base, FeedOptions::default()), &flags))?;
        app.run(stop).await;
        telegram.stop();
        Ok(ExitCode::SUCCESS)
    })
}

/// Points the settings at the sample Telegram, with a high rate and without an archive.
fn use_sample(config: &mut Config, base: &str) -> anyhow::Result<()> {
    config.upstream.url = base.parse()?;
    config.upstream.fallback.clear();
    // Sample posts must not get into an archive of real channels.
    config.archive.path = None;
    config.upstream.media_hosts = vec![base.to_owned()];
    config.net.rate = 100.0;
    config.net.burst = 100;
    config.net.proxies.clear();
    let first: Vec<ChannelName> =
        FIRST.into_iter().map(ChannelName::parse).collect::<Result<_, _>>()?;
    if config.web.collections.is_empty() {
        let channels = ChannelSet::new(first.clone())?;
        let news = Source::collection(COLLECTION, Some("Sample news"), channels);
        config.web.collections.insert(COLLECTION.to_owned(), news);
    }
    if config.web.follow.is_empty() {
        config.web.follow = first;
    }
    Ok(())
}

/// A folder for cached files, removed when the demo ends.
struct TempFolder(PathBuf);

impl TempFolder {
    /// `None`: files are not cached.
    ///
    /// SECURITY: another user of the machine creates a folder of that name first -> an existing folder is not used.
    fn create(number: u16) -> Option<Self> {
        let name = format!("feedline-demo-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path).ok()?;
        Some(Self(path))
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // On failure a few pictures stay in the system's temporary folder.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The addresses to try: the larger channels, the smaller ones, the refusals.
fn welcome(telegram: &Telegram, links: &Links, flags: &str) -> String {
    let options = FeedOptions::default();
    let mut listed = telegram.control().channels();
    listed.retain(|channel| !channel.shows.is_empty());
    listed.sort_by_key(|channel| {
        FIRST.iter().position(|name| *name == channel.name.as_str()).unwrap_or(FIRST.len())
    });
    let (channels, refused): (Vec<Channel>, Vec<Channel>) =
        listed.into_iter().partition(|channel| channel.kind == ChatKind::Channel);

    let mut text = format!("feedline is ready: {}\nIt reads a sample Telegram.\n", links.start());
    for Channel { name, title, shows, .. } in channels {
        text.push_str(&format!("\n{title}: {shows}\n  {}\n", links.channel(&name, &options)));
        for format in Format::ALL {
            text.push_str(&format!("  {}\n", links.feed(&name, format, &options)));
        }
    }
    text.push_str("\nRefusals:\n");
    for Channel { name, shows, .. } in refused {
        text.push_str(&format!("  {}  {shows}\n", links.channel(&name, &options)));
    }
    text.push_str("\nFrom another terminal, over the same sample Telegram:\n");
    text.push_str(&format!("  feedline fetch {} {flags}\n", FIRST[0]));
    text.push_str(&format!("  feedline serve {SERVE_FLAGS} {flags}\n"));
    text.push_str("\nPress Ctrl-C to stop.\n");
    text
}

/// The flags that point another feedline with the same settings at the sample Telegram. Without a fallback it never contacts
/// the real one.
fn upstream_flags(config: &Config, base: &str) -> String {
    let mut flags = format!("--set upstream.url={base} --set 'upstream.fallback=[]'");
    if !config.net.proxies.is_empty() {
        flags.push_str(" --set 'upstream.proxies=[]'");
    }
    if config.upstream.media_hosts != upstream::Settings::default().media_hosts {
        flags.push_str(&format!(" --set 'upstream.media_hosts=[\"{base}\"]'"));
    }
    flags
}
