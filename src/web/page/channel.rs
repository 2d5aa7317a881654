//! A channel's page.

use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::builder::{Builder, Made};
use super::context::{Context, there};
use super::day::{Day, by_day};
use super::filter::{filter, titled};
use super::item::{Item, fitting, usual_language};
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::{Selection, feed_title, title};
use crate::locale::{Message, Words};
use crate::model::{Channel, FeedOptions, Format, MessageId, Snapshot, StoredPost};
use crate::service::{CacheStatus, View};
use crate::text::{self, excerpt};

/// The posts whose dates tell how often a channel posts.
const SAMPLED: usize = 50;

/// In seconds.
const DAY: u64 = 24 * 60 * 60;

/// The most that a channel's description may weigh: Telegram's are of 255 characters at most.
const LONGEST_DESCRIPTION: usize = 8 * 1024;

/// The columns of a name that are shown.
const TITLE: usize = 160;

/// The columns of a description that stand in the page's head.
const DESCRIPTION: usize = 200;

/// The matching posts that the form names.
const EXAMPLES: usize = 3;

#[derive(Template)]
#[template(path = "channel.html")]
struct Page {
    frame: Frame,
    head: Head,
    builder: Builder,
    /// What the options leave of the channel, in words; none when all is shown.
    filter: Option<String>,
    /// Why the posts are not fresh.
    notice: Option<&'static str>,
    days: Vec<Day>,
    paging: Paging,
}

/// The ways to other pages of the same.
#[derive(Default)]
pub(super) struct Paging {
    pub(super) newest: Option<String>,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

impl Paging {
    pub(super) fn is_empty(&self) -> bool {
        self.newest.is_none() && self.newer.is_none() && self.older.is_none()
    }
}

/// What a channel says of itself.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) name: String,
    pub(super) page: String,
    pub(super) telegram: String,
    pub(super) avatar: Option<String>,
    /// HTML.
    pub(super) description: String,
    /// BCP 47, or empty.
    pub(super) language: &'static str,
    pub(super) marks: Vec<&'static str>,
    pub(super) line: String,
}

/// Where the page of newer posts begins: with the newest, or before a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Newer(pub(in crate::web) Option<MessageId>);

/// A channel's page with the selected posts; `newer` is none on the page of the newest.
pub(in crate::web) fn channel(
    context: &Context<'_>,
    view: &View,
    selection: &Selection,
    options: &FeedOptions,
    newer: Option<Newer>,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let channel = &view.known.snapshot.channel;
    let name = &channel.name;
    let usual = usual_language(selection.posts.iter());
    let title = titled(words, &shown(&channel.title), options, options.before().is_some());
    let mut frame = Frame::new(words, links, format!("{title} · feedline"));
    let content = options.with_before(None);
    let of_feeds = feed_title(shown(&channel.title), &content);
    frame.feeds = feeds(&of_feeds, |format| links.feed(name, format, &content));
    frame.meta = Some(meta(context, channel, title, &links.channel(name, options)));
    let items =
        selection.posts.iter().map(|kept| Item::new(context, kept, options, Some(channel), usual));
    let items = fitting(items);
    let older = match selection.posts.get(items.len()) {
        Some(_) => items.len().checked_sub(1).map(|last| selection.posts[last].post.id),
        None => selection.next,
    };
    let at = |before| links.channel(name, &options.with_before(before));
    let page = Page {
        frame,
        head: Head::new(context, &view.known.snapshot, usual, now),
        builder: builder(context, channel, selection, &content),
        filter: filter(words, options),
        notice: notice(words, view),
        days: by_day(context, items),
        paging: Paging {
            newest: None,
            newer: newer.map(|Newer(before)| at(before)),
            older: older.map(|older| at(Some(older))),
        },
    };
    render(&page)
}

fn builder(
    context: &Context<'_>,
    channel: &Channel,
    selection: &Selection,
    options: &FeedOptions,
) -> Builder {
    let (links, name) = (context.links, &channel.name);
    let example = |kept: &Arc<StoredPost>| {
        let title = title::build(&kept.post, context.words.language());
        (title, links.post(name, kept.post.id))
    };
    Builder::new(
        context.words,
        Made {
            action: links.channel(name, links.defaults()),
            address: links.feed(name, Format::Rss, options),
            options,
            defaults: links.defaults(),
            matched: selection.matched,
            considered: selection.considered,
            examples: selection.posts.iter().take(EXAMPLES).map(example).collect(),
        },
    )
}

/// What others show of the page.
fn meta(context: &Context<'_>, channel: &Channel, title: String, page: &str) -> Meta {
    let said = channel.description.plain(text::Spoilers::Mask);
    Meta {
        kind: "website",
        title,
        description: excerpt(&said, DESCRIPTION),
        page: page.to_owned(),
        picture: context.avatar(channel),
    }
}

/// A name, as much as a page shows of it.
pub(super) fn shown(title: &str) -> String {
    if title.len() <= TITLE { title.to_owned() } else { excerpt(title, TITLE) }
}

