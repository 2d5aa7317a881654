//! A channel's page.

use std::sync::Arc;

use askama::Template;
use chrono::{DateTime, Utc};

use super::post::Item;
use super::words::{ChannelWords, Unit, Words};
use super::{Error, Frame, feeds, render};
use crate::bridge::{Source, View};
use crate::feed::Selection;
use crate::links::{self, Links};
use crate::model::options::MediaMode;
use crate::model::{FeedOptions, KeptPost, Snapshot};
use crate::text::html::{Context, Spoilers};
use crate::web::TimeZone;

/// The posts whose dates tell how often a channel speaks.
const RHYTHM: usize = 50;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

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
struct Head {
    title: String,
    name: String,
    page: String,
    telegram: String,
    avatar: Option<String>,
    /// HTML.
    description: String,
    marks: Vec<&'static str>,
    line: String,
}

/// A channel's page with the selected posts.
pub(in crate::web) fn channel(
    words: &'static Words,
    links: &Links,
    view: &View,
    selection: &Selection,
    options: &FeedOptions,
    now: DateTime<Utc>,
    time_zone: &TimeZone,
) -> Result<String, Error> {
    let snapshot = &view.known.snapshot;
    let channel = &snapshot.channel;
    let mut frame = Frame::new(words, links, format!("{} · feedline", channel.title));
    let content = options.with_before(None);
    frame.feeds = feeds(&channel.title, |format| links.feed(&channel.name, format, &content));
    let items = selection
        .posts
        .iter()
        .map(|kept| Item::new(links, kept, view.known.language, options, Some(channel), time_zone));
    let page = Page {
        frame,
        head: Head::new(&words.channel, links, snapshot, now),
        filter: filter(&words.channel, options),
        notice: notice(&words.channel, view),
        posts: items.collect(),
        newest: options.before().map(|_| links.channel(&channel.name, &content)),
        older: selection
            .next
            .map(|next| links.channel(&channel.name, &options.with_before(Some(next)))),
    };
    render(&page)
}

impl Head {
    fn new(words: &ChannelWords, links: &Links, snapshot: &Snapshot, now: DateTime<Utc>) -> Self {
        let channel = &snapshot.channel;
        let tag = |tag: &str| links.tag(&channel.name, tag.trim_start_matches('#'));
        let mut description = String::new();
        // An address of a page does what the operator decides.
        let media = links.defaults().media();
        let emoji = |id: u64| links.emoji(id, media);
        let context = Context {
            tag: &tag,
            emoji: (media != MediaMode::None).then_some(&emoji),
            spoilers: Spoilers::Reveal,
            app_links: true,
        };
        channel.description.write_html(&context, &mut description);
        let marks = [
            (channel.verified, words.verified),
            (channel.scam, words.scam),
            (channel.fake, words.fake),
        ];
        Self {
            title: channel.title.clone(),
            name: channel.name.to_string(),
            page: links.channel(&channel.name, &FeedOptions::default()),
            telegram: links::telegram_channel(&channel.name),
            avatar: channel
                .avatar
                .as_ref()
                .filter(|_| media != MediaMode::None)
                .map(|_| links.avatar(&channel.name, media)),
            description,
            marks: marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect(),
            line: about(words, snapshot, now),
        }
    }
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
fn rhythm(posts: &[Arc<KeptPost>]) -> Option<(i64, Unit)> {
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

/// The options that decide which posts are shown, as a person reads them.
pub(super) fn filter(words: &ChannelWords, options: &FeedOptions) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(tag) = options.tag() {
        parts.push((words.tagged)(tag));
    }
    if let Some(query) = options.query() {
        parts.push((words.with_words)(query));
    }
    let others = ["include", "exclude", "kind", "forwards", "replies", "ads", "service"];
    for name in others {
        let value = options.value(name);
        if value != FeedOptions::default().value(name) {
            parts.push(format!("{name} = {}", value.unwrap_or_default()));
        }
    }
    (!parts.is_empty()).then(|| (words.only)(&parts.join(", ")))
}

fn notice(words: &ChannelWords, view: &View) -> Option<String> {
    let why = match view.freshness.detail? {
        "partial" => words.partial,
        "refreshing" => words.refreshing,
        "throttled" => words.throttled,
        "busy" => words.busy,
        "unreachable" | "timeout" => words.unreachable,
        "markup_changed" => words.markup_changed,
        _ if view.freshness.source == Source::Stale => words.gone,
        _ => return None,
    };
    Some(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChannelName, Identity, MessageId, Post};

    fn posts(hours: &[i64]) -> Vec<Arc<KeptPost>> {
        let channel = ChannelName::parse("tearoad").unwrap();
        let post = |(hour, id): (&i64, u32)| {
            let published = DateTime::from_timestamp(1_700_000_000 - hour * 3600, 0).unwrap();
            let id = MessageId::new(id).unwrap();
            let post = Post::new(channel.clone(), id, published);
            let identity = Identity { channel: channel.clone(), message: id };
            Arc::new(KeptPost { post, identity, updated: published })
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
