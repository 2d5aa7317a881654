//! `feedline demo`: the whole of feedline over a Telegram of our own.

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use super::{print, runtime};
use crate::app::{self, App};
use crate::bridge::Clock;
use crate::config::Config;
use crate::demo::{Telegram, World};
use crate::links::{Base, Links};
use crate::model::{FeedOptions, Format};
use crate::telemetry;

pub(super) fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.telemetry)?;
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let stop = app::stop_signal(&tasks)?;
        let listener =
            TcpListener::bind("127.0.0.1:0").await.context("the sample Telegram cannot listen")?;
        let telegram = Telegram::start(listener, World::living(Clock::System.now()))?;
        point_to(&mut config, telegram.base())?;
        let app = App::build(&config, Clock::System).await?;
        let address = format!("http://{}", app.address());
        let base = config.web.base_url.clone().map_or_else(|| Base::parse(&address), Ok)?;
        print(&welcome(&telegram, &Links::new(base, FeedOptions::default())))?;
        app.run(stop).await;
        telegram.stop();
        Ok(ExitCode::SUCCESS)
    })
}

/// Everything is asked of the sample Telegram, as fast as one likes.
fn point_to(config: &mut Config, base: &str) -> anyhow::Result<()> {
    config.upstream.url = base.parse()?;
    config.upstream.fallback.clear();
    config.upstream.media_hosts = vec![base.to_owned()];
    config.net.rate = 100.0;
    config.net.burst = 100;
    config.net.proxies.clear();
    Ok(())
}

/// The addresses to try.
fn welcome(telegram: &Telegram, links: &Links) -> String {
    let options = FeedOptions::default();
    let mut text = format!("feedline over a sample Telegram: open {}\n\n", links.start());
    for channel in telegram.control().channels() {
        text.push_str(&format!("{}: {}\n", channel.title, channel.shows));
        text.push_str(&format!("  {}\n", links.channel(&channel.name, &options)));
        for format in Format::ALL {
            text.push_str(&format!("  {}\n", links.feed(&channel.name, format, &options)));
        }
    }
    text.push_str("\nStop it with Ctrl-C.\n");
    text
}
