//! The page that tells how this feedline is doing.

use askama::Template;
use bytesize::ByteSize;
use chrono::{DateTime, TimeDelta, Utc};

use super::channel::shown;
use super::words::{StatusWords, Words};
use super::{Error, Frame, render};
use crate::links::Links;
use crate::model::FeedOptions;
use crate::service::{Followed, Status};

/// The most followed channels that the page shows: the document for programs has all of them.
const MOST_SHOWN: usize = 150;

#[derive(Template)]
#[template(path = "status.html")]
struct Page {
    frame: Frame,
    notices: Vec<String>,
    telegram: Vec<Fact>,
    kept: Vec<Fact>,
    followed: Vec<Row>,
    /// Those that are not shown.
    more: Option<String>,
    document: String,
}

/// A figure and what it counts.
struct Fact {
    name: &'static str,
    value: String,
}

/// A followed channel.
struct Row {
    title: String,
    /// Its name, where the title is another.
    name: Option<String>,
    page: String,
    /// When it was fetched, and when it is next.
    line: String,
    refusal: Option<&'static str>,
}

/// How this feedline is doing, as of the time when it was looked at.
pub(in crate::web) fn status(
    words: &'static Words,
    links: &Links,
    status: &Status,
) -> Result<String, Error> {
    let shown = status.followed.iter().take(MOST_SHOWN);
    let more = status.followed.len().saturating_sub(MOST_SHOWN);
    let page = Page {
        frame: Frame::new(words, links, format!("{} · feedline", words.status.title)),
        notices: notices(&words.status, status),
        telegram: telegram(&words.status, status),
        kept: kept(&words.status, status),
        followed: shown.map(|followed| Row::new(words, links, followed, status.date)).collect(),
        more: (more > 0).then(|| (words.status.more)(more)),
        document: links.asset("status.json"),
    };
    render(&page)
}

/// What is not as it should be.
fn notices(words: &StatusWords, status: &Status) -> Vec<String> {
    let (outlook, traffic) = (&status.outlook, &status.traffic);
    let pause = traffic.outbounds.iter().map(|outbound| outbound.pause).min().unwrap_or_default();
    let seconds = i64::try_from(pause.as_secs()).unwrap_or(i64::MAX);
    let notices = [
        status.archive_fault.map(|fault| (words.archive_fault)(fault)),
        (status.archive_undecodable > 0)
            .then(|| (words.archive_undecodable)(status.archive_undecodable)),
        (!pause.is_zero()).then(|| (words.all_pause)(minutes(seconds))),
        (outlook.stretch > 1.05).then(|| (words.stretched)(&format!("{:.1}", outlook.stretch))),
        outlook.is_late.then(|| words.late.to_owned()),
    ];
    notices.into_iter().flatten().collect()
}

fn telegram(words: &StatusWords, status: &Status) -> Vec<Fact> {
    let traffic = &status.traffic;
    let pausing = traffic.outbounds.iter().filter(|outbound| !outbound.pause.is_zero()).count();
    let outbounds = match pausing {
        0 => traffic.outbounds.len().to_string(),
        _ => (words.of_which_pause)(traffic.outbounds.len(), pausing),
    };
    vec![
        Fact { name: words.last_hour, value: traffic.last_hour.to_string() },
        Fact { name: words.waiting, value: (traffic.waiting + traffic.background).to_string() },
        Fact { name: words.outbounds, value: outbounds },
    ]
}

fn kept(words: &StatusWords, status: &Status) -> Vec<Fact> {
    let size = status
        .archive_size
        .map(|size| Fact { name: words.archive, value: (words.size)(ByteSize::b(size)) });
    let facts = [
        Fact { name: words.channels, value: status.channels.to_string() },
        Fact { name: words.posts, value: status.posts.to_string() },
        Fact { name: words.ahead, value: status.outlook.channels.to_string() },
        Fact { name: words.histories, value: status.outlook.histories.to_string() },
    ];
    facts.into_iter().chain(size).collect()
}

impl Row {
    fn new(words: &Words, links: &Links, followed: &Followed, now: DateTime<Utc>) -> Self {
        let fetched =
            followed.fetched.map(|date| (words.channel.checked)((now - date).num_minutes()));
        let next = followed.next.map_or(TimeDelta::zero(), |date| date - now);
        let parts = [
            fetched.unwrap_or_else(|| words.status.never.to_owned()),
            (words.status.next)(minutes(next.num_seconds())),
        ];
        Self {
            title: followed
                .title
                .as_deref()
                .map(shown)
                .unwrap_or_else(|| format!("@{}", followed.name)),
            name: followed.title.as_ref().map(|_| followed.name.to_string()),
            page: links.channel(&followed.name, &FeedOptions::default()),
            line: parts.join(" · "),
            refusal: followed.refusal.map(|code| (words.merged.why)(code)),
        }
    }
}

/// Begun minutes.
fn minutes(seconds: i64) -> i64 {
    seconds.max(0).saturating_add(59) / 60
}
