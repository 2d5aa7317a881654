//! `feedline demo`: the whole of feedline over a Telegram of our own.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::{print, runtime};
use crate::app::{self, App};
use crate::config::{Collection, CollectionName, Config};
use crate::demo::{Kind, Sight, Telegram, World};
use crate::links::{Base, Links};
use crate::model::{ChannelName, FeedOptions, Format};
use crate::service::Clock;
use crate::{telemetry, upstream};

/// The sample channels with much to read, one for each language.
const FIRST: [&str; 4] = ["tidewater", "zenit_library", "diwan_alrih", "Cha_Yu_Lun"];

/// Where a server over the sample Telegram listens and keeps its data: apart from the demo, and from real channels.
const SERVE_APART: &str = "--listen 127.0.0.1:8418 --set archive.url=sqlite://sample/feedline.db --set \
                           media.cache_dir=sample/media";

/// The collection that they are in.
const COLLECTION: &str = "news";

pub(super) fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log)?;
    app::raise_file_limit();
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let stop = app::stop_signal(&tasks)?;
        let listener =
            TcpListener::bind("127.0.0.1:0").await.context("the sample Telegram cannot listen")?;
        let telegram = Telegram::start(listener, World::living(Clock::System.now()))?;
        let pointing = pointing(&config, telegram.base());
        point_to(&mut config, telegram.base())?;
        let files = Folder::create(telegram.address().port());
        config.media.cache_dir = files.as_ref().map(|folder| folder.0.clone());
        let app = App::build(&config, Clock::System).await?;
        let address = format!("http://{}", app.address());
        let base = config.server.base_url.clone().map_or_else(|| Base::parse(&address), Ok)?;
        print(&welcome(&telegram, &Links::new(base, FeedOptions::default()), &pointing))?;
        app.run(stop).await;
        telegram.stop();
        Ok(ExitCode::SUCCESS)
    })
}

/// Everything is asked of the sample Telegram, as fast as one likes; the start page shows what there is to read.
fn point_to(config: &mut Config, base: &str) -> anyhow::Result<()> {
    config.upstream.url = base.parse()?;
    config.upstream.fallback.clear();
    // What is no real channel does not belong into a real archive.
    config.archive.path = None;
    config.upstream.media_hosts = vec![base.to_owned()];
    config.upstream.rate = 100.0;
    config.upstream.burst = 100;
    config.upstream.proxies.clear();
    let first: Vec<ChannelName> =
        FIRST.into_iter().map(ChannelName::parse).collect::<Result<_, _>>()?;
    if config.collections.is_empty() {
        let all = Collection { title: Some("Sample news".to_owned()), channels: first.clone() };
        config.collections.insert(CollectionName::try_from(COLLECTION.to_owned())?, all);
    }
    if config.channels.follow.is_empty() {
        config.channels.follow = first;
    }
    Ok(())
}

/// A folder for files of no real channel, which goes when the demo ends.
struct Folder(PathBuf);

impl Folder {
    /// `None`: nothing is kept then.
    ///
    /// SECURITY: somebody else of this machine made a folder of that name before -> a folder that is there is not taken.
    fn create(number: u16) -> Option<Self> {
        let name = format!("feedline-demo-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        DirBuilder::new().mode(0o700).create(&path).ok()?;
        Some(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind is a few pictures in a folder for such things.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The addresses to try: first the channels with much to read, then the smaller ones, then what is refused.
fn welcome(telegram: &Telegram, links: &Links, pointing: &str) -> String {
    let options = FeedOptions::default();
    let control = telegram.control();
    let (mut channels, refused): (Vec<Sight>, Vec<Sight>) =
        control.channels().into_iter().partition(|sight| {
            control
                .channel(sight.name.as_str())
                .is_some_and(|channel| channel.kind == Kind::Channel)
        });
    let place = |sight: &Sight| FIRST.iter().position(|name| *name == sight.name.as_str());
    channels.sort_by_key(|sight| place(sight).unwrap_or(FIRST.len()));

    let mut text = format!("feedline is ready: {}\nIt reads a sample Telegram.\n", links.start());
    for Sight { name, title, shows } in channels {
        text.push_str(&format!("\n{title}: {shows}\n  {}\n", links.channel(&name, &options)));
        for format in Format::ALL {
            text.push_str(&format!("  {}\n", links.feed(&name, format, &options)));
        }
    }
    text.push_str("\nWhat a refusal looks like:\n");
    for Sight { name, shows, .. } in refused {
        text.push_str(&format!("  {}  {shows}\n", links.channel(&name, &options)));
    }
    text.push_str("\nFrom another terminal, over the same sample Telegram:\n");
    text.push_str(&format!("  feedline fetch {} {pointing}\n", FIRST[0]));
    text.push_str(&format!("  feedline serve {SERVE_APART} {pointing}\n"));
    text.push_str("\nStop it with Ctrl-C.\n");
    text
}

/// The flags that point another feedline of the same settings at the sample Telegram. Without the fallback it does not ask
/// Telegram itself when the demo has ended.
fn pointing(config: &Config, base: &str) -> String {
    let mut flags = format!("--set upstream.url={base} --set 'upstream.fallback=[]'");
    if !config.upstream.proxies.is_empty() {
        flags.push_str(" --set 'upstream.proxies=[]'");
    }
    if config.upstream.media_hosts != upstream::Settings::default().media_hosts {
        flags.push_str(&format!(" --set 'upstream.media_hosts=[\"{base}\"]'"));
    }
    flags
}
