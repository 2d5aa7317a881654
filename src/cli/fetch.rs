//! `feedline fetch`: prints a channel's feed or a post, without a server.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use tokio_util::task::TaskTracker;

use super::{minute, print, print_error, progress_bar, refusal, runtime};
use crate::app;
use crate::archive::{self, Archive};
use crate::config::Config;
use crate::feed::{Selection, content};
use crate::links::{self, Base, Links};
use crate::model::options::{MAX_LIMIT, NAMES};
use crate::model::{BadOption, ChannelName, FeedOptions, Format, Post, Source, Target};
use crate::service::search::{self, Query};
use crate::service::{
    ChannelState, ClientId, Clock, Error, NetworkError, PostView, Refusal, Service, Step,
};
use crate::text::counted;

/// For one page.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline fetch telegram                      its RSS feed (newsboat: \"exec:feedline fetch telegram\")\n  \
    feedline fetch t.me/telegram --format text   for the terminal\n  \
    feedline fetch @telegram --posts 100 --format json > telegram.json\n  \
    feedline fetch telegram --posts 5000 --archive --format html > telegram.html\n  \
    feedline fetch telegram -o tag=news -o kind=photo,video\n  \
    feedline fetch t.me/telegram/100             a single post\n\n\
    The options are those of a feed's URL. Files and hashtags link to Telegram, whose file URLs expire after days, or to \
    server.base_url if it is set. \
    Progress goes to the standard error.";

/// Print a channel's feed or a post, without a server.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Channel: a name, a link, or text with one; or the link of a post, also of a public group.
    #[arg(allow_negative_numbers = true)]
    channel: String,
    /// Output format [default: rss, text for a post].
    #[arg(long, value_enum)]
    format: Option<Output>,
    /// Number of posts, up to 20,000; fetches older pages as needed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    posts: Option<u32>,
    /// Read from and store in the archive.
    #[arg(long)]
    archive: bool,
    /// An option of a feed's URL, such as tag=news; repeatable.
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
    super::start_log(config, "warn")?;
    let target = super::target(&arguments.channel)?;
    refuse_link_options(&arguments.channel)?;
    let base = config.web.base_url.clone().unwrap_or_else(Base::telegram);
    let links = Links::new(base.clone(), config.service.feed.options.clone());
    if let Some(id) = target.message {
        let output = post_output(arguments)?;
        let archive = open_archive(config, arguments)?;
        return runtime()?.block_on(async {
            let service = build_service(config, archive)?;
            let view =
                service.post(&target.channel, id, ClientId::OPERATOR).await.map_err(explain)?;
            print(&post(&view, output, &links))
        });
    }
    let options = options(config, arguments, &target)?;
    let query = search::in_channel(&options)?;
    let output = arguments.format.unwrap_or(Output::Rss);
    let archive = open_archive(config, arguments)?;
    runtime()?.block_on(async {
        let service = build_service(config, archive)?;
        let printed = match arguments.posts {
            Some(posts) => {
                let search = (&options, query.as_ref());
                history(&service, &target, search, posts, &links, output).await
            }
            None => feed(&service, &target, &options, &links, &base, output).await,
        };
        print(&printed?)
    })
}

/// In memory, unless `--archive` is given.
fn open_archive(config: &Config, arguments: &Arguments) -> anyhow::Result<Archive> {
    let in_memory = archive::Settings::default();
    Ok(Archive::open(if arguments.archive { &config.archive } else { &in_memory })?)
}

fn build_service(config: &Config, archive: Archive) -> anyhow::Result<Service> {
    let files = app::build_files(config)?;
    app::build_service(config, files, archive, Clock::System, &TaskTracker::new())
}

/// A search in the link is used. Other options in its query belong to a feed's URL and would be ignored.
fn refuse_link_options(link: &str) -> anyhow::Result<()> {
    let Some((_, query)) = link.split_once('?') else { return Ok(()) };
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, _)| name != "q" && NAMES.contains(&name.as_ref())) {
        Some((name, value)) => bail!("give the option in the link as `-o {name}={value}`"),
        None => Ok(()),
    }
}

/// The given options, and the search in the link.
fn options(config: &Config, arguments: &Arguments, target: &Target) -> anyhow::Result<FeedOptions> {
    let defaults = &config.service.feed.options;
    let mut options = target.options(defaults)?;
    let of_link = ["q", "tag"].into_iter().find(|name| options.value(name) != defaults.value(name));
    let mut given: Vec<&str> = of_link.into_iter().collect();
    for text in &arguments.options {
        let (name, value) = text
            .split_once('=')
            .with_context(|| format!("--option takes NAME=VALUE, not {text}"))?;
        let name = name.trim();
        if given.contains(&name) {
            return Err(BadOption::Twice { option: name.to_owned() }.into());
        }
        options.set(name, value)?;
        given.push(name);
    }
    if let Some(posts) = arguments.posts {
        if given.contains(&"limit") {
            bail!("--posts and the option limit exclude each other");
        }
        options.set("limit", &posts.min(MAX_LIMIT.into()).to_string())?;
    }
    Ok(options)
}

