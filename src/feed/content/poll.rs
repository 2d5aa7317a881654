//! Polls and counters.
//!
//! In a feed, the shares of an open poll are counters: they change all the time, so they are shown only on request. The
//! result of a closed poll is content.

use super::draft::Draft;
use crate::locale::Value;
use crate::model::{Poll, PollOption, ReactionKind};

/// Stands for a custom emoji, for which the page has no character.
const CUSTOM_REACTION: &str = "🔹";

/// Question, answers, kind of poll, and a link to vote while it is open.
pub(super) fn write(draft: &mut Draft<'_>) {
    let Some(poll) = &draft.post.poll else { return };
    let shows_result = poll.is_closed || draft.context.stats;
    draft.raw("<p dir=\"auto\"><b>");
    draft.text(&poll.question);
    draft.raw("</b></p>");
    draft.open("ul", "poll");
    let max = poll.options.iter().filter_map(|option| option.percent).max().unwrap_or(0);
    for option in &poll.options {
        if draft.is_page() {
            option_with_meter(draft, option, max);
        } else {
            feed_option(draft, option, shows_result);
        }
    }
    draft.raw("</ul>");
    draft.open("p", "meta");
    draft.text(&about(draft, poll));
    if !poll.is_closed {
        if draft.is_page() {
            draft.raw("</p>");
            draft.open("p", "buttons");
        } else {
            draft.raw(" · ");
        }
        draft.link(&draft.telegram(draft.post.id), draft.words.tr("vote"));
    }
    draft.raw("</p>");
}

fn feed_option(draft: &mut Draft<'_>, option: &PollOption, shows_result: bool) {
    draft.raw("<li dir=\"auto\">");
    draft.text(&option.text);
    if shows_result {
        if let Some(percent) = option.percent {
            draft.text(&format!(" – {percent}%"));
        }
        if option.correct == Some(true) {
            draft.raw(" ✓");
        }
    }
    draft.raw("</li>");
}

/// On a page: the answer, its share at the end of the line, and a bar below. The leading answer is highlighted.
fn option_with_meter(draft: &mut Draft<'_>, option: &PollOption, max: u8) {
    let is_leading = max > 0 && option.percent == Some(max);
    draft.raw(if is_leading { "<li class=\"lead\">" } else { "<li>" });
    draft.raw("<bdi>");
    draft.text(&option.text);
    if option.correct == Some(true) {
        draft.raw(" ✓");
    }
    draft.raw("</bdi>");
    if let Some(percent) = option.percent.map(|percent| percent.min(100)) {
        draft.text(&format!(" {percent}%"));
        draft.raw("<meter min=\"0\" max=\"100\"");
        draft.attribute("value", &percent.to_string());
        draft.attribute("aria-label", &option.text);
        draft.raw("></meter>");
    }
    draft.raw("</li>");
}

/// `Poll, several answers`, `Quiz, final results, 746 votes`.
fn about(draft: &Draft<'_>, poll: &Poll) -> String {
    let words = draft.words;
    let kind = if poll.is_quiz { "quiz" } else { "poll" };
    let mut parts = vec![words.tr(kind).to_owned()];
    if poll.is_multiple {
        parts.push(words.tr("several-answers").to_owned());
    }
    if poll.is_closed {
        parts.push(words.tr(&format!("{kind}.final")).to_owned());
    }
    if let Some(voters) = &poll.voters
        && (poll.is_closed || draft.is_page())
    {
        parts.push(words.tr_count("votes", Value::parse(voters)));
    }
    if !draft.is_page() {
        return parts.join(", ");
    }
    // UPSTREAM(2026-08): only the label says that a poll is anonymous. The page is requested in English.
    if poll.label.as_ref().is_some_and(|label| label.contains("nonymous")) {
        parts.push(words.tr("anonymous").to_owned());
    }
    parts.join(" · ")
}

/// Views, reactions and the votes of an open poll.
pub(super) fn counters(draft: &mut Draft<'_>) {
    let (post, words) = (draft.post, draft.words);
    let mut parts: Vec<String> = Vec::new();
    if let Some(views) = &post.views {
        parts.push(words.tr_count("views", Value::parse(views)));
    }
    for reaction in &post.reactions {
        let sign = match &reaction.kind {
            ReactionKind::Emoji(emoji) => emoji,
            ReactionKind::Custom(_) => CUSTOM_REACTION,
            ReactionKind::Paid => "⭐",
        };
        parts.push(format!("{sign} {}", reaction.count));
    }
    if let Some(Poll { is_closed: false, voters: Some(voters), .. }) = &post.poll
        && !draft.is_page()
    {
        parts.push(words.tr_count("votes", Value::parse(voters)));
    }
    if !parts.is_empty() {
        draft.open("p", "meta");
        draft.text(&parts.join(" · "));
        draft.raw("</p>");
    }
}
