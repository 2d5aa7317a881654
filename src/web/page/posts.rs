//! The page with the posts of one or several channels.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};

use super::builder::Builder;
use super::context::Context;
use super::filter::{filter, titled};
use super::item::{Day, Item, by_day, fitting, usual_language};
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::{Entry, Selection, feed_title, title};
use crate::links::telegram_channel;
use crate::locale::{Message, Words};
use crate::model::{
    Channel, ChannelName, Cursor, FeedOptions, MessageId, Snapshot, Source, StoredPost,
};
use crate::service::{CacheStatus, ChannelState, Freshness, Listing, Missing, SourceView};
use crate::text::{self, excerpt};

/// The number of posts for the frequency estimate.
const SAMPLED: usize = 50;

/// In seconds.
const DAY: u64 = 24 * 60 * 60;

/// The weight limit of a channel's description. Telegram allows 255 characters.
const MAX_DESCRIPTION: usize = 8 * 1024;

/// The width of a displayed title, in columns.
const TITLE: usize = 160;

/// The width of the Open Graph description, in columns.
const DESCRIPTION: usize = 200;

/// The number of matching posts that the form lists.
const EXAMPLES: usize = 3;

/// The number of channels in the heading.
const NAMED: usize = 3;

#[derive(Template)]
#[template(path = "posts.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The page without options.
    page: String,
    /// On the page of a single channel.
    head: Option<Head>,
    /// On the page of several channels.
    several: Option<Several>,
    builder: Builder,
    /// The active filter options; `None` if nothing is filtered.
    filter: Option<String>,
    /// The reason why the posts are not fresh.
    notice: Option<&'static str>,
    days: Vec<Day>,
    paging: Paging,
}

/// The header of several channels.
struct Several {
    title: String,
    /// Title and page.
    channels: Vec<(String, String)>,
    /// Name, page, and the reason why the channel is missing.
    missing: Vec<(String, String, &'static str)>,
    opml: String,
}

/// Links to other pages of the same source.
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

/// The header of a channel.
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

/// The start of the page with newer posts: `None` is the newest page, otherwise the posts before this ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Newer(pub(in crate::web) Option<MessageId>);

/// The page of the selected posts. `newer` is `None` on the newest page.
pub(in crate::web) fn posts(
    context: &Context<'_>,
    source: &Source,
    listing: &Listing,
    options: &FeedOptions,
    newer: Option<Newer>,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let Listing { channels: view, selection } = listing;
    let single = view.states.first().filter(|_| source.single().is_some());
    let channel = single.map(|state| &state.snapshot.channel);
    let name = match channel {
        Some(channel) => shown(&channel.title),
        None => name(context, source, &view.states),
    };
    // Links use the channel's own capitalisation of its name.
    let source = channel.map_or_else(|| source.clone(), |one| Source::channel(one.name.clone()));
    let title = titled(words, &name, options, options.before().is_some());
    let mut frame = Frame::new(context, format!("{title} · feedline"));
    let first = options.with_before(None);
    let of_feeds = if channel.is_some() { name.clone() } else { source.title() };
    let of_feeds = feed_title(of_feeds, &first);
    frame.feeds = feeds(&of_feeds, |format| links.feed_of(&source, format, &first));
    frame.meta = Some(Meta {
        kind: "website",
        title,
        description: match channel {
            Some(channel) => excerpt(&channel.description.plain(text::Spoilers::Mask), DESCRIPTION),
            None => names(&source),
        },
        page: links.page(&source, options),
        picture: channel.and_then(|channel| context.avatar(channel)),
    });
    let usual = usual_languages(&selection.entries);
    let usual_of = |name: &ChannelName| usual.get(name).copied().unwrap_or_default();
    let item = |entry: &Entry| {
        let own = &entry.channel;
        let item = Item::new(context, &entry.post, options, Some(own), usual_of(&own.name));
        match channel {
            Some(_) => item,
            None => item.of_channel(shown(&own.title), context.page(&own.name)),
        }
    };
    let items = fitting(selection.entries.iter().map(item));
    let at = |before| links.page(&source, &options.with_before(before));
    let several = match channel {
        Some(_) => None,
        None => Some(Several::new(context, &source, view, name)),
    };
    let page = Page {
        frame,
        page: links.page(&source, &FeedOptions::default()),
        head: single.map(|state| {
            Head::new(context, &state.snapshot, usual_of(&state.snapshot.channel.name), now)
        }),
        builder: builder(context, &source, selection, &first),
        filter: filter(words, options),
        notice: single.and_then(|_| notice(words, &view.freshness())),
        paging: Paging {
            newest: options.before().filter(|_| several.is_some()).map(|_| at(None)),
            newer: newer.map(|Newer(before)| at(before.map(Cursor::Message))),
            older: selection.cursor(items.len()).map(|older| at(Some(older))),
        },
        days: by_day(context, items),
        several,
    };
    render(&page)
}

/// The title of several channels: the collection's title, or the channels' titles as far as they are known.
fn name(context: &Context<'_>, source: &Source, states: &[Arc<ChannelState>]) -> String {
    if matches!(source, Source::Collection { .. }) {
        return source.title();
    }
    let channels = || states.iter().map(|state| &state.snapshot.channel);
    let is_known = |name: &&ChannelName| channels().any(|one| one.name == **name);
    let names = source.channels();
    let unknown = names.iter().filter(|name| !is_known(name)).map(|name| format!("@{name}"));
    let mut titles: Vec<String> =
        channels().map(|one| shown(&one.title)).chain(unknown).take(NAMED).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        titles.push(context.words.tr_count("merged-more", more));
    }
    titles.join(" + ")
}

