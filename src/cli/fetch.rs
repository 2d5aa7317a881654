//! `feedline fetch`: a channel's feed, or a post, on the standard output, without a server.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::task::TaskTracker;

use super::{print, runtime};
use crate::app;
use crate::archive::{self, Archive};
use crate::config::Config;
use crate::feed::{Selection, content};
use crate::links::{self, Base, Links};
use crate::model::options::{MOST_POSTS, NAMES};
use crate::model::{BadOption, ChannelName, FeedOptions, Format, Language, Post, Source, Target};
use crate::service::search::{self, Query};
use crate::service::{
    ChannelState, ClientId, Clock, Error, NetworkError, PostView, Refusal, Service, Step,
};
use crate::telemetry;
use crate::text::counted;

/// How long one step of a walk through a channel's history may take.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const EXAMPLES: &str = "Examples:\n  \
    feedline fetch telegram                      its RSS feed (newsboat: \"exec:feedline fetch telegram\")\n  \
    feedline fetch t.me/telegram --format text   for reading here\n  \
    feedline fetch @telegram --posts 100 --format json > telegram.json\n  \
    feedline fetch telegram --posts 5000 --archive --format html > telegram.html\n  \
    feedline fetch telegram -o tag=news -o kind=photo,video\n  \
    feedline fetch t.me/telegram/100             a post by itself\n\n\
    The options are those of a feed's address. Files and hashtags lead to Telegram, whose addresses of files end after \
    days, or to server.base_url if it is set. \
    Progress is printed on the standard error.";

/// Prints a channel's feed, or a post, without a server.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The channel: a name or its link in any form, also inside a text; or the link of a post, a public group's too.
    #[arg(allow_negative_numbers = true)]
    channel: String,
    /// What to print; without it rss, and text for a post.
    #[arg(long, value_enum)]
    format: Option<Output>,
    /// How many posts, up to 20,000, however far back they lie.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    posts: Option<u32>,
    /// Use the archive: what is there is not asked for again, and what is fetched is kept.
    #[arg(long)]
    archive: bool,
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
        ..config.log.clone()
    })?;
    let target = super::target(&arguments.channel)?;
    refuse_options_of_link(&arguments.channel)?;
    let archive = || match arguments.archive {
        true => Archive::open(&config.archive_settings()),
        false => Archive::open(&archive::Settings::default()),
    };
    let base = config.server.base_url.clone().unwrap_or_else(Base::telegram);
    let links = Links::new(base.clone(), config.feed.options.clone());
    if let Some(id) = target.message {
        let output = output_of_post(arguments)?;
        let archive = archive()?;
        return runtime()?.block_on(async {
            let service = app::build_service(
                config,
                app::build_files(config)?,
                archive,
                Clock::System,
                &TaskTracker::new(),
            )?;
            let view =
                service.post(&target.channel, id, ClientId::OPERATOR).await.map_err(explain)?;
            print(&post(&view, output, &links))
        });
    }
    let options = options(config, arguments, &target)?;
    let sought = search::in_channel(&options)?;
    let output = arguments.format.unwrap_or(Output::Rss);
    let archive = archive()?;
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let service =
            app::build_service(config, app::build_files(config)?, archive, Clock::System, &tasks)?;
        let printed = match arguments.posts {
            Some(posts) => {
                let wanted = Wanted { options: &options, sought: sought.as_ref(), posts };
                walk(&service, &target, &wanted, &links, output).await
            }
            None => feed(&service, &target, &options, &links, &base, output).await,
        };
        print(&printed?)
    })
}

/// A link's search is read with the link. Other options behind its `?` belong to a feed's address, and would be lost.
fn refuse_options_of_link(link: &str) -> anyhow::Result<()> {
    let Some((_, query)) = link.split_once('?') else { return Ok(()) };
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, _)| name != "q" && NAMES.contains(&name.as_ref())) {
        Some((name, value)) => bail!("give the link's option as `-o {name}={value}`"),
        None => Ok(()),
    }
}

/// The options of a feed's address that were given, and what the link looks for.
fn options(config: &Config, arguments: &Arguments, target: &Target) -> anyhow::Result<FeedOptions> {
    let defaults = &config.feed.options;
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
            bail!("--posts and the option limit both say how many posts: give one of them");
        }
        options.set("limit", &posts.min(MOST_POSTS.into()).to_string())?;
    }
    Ok(options)
}

/// In what a post is printed; an error for what is asked of a channel only.
fn output_of_post(arguments: &Arguments) -> anyhow::Result<Output> {
    let output = arguments.format.unwrap_or(Output::Text);
    if output.format().is_some() || arguments.posts.is_some() || !arguments.options.is_empty() {
        bail!(
            "this is the link of a post, which is printed by itself, with --format text or html. \
             For the channel's feed leave the number out: then --posts and --option say which posts"
        );
    }
    Ok(output)
}

/// One post by itself, of a channel or a public group.
fn post(view: &PostView, output: Output, links: &Links) -> String {
    let post = &view.post.post;
    let head = Head {
        title: &view.title,
        name: &post.channel,
        language: view.channel.as_ref().map(|state| state.language).unwrap_or_default(),
        options: links.defaults(),
    };
    output.write(&head, &[post], links)
}

