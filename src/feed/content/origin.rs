//! Where a post comes from, what it answers, and where it can be seen when it cannot be shown.

use super::draft::Draft;
use crate::feed::title;
use crate::locale::Words;
use crate::model::{MediaKind, Reply};
use crate::text::{Spoilers, excerpt};

/// The columns of the words that are quoted from an answered post.
const QUOTED: usize = 160;

/// Origin and bot, a paragraph.
pub(super) fn forward(draft: &mut Draft<'_>) {
    let post = draft.post;
    if post.forward.is_none() && post.via_bot.is_none() {
        return;
    }
    draft.open("p", "origin");
    if let Some(forward) = &post.forward {
        draft.text(draft.words.tr("forwarded-from"));
        draft.raw(" ");
        draft.maybe_link(forward.address.as_ref(), &forward.name);
        if let Some(author) = &forward.author {
            draft.text(&format!(" ({author})"));
        }
    }
    if let Some(bot) = &post.via_bot {
        if post.forward.is_some() {
            draft.raw(", ");
        }
        draft.text(draft.words.tr("via"));
        draft.raw(" ");
        draft.maybe_link(bot.address.as_ref(), &bot.name);
    }
    draft.raw("</p>");
}

/// A short quotation of the answered post, with a link to it.
pub(super) fn reply(draft: &mut Draft<'_>) {
    let Some(reply) = &draft.post.reply else { return };
    let words = draft.words;
    let said = match &reply.author {
        Some(author) => format!("{} {author}", words.tr("reply.to")),
        None => words.tr("reply").to_owned(),
    };
    draft.open("blockquote", "reply");
    draft.raw("<p>");
    draft.maybe_link(reply.address.as_ref(), &said);
    draft.raw("</p>");
    let quoted = quotation(reply, draft);
    if !quoted.is_empty() {
        draft.raw("<p dir=\"auto\">");
        draft.text(&quoted);
        draft.raw("</p>");
    }
    draft.raw("</blockquote>");
}

fn quotation(reply: &Reply, draft: &Draft<'_>) -> String {
    let text = reply.text.plain(Spoilers::Mask);
    if !reply.is_media {
        return excerpt(&text, QUOTED);
    }
    format!("[{}]", media_named(&text, draft.words).unwrap_or(&text))
}

/// Our words for the kind of media that a label names.
///
/// UPSTREAM(2026-08): a reply to media without words shows a label in the language of the page, which we ask for in
/// English; other labels stand as they are.
fn media_named(label: &str, words: &'static Words) -> Option<&'static str> {
    let kind = match label {
        "Photo" => MediaKind::Photo,
        "Video" => MediaKind::Video,
        "GIF" => MediaKind::Gif,
        "Video message" => MediaKind::RoundVideo,
        "Voice message" => MediaKind::Voice,
        "Sticker" => MediaKind::Sticker,
        "Poll" => return Some(words.tr("poll")),
        "Quiz" => return Some(words.tr("quiz")),
        "Location" => return Some(words.tr("location")),
        "Contact" => return Some(words.tr("contact")),
        _ => return None,
    };
    Some(words.tr(title::noun(kind)))
}

/// The notice in place of what Telegram's page cannot show, with the link to the post.
pub(super) fn unsupported(draft: &mut Draft<'_>) {
    if draft.post.unsupported.is_some() {
        draft.open("p", "unsupported");
        draft.link(&draft.telegram(draft.post.id), draft.words.tr("open-in-app"));
        draft.raw("</p>");
    }
}

/// A post with nothing in it that is shown: its title as a link to it, so that an item is never empty.
pub(super) fn nothing(draft: &mut Draft<'_>) {
    let title = title::build(draft.post, draft.context.language);
    draft.raw("<p>");
    draft.link(&draft.telegram(draft.post.id), &title);
    draft.raw("</p>");
}
