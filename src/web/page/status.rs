//! The status page.

use askama::Template;
use bytesize::ByteSize;
use chrono::{DateTime, TimeDelta, Utc};

use super::context::Context;
use super::posts::{checked, reason, shown};
use super::{Error, Frame, render};
use crate::locale::{Message, Words};
use crate::service::{Followed, Status};

/// The most followed channels on the page. The JSON document has all of them.
const MAX_FOLLOWED: usize = 150;

#[derive(Template)]
#[template(path = "status.html")]
struct Page<'a> {
    frame: Frame<'a>,
    notices: Vec<String>,
    telegram: Vec<Fact>,
    archive: Vec<Fact>,
    followed: Vec<Row>,
    /// The number of further channels.
    more: Option<String>,
    document: String,
}

/// A figure and its label.
struct Fact {
    name: &'static str,
    value: String,
}

/// A followed channel.
struct Row {
    title: String,
    /// The channel's name, if its title is known.
    name: Option<String>,
    page: String,
    /// The times of the last and the next refresh.
    line: String,
    refusal: Option<&'static str>,
}

pub(in crate::web) fn status(context: &Context<'_>, status: &Status) -> Result<String, Error> {
    let words = context.words;
    let shown = status.followed.iter().take(MAX_FOLLOWED);
    let more = status.followed.len().saturating_sub(MAX_FOLLOWED);
    let page = Page {
        frame: Frame::new(context, format!("{} · feedline", words.tr("status-title"))),
        notices: notices(words, status),
        telegram: telegram(words, status),
        archive: archive(words, status),
        followed: shown.map(|followed| Row::new(context, followed, status.date)).collect(),
        more: (more > 0).then(|| words.tr_count("status-more", more)),
        document: context.links.asset("status.json"),
    };
    render(&page)
}

/// Warnings about current problems.
fn notices(words: &'static Words, status: &Status) -> Vec<String> {
    let (outlook, traffic) = (&status.outlook, &status.traffic);
    let pause = traffic.outbounds.iter().map(|outbound| outbound.backoff).min().unwrap_or_default();
    let undecodable = status.archive_undecodable;
    let notices = [
        status
            .archive_fault
            .map(|fault| words.message(&Message::new("status-archive-fault").with("code", fault))),
        (undecodable > 0).then(|| words.tr_count("status-archive-undecodable", undecodable)),
        (!pause.is_zero()).then(|| {
            let minutes = pause.as_secs().div_ceil(60);
            words.message(&Message::new("status-paused").with("minutes", minutes))
        }),
        (outlook.stretch > 1.05).then(|| {
            let factor = format!("{:.1}", outlook.stretch);
            words.message(&Message::new("status-stretched").with("factor", factor))
        }),
        outlook.is_late.then(|| words.tr("status-late").to_owned()),
    ];
    notices.into_iter().flatten().collect()
}

fn telegram(words: &'static Words, status: &Status) -> Vec<Fact> {
    let traffic = &status.traffic;
    let pausing = traffic.outbounds.iter().filter(|outbound| !outbound.backoff.is_zero()).count();
    let all = traffic.outbounds.len();
    let outbounds = match pausing {
        0 => all.to_string(),
        _ => {
            let message = Message::new("status-outbounds-paused").with("all", all);
            words.message(&message.with("paused", pausing))
        }
    };
    let waiting = traffic.waiting + traffic.background;
    vec![
        Fact { name: words.tr("status-last-hour"), value: traffic.last_hour.to_string() },
        Fact { name: words.tr("status-waiting"), value: waiting.to_string() },
        Fact { name: words.tr("status-outbounds"), value: outbounds },
    ]
}

fn archive(words: &'static Words, status: &Status) -> Vec<Fact> {
    let mut facts = vec![
        Fact { name: words.tr("status-channels"), value: status.channels.to_string() },
        Fact { name: words.tr("status-posts"), value: status.posts.to_string() },
        Fact { name: words.tr("status-ahead"), value: status.outlook.channels.to_string() },
        Fact { name: words.tr("status-histories"), value: status.outlook.histories.to_string() },
    ];
    if let Some(size) = status.archive_size {
        let value = words.size(ByteSize::b(size));
        facts.push(Fact { name: words.tr("status-archive"), value });
    }
    facts
}

impl Row {
    fn new(context: &Context<'_>, followed: &Followed, now: DateTime<Utc>) -> Self {
        let words = context.words;
        let fetched = match followed.fetched {
            Some(date) => checked(words, now - date),
            None => words.tr("status-never").to_owned(),
        };
        let next = followed.next.map_or(TimeDelta::zero(), |date| date - now);
        let parts = [fetched, next_refresh(words, next)];
        Self {
            title: followed
                .title
                .as_deref()
                .map(shown)
                .unwrap_or_else(|| format!("@{}", followed.name)),
            name: followed.title.as_ref().map(|_| followed.name.to_string()),
            page: context.page(&followed.name),
            line: parts.join(" · "),
            refusal: followed.refusal.map(|code| reason(words, code)),
        }
    }
}

/// `next one in 3 min`; minutes are rounded up.
fn next_refresh(words: &'static Words, time: TimeDelta) -> String {
    let minutes = u64::try_from(time.num_seconds()).unwrap_or(0).div_ceil(60);
    match minutes {
        0 => words.tr("status-next-now").to_owned(),
        1..60 => words.tr_count("status-next-minutes", minutes),
        _ => words.tr_count("status-next-hours", (minutes + 30) / 60),
    }
}
