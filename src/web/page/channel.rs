//! A channel's page.

use askama::Template;
use chrono::{DateTime, Utc};

use super::post::Item;
use super::{Error, Frame, feeds, render};
use crate::bridge::{Source, View};
use crate::feed::Selection;
use crate::links::{self, Links};
use crate::model::{Channel, FeedOptions};
use crate::text::html::{Context, Spoilers};

#[derive(Template)]
#[template(path = "channel.html")]
struct Page {
    frame: Frame,
    head: Head,
    /// What the options leave of the channel, in words; none when all is shown.
    filter: Option<String>,
    /// Why the posts are not fresh.
    notice: Option<String>,
    posts: Vec<Item>,
    newest: Option<String>,
    older: Option<String>,
}

/// What a channel says of itself.
pub(super) struct Head {
    title: String,
    name: String,
    page: String,
    telegram: String,
    avatar: Option<String>,
    /// HTML.
    description: String,
    marks: Vec<&'static str>,
    /// "checked 3 min ago · 12.4K subscribers"
    line: String,
}

/// A channel's page with the selected posts.
pub(in crate::web) fn channel(
    links: &Links,
    view: &View,
    selection: &Selection,
    options: &FeedOptions,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let snapshot = &view.known.snapshot;
    let channel = &snapshot.channel;
    let mut frame = Frame::new(links, format!("{} · feedline", channel.title));
    let content = options.with_before(None);
    frame.feeds = feeds(links, &channel.name, &channel.title, &content);
    let items = selection
        .posts
        .iter()
        .map(|kept| Item::new(links, kept, view.known.language, options, Some(channel)));
    let page = Page {
        frame,
        head: Head::new(links, channel, snapshot.fetched, now),
        filter: filter(options),
        notice: notice(view),
        posts: items.collect(),
        newest: options.before().map(|_| links.channel(&channel.name, &content)),
        older: selection
            .next
            .map(|next| links.channel(&channel.name, &options.with_before(Some(next)))),
    };
    render(&page)
}

impl Head {
    fn new(links: &Links, channel: &Channel, fetched: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let tag = |tag: &str| links.tag(&channel.name, tag.trim_start_matches('#'));
        let mut description = String::new();
        let context = Context { tag: &tag, spoilers: Spoilers::Reveal, app_links: true };
        channel.description.write_html(&context, &mut description);
        let marks =
            [(channel.verified, "verified"), (channel.scam, "scam"), (channel.fake, "fake")];
        let checked = (now - fetched).num_minutes();
        let checked = if checked < 1 {
            "checked just now".to_owned()
        } else {
            format!("checked {checked} min ago")
        };
        let subscribers =
            channel.counters.subscribers.as_ref().map(|count| format!("{count} subscribers"));
        Self {
            title: channel.title.clone(),
            name: channel.name.to_string(),
            page: links.channel(&channel.name, &FeedOptions::default()),
            telegram: links::telegram_channel(&channel.name),
            avatar: channel.avatar.as_ref().map(|_| links.avatar(&channel.name)),
            description,
            marks: marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect(),
            line: [Some(checked), subscribers]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · "),
        }
    }
}

/// The options that decide which posts are shown, as a person reads them.
fn filter(options: &FeedOptions) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(tag) = options.tag() {
        parts.push(format!("tagged #{tag}"));
    }
    if let Some(words) = options.query() {
        parts.push(format!("with “{words}”"));
    }
    let others = ["include", "exclude", "kind", "forwards", "replies", "ads", "service"];
    for name in others {
        let value = options.value(name);
        if value != FeedOptions::default().value(name) {
            parts.push(format!("{name} = {}", value.unwrap_or_default()));
        }
    }
    (!parts.is_empty()).then(|| format!("Only posts {}.", parts.join(", ")))
}

fn notice(view: &View) -> Option<String> {
    let why = match view.freshness.detail? {
        "partial" => "Telegram’s last page came cut; the rest follows with the next one.",
        "refreshing" => "These are the posts known so far; fresh ones are being fetched.",
        "throttled" => "Telegram throttles us at the moment; these are the last posts known.",
        "busy" => "There is a queue for Telegram at the moment; these are the last posts known.",
        "unreachable" | "timeout" => {
            "Telegram cannot be reached at the moment; these are the last posts known."
        }
        "markup_changed" => "Telegram’s page could not be read; these are the last posts known.",
        _ if view.freshness.source == Source::Stale => {
            "Telegram does not show this channel any more; these are the last posts known."
        }
        _ => return None,
    };
    Some(why.to_owned())
}
