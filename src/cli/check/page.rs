//! Checks of one Telegram page: its contents, and unknown elements.

use std::collections::BTreeMap;

use super::report::Report;
use crate::cli::minute;
use crate::feed::kind;
use crate::model::{Page, Post};
use crate::telegram::{Answer, Landing, LandingKind, Recognised, Warning};
use crate::text::counted;

/// A saved page of any kind, or a part of one.
pub(super) fn saved(html: &str, recognised: &Recognised, report: &mut Report) {
    match recognised {
        Recognised::List(parsed) => {
            list(&parsed.page, &parsed.warnings, report);
            // A message copied from a page is not truncated.
            if html.contains("<html") {
                end(&parsed.page, report);
            }
        }
        Recognised::Landing(found) => landing(found, report),
        Recognised::Embed(answer) => match &**answer {
            Answer::Post { post: found, warnings, .. } => post(found, warnings, report),
            Answer::Refused(refusal) => report.problem(
                format!("Telegram refuses to show this post: {}", refusal.text),
                "It was deleted, never existed, or is visible in the app only.",
            ),
        },
        Recognised::Parts(parts) => {
            let (media, documents) = (parts.media.len(), parts.documents.len());
            report
                .good(format!("parts of messages: {media} media, {}", counted(documents, "file")));
            check_warnings(&parts.warnings, report)
        }
    }
}

pub(super) fn list(page: &Page, warnings: &[Warning], report: &mut Report) {
    let channel = &page.channel;
    let mut head = format!("{} (@{})", channel.title, channel.name);
    if let Some(subscribers) = &channel.counters.subscribers {
        head.push_str(&format!(", {}", counted(subscribers, "subscriber")));
    }
    report.good(&head);
    match (page.posts.first(), page.posts.last(), page.oldest(), page.newest()) {
        (Some(first), Some(last), Some(oldest), Some(newest)) => {
            let members: usize = page.posts.iter().map(|post| post.members.len()).sum();
            report.good(format!(
                "{} of {}, ids {oldest} to {newest}, {} to {} UTC",
                counted(page.posts.len(), "post"),
                counted(members, "message"),
                date(first),
                date(last)
            ));
            report.good(format!("kinds: {}", kinds(&page.posts)));
        }
        _ if page.says_empty => report.note("the page states that there are no posts"),
        _ => report.note("there are no posts on the page"),
    }
    match page.older {
        Some(id) => report.good(format!("older posts: before={id}")),
        None if page.posts.is_empty() => {}
        None => report.good("the channel's first post is on the page"),
    }
    if let Some(id) = page.newer {
        report.good(format!("newer posts: after={id}"));
    }
    check_warnings(warnings, report)
}

pub(super) fn end(page: &Page, report: &mut Report) {
    if !page.is_whole {
        report.problem("the page is truncated", "Fetch it again: missing posts mean nothing.");
    }
}

pub(super) fn post(post: &Post, warnings: &[Warning], report: &mut Report) {
    let id = post.id;
    report.good(format!("@{}, post {id} of {} UTC", post.channel, date(post)));
    report.good(format!("kinds: {}", kinds(std::slice::from_ref(post))));
    check_warnings(warnings, report)
}

fn landing(landing: &Landing, report: &mut Report) {
    let kind = match landing.kind {
        LandingKind::Channel { has_preview: true } => "a channel with a public list of posts",
        LandingKind::Channel { has_preview: false } => "a channel without a public list of posts",
        LandingKind::Group => "a group",
        LandingKind::User => "a user",
        LandingKind::Bot => "a bot",
        LandingKind::Blocked => "a channel that Telegram blocks here",
        LandingKind::Missing => "an unknown name, or the response to a throttled client",
        LandingKind::Other => "an unknown kind",
    };
    let mut text = format!("landing page of {kind}");
    if let Some(title) = &landing.title {
        text.push_str(&format!(": {title}"));
    }
    if let Some(subscribers) = &landing.subscribers {
        let noun = if landing.kind == LandingKind::Group { "member" } else { "subscriber" };
        text.push_str(&format!(", {}", counted(subscribers, noun)));
    }
    match landing.kind {
        LandingKind::Other => report.problem(&text, "A newer version of feedline may support it."),
        _ => report.good(&text),
    }
}

/// Each warning may be a change of Telegram's pages.
fn check_warnings(warnings: &[Warning], report: &mut Report) {
    if warnings.is_empty() {
        return report.good("no unknown elements");
    }
    for warning in warnings {
        report.problem(warning.to_string(), "");
    }
    report.note("Telegram may have changed its pages: a newer version of feedline may support it");
}

/// The number of posts of each kind: `photo 4, text 5`. A post can have several kinds.
fn kinds(posts: &[Post]) -> String {
    let mut counts = BTreeMap::new();
    for kind in posts.iter().flat_map(kind::of) {
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
    if words.is_empty() { "unknown".to_owned() } else { words.join(", ") }
}

fn date(post: &Post) -> impl std::fmt::Display {
    minute(post.published)
}
