//! A channel's page.

use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, Utc};

use super::builder::{Builder, Made};
use super::context::{Context, there};
use super::day::{Day, by_day};
use super::filter::{filter, titled};
use super::item::{Item, fitting, usual_language};
use super::words::{ChannelWords, Unit};
use super::{Error, Frame, Meta, feeds, render};
use crate::feed::{Selection, feed_title, title};
use crate::model::{Channel, FeedOptions, Format, MessageId, Snapshot, StoredPost};
use crate::service::{CacheStatus, View};
use crate::text::{self, excerpt};

/// The posts whose dates tell how often a channel speaks.
const RHYTHM: usize = 50;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

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
    notice: Option<String>,
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
        notice: notice(&words.channel, view),
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
        let title = title::build(&kept.post, context.words.own);
        (title, links.post(name, kept.post.id))
    };
    Builder::new(
        &context.words.builder,
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
        let (words, links) = (&context.words.channel, context.links);
        let channel = &snapshot.channel;
        let marks = [
            (channel.verified, words.verified),
            (channel.scam, words.scam),
            (channel.fake, words.fake),
        ];
        Self {
            title: shown(&channel.title),
            name: channel.name.to_string(),
            page: links.channel(&channel.name, &FeedOptions::default()),
            telegram: there(&channel.name),
            avatar: context.avatar(channel),
            description: description(context, channel),
            language: usual,
            marks: marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect(),
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
fn about(words: &ChannelWords, snapshot: &Snapshot, now: DateTime<Utc>) -> String {
    let subscribers = snapshot.channel.counters.subscribers.as_ref();
    let parts = [
        rhythm(&snapshot.posts).map(|(count, unit)| (words.rhythm)(count, unit)),
        Some((words.checked)((now - snapshot.fetched).num_minutes())),
        subscribers.map(|count| (words.subscribers)(count)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How often the channel speaks, in the shortest unit with more than one post in it; `None` when too little is known.
fn rhythm(posts: &[Arc<StoredPost>]) -> Option<(i64, Unit)> {
    let said = posts.iter().filter(|kept| kept.post.service.is_none()).take(RHYTHM);
    let dates: Vec<i64> = said.map(|kept| kept.post.published.timestamp()).collect();
    let gaps = i64::try_from(dates.len()).ok()? - 1;
    let span = dates.first()? - dates.last()?;
    if gaps < 2 || span <= 0 {
        return None;
    }
    let units =
        [(DAY, Unit::Day), (7 * DAY, Unit::Week), (30 * DAY, Unit::Month), (365 * DAY, Unit::Year)];
    let mut counts =
        units.map(|(seconds, unit)| ((gaps * seconds + span / 2) / span, unit)).into_iter();
    counts.find(|(count, _)| *count > 1)
}

fn notice(words: &ChannelWords, view: &View) -> Option<String> {
    let why = match view.freshness.detail? {
        "partial" => words.partial,
        "refreshing" => words.refreshing,
        "throttled" => words.throttled,
        "busy" => words.busy,
        "unreachable" | "timeout" => words.unreachable,
        "markup_changed" => words.markup_changed,
        _ if view.freshness.source == CacheStatus::Stale => words.gone,
        _ => return None,
    };
    Some(why.to_owned())
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
    fn a_channels_rhythm_is_told_in_a_unit_that_people_count_in() {
        for (hours, told) in [
            (vec![0, 2, 4, 6], Some((12, Unit::Day))),
            (vec![0, 24, 48], Some((7, Unit::Week))),
            (vec![0, 15, 30], Some((2, Unit::Day))),
            (vec![0, 300, 600], Some((2, Unit::Month))),
            (vec![0, 2000, 4000], Some((4, Unit::Year))),
            (vec![0, 20_000, 40_000], None),
            (vec![0, 24], None),
            (vec![5, 5, 5, 5], None),
            (vec![], None),
        ] {
            assert_eq!(rhythm(&posts(&hours)), told, "{hours:?}");
        }
    }
}
