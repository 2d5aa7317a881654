//! Forward origin, answered post, and links to posts that cannot be shown.

use super::draft::Draft;
use crate::feed::title;
use crate::locale::Words;
use crate::model::{MediaKind, Reply};
use crate::text::{Spoilers, excerpt};

/// Length of the quotation from an answered post, in columns.
const MAX_QUOTATION: usize = 160;

/// Forward origin and bot, in one paragraph.
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
    let label = match &reply.author {
        Some(author) => format!("{} {author}", words.tr("reply.to")),
        None => words.tr("reply").to_owned(),
    };
    draft.open("blockquote", "reply");
    draft.raw("<p>");
    draft.maybe_link(reply.address.as_ref(), &label);
    draft.raw("</p>");
    let quotation = quotation(reply, draft);
    if !quotation.is_empty() {
        draft.raw("<p dir=\"auto\">");
        draft.text(&quotation);
        draft.raw("</p>");
    }
    draft.raw("</blockquote>");
}

fn quotation(reply: &Reply, draft: &Draft<'_>) -> String {
    let text = reply.text.plain(Spoilers::Mask);
    if reply.is_media {
        format!("[{}]", media_name(&text, draft.words).unwrap_or(&text))
    } else {
        excerpt(&text, MAX_QUOTATION)
    }
}

/// Translates Telegram's label for a kind of media.
///
/// UPSTREAM(2026-08): a reply to media without text has a label in the language of the page, which is requested in
/// English.
fn media_name(label: &str, words: &'static Words) -> Option<&'static str> {
    let key = match label {
        "Photo" => title::noun(MediaKind::Photo),
        "Video" => title::noun(MediaKind::Video),
        "GIF" => title::noun(MediaKind::Gif),
        "Video message" => title::noun(MediaKind::RoundVideo),
        "Voice message" => title::noun(MediaKind::Voice),
        "Sticker" => title::noun(MediaKind::Sticker),
        "Poll" => "poll",
        "Quiz" => "quiz",
        "Location" => "location",
        "Contact" => "contact",
        _ => return None,
    };
    Some(words.tr(key))
}

/// The notice for content that Telegram's page cannot show, with a link to the post.
pub(super) fn unsupported(draft: &mut Draft<'_>) {
    if draft.post.unsupported.is_some() {
        draft.open("p", "unsupported");
        draft.link(&draft.telegram(draft.post.id), draft.words.tr("open-in-app"));
        draft.raw("</p>");
    }
}

/// The title as a link to the post: an item is never empty.
pub(super) fn empty(draft: &mut Draft<'_>) {
    let title = title::build(draft.post, draft.context.language);
    draft.raw("<p>");
    draft.link(&draft.telegram(draft.post.id), &title);
    draft.raw("</p>");
}
