//! `feedline fetch`: a channel's feed on the standard output, without a server.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::ValueEnum;
use tokio_util::task::TaskTracker;

use super::{print, runtime};
use crate::app;
use crate::bridge::{Bridge, Clock, Error, View};
use crate::config::Config;
use crate::feed::{Selection, content, title};
use crate::links::{self, Base, Links};
use crate::model::options::MOST_POSTS;
use crate::model::{FeedOptions, Format, Target};
use crate::telemetry;
use crate::text::Spoilers;

/// How long one step of a walk through a channel's history may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline fetch telegram                      its RSS feed (newsboat: \"exec:feedline fetch telegram\")\n  \
    feedline fetch t.me/telegram --format text   for reading here\n  \
    feedline fetch @telegram --posts 100 --format json > telegram.json\n  \
    feedline fetch telegram -o tag=news -o kind=photo,video\n\n\
    The options are those of a feed's address. What is printed about the progress goes to the standard error.";

/// Prints a channel's feed, without a server.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The channel: a name or any form of its link.
    channel: String,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Output::Rss)]
    format: Output,
    /// How many posts, up to 500, however far back they lie.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_POSTS)))]
    posts: Option<u16>,
    /// An option of a feed's address, such as tag=news; can be given several times.
    #[arg(long = "option", short = 'o', value_name = "NAME=VALUE")]
    options: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    Rss,
    Atom,
    Json,
    Html,
    Text,
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    telemetry::start(&telemetry::Settings {
        level: telemetry::Level::parse("warn")?,
        ..config.telemetry.clone()
    })?;
    let target = Target::parse(&arguments.channel)?;
    let mut options = config.bridge.feed.options.clone();
    for text in &arguments.options {
        let (name, value) = text
            .split_once('=')
            .with_context(|| format!("--option takes NAME=VALUE, not {text}"))?;
        options.set(name.trim(), value)?;
    }
    if let Some(posts) = arguments.posts {
        options.set("limit", &posts.to_string())?;
    }
    let base = match &config.web.base_url {
        Some(base) => base.clone(),
        None => Base::parse(&format!("http://{}", config.web.listen))?,
    };
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let bridge = app::build_bridge(config, Clock::System, &tasks)?;
        let links = Links::new(base.clone(), config.bridge.feed.options.clone());
        let (view, selection) = walk(&bridge, &target, &options, &links).await?;
        let name = &view.known.snapshot.channel.name;
        let format = match arguments.format {
            Output::Text => return print(&text(&view, &selection)),
            Output::Html => return print(&html(&view, &selection, &links)),
            Output::Rss => Format::Rss,
            Output::Atom => Format::Atom,
            Output::Json => Format::Json,
        };
        let feed = bridge.feed(name, &options, format, &base).await.map_err(explain)?;
        let body = std::str::from_utf8(feed.rendered.body()).context("a feed is UTF-8")?;
        print(body)
    })
}

/// Asks until there are as many posts as wanted, or no more come.
async fn walk(
    bridge: &Bridge,
    target: &Target,
    options: &FeedOptions,
    links: &Links,
) -> anyhow::Result<(View, Selection)> {
    let wanted = options.limit().map_or(0, usize::from);
    let mut last = 0;
    loop {
        let (view, selection) =
            bridge.selection(&target.channel, options, links, PATIENCE).await.map_err(explain)?;
        let gathered = selection.considered;
        if selection.posts.len() >= wanted || gathered <= last || selection.next.is_none() {
            if let Some(detail) = view.freshness.detail {
                writeln!(std::io::stderr(), "not all of it: {detail}")?;
            }
            return Ok((view, selection));
        }
        last = gathered;
        writeln!(std::io::stderr(), "{} of {wanted} posts", selection.posts.len())?;
    }
}

fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refusal) => anyhow!("{}: {}", refusal.title(), refusal.detail()),
        other => anyhow!(other),
    }
}

/// For reading in a terminal: oldest first, so that the newest stands at the end.
fn text(view: &View, selection: &Selection) -> String {
    let channel = &view.known.snapshot.channel;
    let mut text = format!("{} (@{})\n", channel.title, channel.name);
    for kept in selection.posts.iter().rev() {
        let post = &kept.post;
        let body = post.text.plain(Spoilers::Mask);
        let body = if body.is_empty() { title::build(post, view.known.language) } else { body };
        let date = post.published.format("%Y-%m-%d %H:%M");
        text.push_str(&format!(
            "\n— {date} {}\n{body}\n",
            links::telegram_post(&post.channel, post.id)
        ));
    }
    text
}

/// The posts as one plain document.
fn html(view: &View, selection: &Selection, links: &Links) -> String {
    let channel = &view.known.snapshot.channel;
    let mut html = String::from("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>");
    crate::text::html::escape(&channel.title, &mut html);
    html.push_str("</title>\n");
    let context = content::Context::new(
        content::Place::Page,
        links,
        view.known.language,
        &FeedOptions::default(),
    );
    for kept in &selection.posts {
        html.push_str("<article>\n");
        html.push_str(&content::write(&kept.post, &context));
        html.push_str("\n</article>\n");
    }
    html
}