impl Head {
    pub(super) fn new(
        context: &Context<'_>,
        snapshot: &Snapshot,
        usual: &'static str,
        now: DateTime<Utc>,
    ) -> Self {
        let (words, links) = (context.words, context.links);
        let channel = &snapshot.channel;
        let marks = [
            (channel.verified, "channel-verified"),
            (channel.scam, "channel-scam"),
            (channel.fake, "channel-fake"),
        ];
        Self {
            title: shown(&channel.title),
            name: channel.name.to_string(),
            page: links.channel(&channel.name, &FeedOptions::default()),
            telegram: there(&channel.name),
            avatar: context.avatar(channel),
            description: description(context, channel),
            language: usual,
            marks: marks
                .into_iter()
                .filter(|(is_set, _)| *is_set)
                .map(|(_, key)| words.tr(key))
                .collect(),
            line: about(words, snapshot, now),
        }
    }
}

fn description(context: &Context<'_>, channel: &Channel) -> String {
    let short = channel.description.shortened(LONGEST_DESCRIPTION);
    let text = short.as_ref().unwrap_or(&channel.description);
    context.written(&channel.name, |place, html| text.write_html(place, html))
}

/// "11 posts a week · checked 3 min ago · 12.4K subscribers"
fn about(words: &'static Words, snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let subscribers = snapshot.channel.counters.subscribers.as_ref();
    let parts = [
        frequency(&snapshot.posts).map(|(posts, unit)| {
            let message = Message::new("channel-frequency").with("number", posts);
            words.message(&message.with("unit", unit))
        }),
        Some(checked(words, now - snapshot.fetched)),
        subscribers.map(|count| words.subscribers(count)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How many posts the channel has in a unit of time, the shortest with more than one; `None` when too little is known.
fn frequency(posts: &[Arc<StoredPost>]) -> Option<(u64, &'static str)> {
    let said = posts.iter().filter(|kept| kept.post.service.is_none()).take(SAMPLED);
    let dates: Vec<i64> = said.map(|kept| kept.post.published.timestamp()).collect();
    let gaps = dates.len().checked_sub(1).filter(|gaps| *gaps >= 2)? as u64;
    let span = u64::try_from(dates.first()? - dates.last()?).ok().filter(|span| *span > 0)?;
    let units = [(1, "day"), (7, "week"), (30, "month"), (365, "year")];
    let counts = units.map(|(days, unit)| ((gaps * days * DAY + span / 2) / span, unit));
    counts.into_iter().find(|(count, _)| *count > 1)
}

/// `checked 3 min ago`.
pub(super) fn checked(words: &'static Words, ago: TimeDelta) -> String {
    let minutes = u64::try_from(ago.num_minutes()).unwrap_or(0);
    match minutes {
        0 => words.tr("channel-checked-now").to_owned(),
        1..60 => words.tr_count("channel-checked-minutes", minutes),
        60..2880 => words.tr_count("channel-checked-hours", minutes / 60),
        _ => words.tr_count("channel-checked-days", minutes / 1440),
    }
}

/// Why the posts of a channel's page are not fresh.
fn notice(words: &'static Words, view: &View) -> Option<&'static str> {
    let key = match view.freshness.detail? {
        "partial" => "channel-partial",
        "refreshing" => "channel-refreshing",
        "throttled" => "channel-throttled",
        "busy" => "channel-busy",
        "unreachable" | "timeout" => "channel-unreachable",
        "markup_changed" => "channel-markup-changed",
        _ if view.freshness.source == CacheStatus::Stale => "channel-gone",
        _ => return None,
    };
    Some(words.tr(key))
}

/// Why a channel is not there, by the code of its refusal.
pub(super) fn reason(words: &'static Words, code: &str) -> &'static str {
    words.tr(match code {
        "not_found" => "reason-not-found",
        "not_a_channel" => "reason-not-a-channel",
        "group" => "reason-group",
        "preview_off" => "reason-preview-off",
        "blocked" => "reason-blocked",
        "throttled" => "reason-throttled",
        "busy" => "reason-busy",
        "unreachable" => "reason-unreachable",
        "markup_changed" => "reason-markup-changed",
        "refreshing" => "reason-refreshing",
        _ => "reason-timeout",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelName, Identity, MessageId, Post};

    fn posts(hours: &[i64]) -> Vec<Arc<StoredPost>> {
        let channel = ChannelName::parse("tearoad").unwrap();
        let post = |(hour, id): (&i64, u32)| {
            let published = DateTime::from_timestamp(1_700_000_000 - hour * 3600, 0).unwrap();
            let id = MessageId::new(id).unwrap();
            let post = Post::new(channel.clone(), id, published);
            let identity = Identity { channel: channel.clone(), message: id, number: None };
            Arc::new(StoredPost { post, identity, updated: published })
        };
        hours.iter().zip(1..).map(post).collect()
    }

    #[test]
    fn frequency_is_in_the_shortest_unit_with_several_posts() {
        for (hours, told) in [
            (vec![0, 2, 4, 6], Some((12, "day"))),
            (vec![0, 24, 48], Some((7, "week"))),
            (vec![0, 15, 30], Some((2, "day"))),
            (vec![0, 300, 600], Some((2, "month"))),
            (vec![0, 2000, 4000], Some((4, "year"))),
            (vec![0, 20_000, 40_000], None),
            (vec![0, 24], None),
            (vec![5, 5, 5, 5], None),
            (vec![], None),
        ] {
            assert_eq!(frequency(&posts(&hours)), told, "{hours:?}");
        }
    }
}