fn names(source: &Source) -> String {
    let names = source.channels().iter().map(|name| format!("@{name}"));
    names.collect::<Vec<_>>().join(", ")
}

/// The language of most posts, by channel.
fn usual_languages(entries: &[Entry]) -> HashMap<&ChannelName, &'static str> {
    let mut posts: HashMap<&ChannelName, Vec<&Arc<StoredPost>>> = HashMap::new();
    for entry in entries {
        posts.entry(&entry.channel.name).or_default().push(&entry.post);
    }
    posts.into_iter().map(|(name, posts)| (name, usual_language(posts.into_iter()))).collect()
}

fn builder(
    context: &Context<'_>,
    source: &Source,
    selection: &Selection,
    options: &FeedOptions,
) -> Builder {
    let example = |entry: &Entry| {
        let post = &entry.post.post;
        (title::build(post, context.words.language()), context.links.post(&post.channel, post.id))
    };
    let matches = Message::new("builder-matches").with("matched", selection.matched);
    let matches = context.words.message(&matches.with("all", selection.considered));
    let examples = selection.entries.iter().take(EXAMPLES).map(example).collect();
    Builder::new(context, source, options, matches, examples)
}

impl Several {
    fn new(context: &Context<'_>, source: &Source, view: &SourceView, title: String) -> Self {
        let channel = |state: &Arc<ChannelState>| {
            let channel = &state.snapshot.channel;
            (shown(&channel.title), context.page(&channel.name))
        };
        let missing = |missing: &Missing| {
            let name = &missing.channel;
            (name.to_string(), context.page(name), reason(context.words, missing.why))
        };
        Self {
            title,
            channels: view.states.iter().map(channel).collect(),
            missing: view.missing.iter().map(missing).collect(),
            opml: context.links.opml(source.channels()),
        }
    }
}

/// A title, truncated for display.
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
        let words = context.words;
        let channel = &snapshot.channel;
        let marks = [
            (channel.verified, "channel-verified"),
            (channel.scam, "channel-scam"),
            (channel.fake, "channel-fake"),
        ];
        Self {
            title: shown(&channel.title),
            name: channel.name.to_string(),
            page: context.page(&channel.name),
            telegram: telegram_channel(&channel.name),
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
    let short = channel.description.shortened(MAX_DESCRIPTION);
    let text = short.as_ref().unwrap_or(&channel.description);
    context.written(&channel.name, |place, html| text.write_html(place, html))
}

/// `11 posts a week · checked 3 min ago · 12.4K subscribers`
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

/// The number of posts in the shortest unit of time that has more than one. `None` if there are too few posts.
fn frequency(posts: &[Arc<StoredPost>]) -> Option<(u64, &'static str)> {
    let said = posts.iter().filter(|stored| stored.post.service.is_none()).take(SAMPLED);
    let dates: Vec<i64> = said.map(|stored| stored.post.published.timestamp()).collect();
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

/// The message about posts that are not fresh.
fn notice(words: &'static Words, freshness: &Freshness) -> Option<&'static str> {
    let key = match freshness.detail? {
        "partial" => "channel-partial",
        "refreshing" => "channel-refreshing",
        "throttled" => "channel-throttled",
        "busy" => "channel-busy",
        "unreachable" | "timeout" => "channel-unreachable",
        "markup_changed" => "channel-markup-changed",
        _ if freshness.source == CacheStatus::Stale => "channel-gone",
        _ => return None,
    };
    Some(words.tr(key))
}

/// The message about a missing channel, by the code of its refusal.
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
    fn post_frequency_uses_shortest_unit_with_several_posts() {
        for (hours, expected) in [
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
            assert_eq!(frequency(&posts(&hours)), expected, "{hours:?}");
        }
    }
}
