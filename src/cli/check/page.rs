//! What a page of Telegram's gives: how much of what, and what was not as we know it.

use std::collections::BTreeMap;

use super::report::Report;
use crate::feed::kind;
use crate::model::{Page, Post};
use crate::telegram::{Answer, Landing, LandingKind, Recognised, Warning};
use crate::text::counted;

/// A saved page of any kind, or a part of one.
pub(super) fn saved(
    html: &str,
    recognised: &Recognised,
    report: &mut Report,
) -> anyhow::Result<()> {
    match recognised {
        Recognised::List(parsed) => {
            list(&parsed.page, &parsed.warnings, report)?;
            // A message that was cut out of a page has no end that could be missing.
            if html.contains("<html") { end(&parsed.page, report) } else { Ok(()) }
        }
        Recognised::Landing(found) => landing(found, report),
        Recognised::Embed(answer) => match &**answer {
            Answer::Post { post: found, warnings, .. } => post(found, warnings, report),
            Answer::Refused(refusal) => report.wrong(
                &format!("Telegram refuses to show this post: {}", refusal.text),
                "It was deleted, never existed, or can be read in the app only.",
            ),
        },
        Recognised::Parts(parts) => {
            let (media, documents) = (parts.media.len(), parts.documents.len());
            report.good(&format!(
                "parts of messages: {media} media, {}",
                counted(documents, "file")
            ))?;
            strange(&parts.warnings, report)
        }
    }
}

/// A list of posts.
pub(super) fn list(page: &Page, warnings: &[Warning], report: &mut Report) -> anyhow::Result<()> {
    let channel = &page.channel;
    let mut head = format!("{} (@{})", channel.title, channel.name);
    if let Some(subscribers) = &channel.counters.subscribers {
        head.push_str(&format!(", {}", counted(subscribers, "subscriber")));
    }
    report.good(&head)?;
    match (page.posts.first(), page.posts.last(), page.oldest(), page.newest()) {
        (Some(first), Some(last), Some(oldest), Some(newest)) => {
            let members: usize = page.posts.iter().map(|post| post.members.len()).sum();
            report.good(&format!(
                "{} of {}, ids {oldest} to {newest}, {} to {} UTC",
                counted(page.posts.len(), "post"),
                counted(members, "message"),
                date(first),
                date(last)
            ))?;
            report.good(&format!("kinds: {}", kinds(&page.posts)))?;
        }
        _ if page.says_empty => report.note("the page says that there are no posts")?,
        _ => report.note("there are no posts on the page")?,
    }
    match page.older {
        Some(id) => report.good(&format!("older posts: before={id}"))?,
        None if page.posts.is_empty() => {}
        None => report.good("the channel's first post is on the page")?,
    }
    if let Some(id) = page.newer {
        report.good(&format!("newer posts: after={id}"))?;
    }
    strange(warnings, report)
}

/// Whether a list is there to its end.
pub(super) fn end(page: &Page, report: &mut Report) -> anyhow::Result<()> {
    if page.is_whole {
        return Ok(());
    }
    report.wrong(
        "the page breaks off before its end",
        "Fetch it again: nothing can be concluded from what is missing.",
    )
}

/// One post.
pub(super) fn post(post: &Post, warnings: &[Warning], report: &mut Report) -> anyhow::Result<()> {
    let id = post.id;
    report.good(&format!("@{}, post {id} of {} UTC", post.channel, date(post)))?;
    report.good(&format!("kinds: {}", kinds(std::slice::from_ref(post))))?;
    strange(warnings, report)
}

fn landing(landing: &Landing, report: &mut Report) -> anyhow::Result<()> {
    let kind = match landing.kind {
        LandingKind::Channel { has_preview: true } => "a channel whose posts can be read",
        LandingKind::Channel { has_preview: false } => "a channel that does not show its posts",
        LandingKind::Group => "a group",
        LandingKind::User => "a person",
        LandingKind::Bot => "a bot",
        LandingKind::Blocked => "a channel that Telegram does not show here",
        LandingKind::Missing => "nobody (or a refusal to whoever asks too much)",
        LandingKind::Other => "something that we do not know",
    };
    let mut text = format!("the card of {kind}");
    if let Some(title) = &landing.title {
        text.push_str(&format!(": {title}"));
    }
    if let Some(subscribers) = &landing.subscribers {
        let noun = if landing.kind == LandingKind::Group { "member" } else { "subscriber" };
        text.push_str(&format!(", {}", counted(subscribers, noun)));
    }
    match landing.kind {
        LandingKind::Other => report.wrong(&text, "A newer version of feedline may know it."),
        _ => report.good(&text),
    }
}

/// What was not as we know it: each of it may be a change of Telegram's pages.
fn strange(warnings: &[Warning], report: &mut Report) -> anyhow::Result<()> {
    if warnings.is_empty() {
        return report.good("everything on it is known");
    }
    for warning in warnings {
        report.wrong(&warning.to_string(), "")?;
    }
    report.note("what is not known may be a change of Telegram's pages: a newer version of feedline may know it")
}

/// How many posts hold what: `photo 4, text 5`. A post counts for each kind of which it holds something.
fn kinds(posts: &[Post]) -> String {
    let mut counts = BTreeMap::new();
    for kind in posts.iter().flat_map(kind::held) {
        *counts.entry(kind).or_insert(0_usize) += 1;
    }
    let mut words: Vec<String> =
        counts.iter().map(|(kind, count)| format!("{} {count}", kind.text())).collect();
    for (word, count) in [
        ("service", posts.iter().filter(|post| post.service.is_some()).count()),
        ("not shown by Telegram", posts.iter().filter(|post| post.unsupported.is_some()).count()),
    ] {
        words.extend((count > 0).then(|| format!("{word} {count}")));
    }
    if words.is_empty() { "none that is known".to_owned() } else { words.join(", ") }
}

fn date(post: &Post) -> impl std::fmt::Display {
    post.published.format("%Y-%m-%d %H:%M")
}