/// What a reader gets who asks for the channel's feed.
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
        let page = service.page(&source, options, PATIENCE, ClientId::OPERATOR).await;
        let listing = page.map_err(explain)?;
        let state = listing.channels.states.first().context("a channel has a state")?;
        return Ok(output.write_all(state, &listing.selection, options, links));
    };
    let feed =
        service.feed(&source, options, format, base, ClientId::OPERATOR).await.map_err(explain)?;
    let body = std::str::from_utf8(feed.rendered.body()).context("a feed is UTF-8")?;
    Ok(body.to_owned())
}

/// What a walk through a channel's history is to bring.
struct Wanted<'a> {
    options: &'a FeedOptions,
    /// What their `q` looks for.
    sought: Option<&'a Query>,
    posts: u32,
}

/// As many posts as were asked for, however far back they lie.
async fn walk(
    service: &Service,
    target: &Target,
    wanted: &Wanted<'_>,
    links: &Links,
    output: Output,
) -> anyhow::Result<String> {
    let Wanted { options, sought, posts } = *wanted;
    let bar = progress(posts);
    let tell = |step| match step {
        Step::Seen(posts) => {
            bar.set_message("");
            bar.set_position(posts as u64);
        }
        Step::Pausing(pause) => {
            bar.set_message(format!("Telegram asks for a pause of {} s", pause.as_secs()));
        }
    };
    let number = usize::try_from(posts).unwrap_or(usize::MAX);
    let walked = service.walk(&target.channel, options, sought, number, PATIENCE, tell).await;
    bar.finish_and_clear();
    let walked = walked.map_err(explain)?;
    if let Some(error) = walked.error.clone() {
        let count = walked.selection.entries.len();
        let wanted = counted(posts, "post");
        writeln!(std::io::stderr(), "{count} of {wanted}. {}", explain(error))?;
    }
    let Some(format) = output.format() else {
        return Ok(output.write_all(&walked.view.state, &walked.selection, options, links));
    };
    String::from_utf8(service.write(&walked, options, links, format)).context("a feed is UTF-8")
}

/// A bar on the standard error, when that is a terminal.
fn progress(posts: u32) -> ProgressBar {
    let wanted = counted(posts, "post");
    let template = format!("{{pos}} of {wanted} [{{wide_bar}}] {{elapsed}} {{msg}}");
    let style = ProgressStyle::with_template(&template);
    let bar = ProgressBar::new(posts.into());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
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

    /// What is no feed, of a channel.
    fn write_all(
        self,
        state: &ChannelState,
        selection: &Selection,
        options: &FeedOptions,
        links: &Links,
    ) -> String {
        let channel = &state.snapshot.channel;
        let language = state.language;
        let head = Head { title: &channel.title, name: &channel.name, language, options };
        let posts: Vec<&Post> = selection.entries.iter().map(|entry| &entry.post.post).collect();
        self.write(&head, &posts, links)
    }

    fn write(self, head: &Head<'_>, posts: &[&Post], links: &Links) -> String {
        match self {
            Self::Html => html(head, posts, links),
            _ => text(head, posts, links),
        }
    }
}

/// Whose posts are printed.
struct Head<'a> {
    title: &'a str,
    name: &'a ChannelName,
    /// Of our own words.
    language: Language,
    /// How their content looks.
    options: &'a FeedOptions,
}

fn explain(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(refusal) => anyhow!("{}", told(&refusal)),
        other => anyhow!(other),
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable(NetworkError::Network { .. }) => {
            format!("{refusal} `feedline check` asks each of Telegram's hosts.")
        }
        other => other.to_string(),
    }
}

/// For reading in a terminal: oldest first, so that the newest stands at the end.
fn text(head: &Head<'_>, posts: &[&Post], links: &Links) -> String {
    let mut text = format!("{} (@{})\n", head.title, head.name);
    let context = content::Context::new(content::Place::Feed, links, head.language, head.options);
    for post in posts.iter().rev() {
        let body = content::plain(post, &context);
        let date = post.published.format("%Y-%m-%d %H:%M");
        text.push_str(&format!(
            "\n— {date} {}\n{body}\n",
            links::telegram_post(&post.channel, post.id)
        ));
    }
    // SECURITY: control characters that a terminal obeys, in a title or a text -> they are taken out.
    text.retain(|character| matches!(character, '\n' | '\t') || !character.is_control());
    text
}

/// The posts as one plain document. It has no stylesheet that could hide spoilers: they are masked as in feeds.
fn html(head: &Head<'_>, posts: &[&Post], links: &Links) -> String {
    let mut html = String::from("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>");
    crate::text::html::escape(head.title, &mut html);
    html.push_str("</title>\n");
    let context = content::Context::new(content::Place::Feed, links, head.language, head.options);
    for post in posts {
        html.push_str("<article>\n");
        html.push_str(&content::write(post, &context));
        html.push_str("\n</article>\n");
    }
    html
}