/// The format of a single post; options of channels are errors.
fn post_output(arguments: &Arguments) -> anyhow::Result<Output> {
    let output = arguments.format.unwrap_or(Output::Text);
    if output.format().is_some() || arguments.posts.is_some() || !arguments.options.is_empty() {
        bail!(
            "this is the link of a single post: only --format text and html apply. \
             For the channel's feed remove the number from the link"
        );
    }
    Ok(output)
}

fn post(view: &PostView, output: Output, links: &Links) -> String {
    let post = &view.post.post;
    let language = view.channel.as_ref().map(|state| state.language).unwrap_or_default();
    Document {
        title: &view.title,
        name: &post.channel,
        posts: vec![post],
        context: content::Context::new(content::Place::Feed, links, language, links.defaults()),
    }
    .write(output)
}

/// The channel's feed, as the server returns it.
async fn feed(
    service: &Service,
    target: &Target,
    options: &FeedOptions,
    links: &Links,
    base: &Base,
    output: Output,
) -> anyhow::Result<String> {
    let source = Source::channel(target.channel.clone());
    let Some(format) = output.format() else {
        let page = service.feeds().page(&source, options, TIMEOUT, ClientId::OPERATOR).await;
        let listing = page.map_err(explain)?;
        let state = listing.channels.states.first().context("a channel has a state")?;
        return Ok(document(state, &listing.selection, options, links).write(output));
    };
    let feed = service
        .feeds()
        .feed(&source, options, format, base, ClientId::OPERATOR)
        .await
        .map_err(explain)?;
    let body = std::str::from_utf8(feed.rendered.body()).context("feeds are UTF-8")?;
    Ok(body.to_owned())
}

/// Fetches older pages until there are enough posts.
async fn history(
    service: &Service,
    target: &Target,
    (options, query): (&FeedOptions, Option<&Query>),
    posts: u32,
    links: &Links,
    output: Output,
) -> anyhow::Result<String> {
    let bar = progress_bar(posts.into(), "{pos} of {len} posts [{wide_bar}] {elapsed} {msg}");
    let report = |step| match step {
        Step::Seen(posts) => {
            bar.set_message("");
            bar.set_position(posts as u64);
        }
        Step::Pausing(pause) => {
            bar.set_message(format!("throttled by Telegram for {} s", pause.as_secs()));
        }
    };
    let number = usize::try_from(posts).unwrap_or(usize::MAX);
    let walked = service.walk(&target.channel, options, query, number, TIMEOUT, report).await;
    bar.finish_and_clear();
    let walked = walked.map_err(explain)?;
    if let Some(error) = walked.error.clone() {
        let count = walked.selection.entries.len();
        let wanted = counted(posts, "post");
        print_error(format_args!("{count} of {wanted}. {}", explain(error)))?;
    }
    let Some(format) = output.format() else {
        let document = document(&walked.view.state, &walked.selection, options, links);
        return Ok(document.write(output));
    };
    String::from_utf8(service.write(&walked, options, links, format)).context("feeds are UTF-8")
}

impl Output {
    fn format(self) -> Option<Format> {
        match self {
            Self::Rss => Some(Format::Rss),
            Self::Atom => Some(Format::Atom),
            Self::Json => Some(Format::Json),
            Self::Html | Self::Text => None,
        }
    }
}

fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refusal @ Refusal::Unreachable(NetworkError::Network { .. })) => {
            anyhow!("{} `feedline check` tests each of Telegram's hosts.", refusal::full(&refusal))
        }
        Error::Refused(refusal) | Error::Gone(refusal) => anyhow!(refusal::full(&refusal)),
        other => anyhow!(other),
    }
}

/// A channel or post as text or HTML.
struct Document<'a> {
    title: &'a str,
    name: &'a ChannelName,
    posts: Vec<&'a Post>,
    context: content::Context<'a>,
}

fn document<'a>(
    state: &'a ChannelState,
    selection: &'a Selection,
    options: &'a FeedOptions,
    links: &'a Links,
) -> Document<'a> {
    let channel = &state.snapshot.channel;
    Document {
        title: &channel.title,
        name: &channel.name,
        posts: selection.entries.iter().map(|entry| &entry.post.post).collect(),
        context: content::Context::new(content::Place::Feed, links, state.language, options),
    }
}

impl Document<'_> {
    fn write(&self, output: Output) -> String {
        if output == Output::Html { self.html() } else { self.text() }
    }

    /// For terminals: oldest first, so that the newest post is at the end.
    fn text(&self) -> String {
        let mut text = format!("{} (@{})\n", self.title, self.name);
        for post in self.posts.iter().rev() {
            let body = content::plain(post, &self.context);
            let link = links::telegram_post(&post.channel, post.id);
            text.push_str(&format!("\n— {} {link}\n{body}\n", minute(post.published)));
        }
        // SECURITY: terminal control characters in titles or texts -> removed.
        text.retain(|character| matches!(character, '\n' | '\t') || !character.is_control());
        text
    }

    /// One document without stylesheet, so spoilers are masked as in feeds.
    fn html(&self) -> String {
        let mut html = String::from("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>");
        crate::text::html::escape(self.title, &mut html);
        html.push_str("</title>\n");
        for post in &self.posts {
            let content = content::write(post, &self.context);
            html.push_str(&format!("<article>\n{content}\n</article>\n"));
        }
        html
    }
}
