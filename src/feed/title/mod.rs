//! A post's title: the line by which a reader decides whether to open it.
//!
//! All formats carry the same one. It is made from what the author said and from nothing that may come late or change
//! by itself; only where a post is a bare link does the linked page's own title stand in for the address.

use std::time::Duration;

use super::kind;
use crate::locale::Words;
use crate::model::{Document, DocumentKind, Language, Location, Media, MediaKind, Post, options};
use crate::text::{MASK, RichText, Spoilers, excerpt, is_blank};

/// The columns of a title; wide characters take two.
pub const COLUMNS: usize = 80;

/// The title that an item carries; `None` when the feed is asked for none.
pub fn of(post: &Post, language: Language, form: options::Title) -> Option<String> {
    match form {
        options::Title::Text => Some(build(post, language)),
        options::Title::Marked => Some(marked(post, language)),
        options::Title::None => None,
    }
}

/// The title without a mark: one line, never empty, spoilers masked.
pub fn build(post: &Post, language: Language) -> String {
    let words = Words::of(language);
    let candidates: [&dyn Fn() -> Option<String>; 15] = [
        &|| first_meaningful_line(&post.text),
        &|| post.poll.as_ref().map(|poll| poll.question.clone()),
        &|| documents(&post.documents, words),
        &|| bare_line(post),
        &|| media(&post.media, words).map(|name| dated(name, post, words)),
        &|| post.location.as_ref().map(|location| place(location, words)),
        &|| post.contact.as_ref().map(|contact| contact.name.clone()),
        &|| post.invoice.as_ref().map(|invoice| invoice.title.clone()),
        &|| post.game.as_ref().map(|game| game.title.clone()),
        &|| post.link_preview.as_ref().and_then(|preview| preview.title.clone()),
        &|| post.unsupported.as_ref().map(|_| words.tr("app-only").to_owned()),
        &|| post.service.map(|_| words.tr("service").to_owned()),
        &|| is_hidden(&post.text).then(|| words.tr("spoiler").to_owned()),
        &|| {
            post.forward
                .as_ref()
                .map(|from| format!("{} {}", words.tr("forwarded-from"), from.name))
        },
        &|| post.text.lines().next().map(|line| line.text),
    ];
    let title = |candidate: &&dyn Fn() -> Option<String>| {
        candidate().map(|text| excerpt(&text, COLUMNS)).filter(|title| !is_blank(title))
    };
    // A post with nothing in it is of a kind that Telegram's page does not show.
    candidates.iter().find_map(title).unwrap_or_else(|| words.tr("app-only").to_owned())
}

fn marked(post: &Post, language: Language) -> String {
    let title = build(post, language);
    let marks = kind::marks(post);
    if marks.is_empty() || title.starts_with(&marks) { title } else { format!("{marks} {title}") }
}

/// The first line with words in it, without what lists put in front of a line.
fn first_meaningful_line(text: &RichText) -> Option<String> {
    let line = text.lines().find(|line| !line.is_bare && has_words(&line.text))?;
    Some(without_bullet(&line.text).to_owned())
}

/// Letters or digits outside masks and keycaps (`1️⃣`).
fn has_words(line: &str) -> bool {
    let line = line.replace(MASK, "");
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let is_keycap = matches!(characters.peek(), Some('\u{fe0f}' | '\u{20e3}'));
        if character.is_alphanumeric() && !is_keycap {
            return true;
        }
    }
    false
}

fn without_bullet(line: &str) -> &str {
    let rest =
        line.trim_start_matches(['•', '‣', '·', '▪', '▫', '●', '○', '–', '—', '-', '\u{fe0f}']);
    if rest.starts_with(' ') && rest.len() < line.len() { rest.trim_start() } else { line }
}

/// What a post shows that holds hashtags, links, mentions or emoji only. Bare punctuation is no title.
fn bare_line(post: &Post) -> Option<String> {
    let shown = post.text.lines().find(|line| {
        line.text.chars().any(|character| character.is_alphanumeric() || is_pictograph(character))
    })?;
    let is_address = !shown.text.starts_with(['#', '$', '@']) && shown.text.contains('.');
    if is_address
        && let Some(title) = post.link_preview.as_ref().and_then(|preview| preview.title.clone())
    {
        return Some(title);
    }
    let short = shown.text.strip_prefix("https://").or_else(|| shown.text.strip_prefix("http://"));
    Some(short.unwrap_or(&shown.text).trim_end_matches('/').to_owned())
}

/// Whether nothing of a text is left to say but that something is hidden.
fn is_hidden(text: &RichText) -> bool {
    text.plain(Spoilers::Mask).contains(MASK)
}

fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}')
}

/// The first file's name, and how many more there are.
fn documents(documents: &[Document], words: &'static Words) -> Option<String> {
    let first = named(documents.first()?);
    let others = documents.len() - 1;
    if others == 0 {
        return Some(first);
    }
    let more = words.tr_count("more-files", others);
    let room = COLUMNS.saturating_sub(more.chars().count());
    Some(format!("{}{more}", excerpt(&first, room)))
}

/// `report.pdf (689 KB)`, `Performer – Track`.
pub(super) fn named(document: &Document) -> String {
    match (document.kind, &document.extra) {
        (_, None) => document.title.clone(),
        (DocumentKind::File, Some(size)) => format!("{} ({size})", document.title),
        (DocumentKind::Music, Some(performer)) => format!("{performer} – {}", document.title),
    }
}

/// `Photo`, `3 photos and a video`, `Voice message, 0:42`; `None` without media.
pub(super) fn media(media: &[Media], words: &'static Words) -> Option<String> {
    if let [only] = media {
        let name = words.tr(noun(only.kind));
        let time = only.duration.map(play_time);
        return Some(time.map_or_else(|| name.to_owned(), |time| format!("{name}, {time}")));
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for medium in media {
        let noun = noun(medium.kind);
        match counts.iter_mut().find(|(counted, _)| *counted == noun) {
            Some((_, number)) => *number += 1,
            None => counts.push((noun, 1)),
        }
    }
    let count = |(noun, number): &(&str, usize)| words.tr_count(&format!("{noun}.count"), *number);
    let parts: Vec<String> = counts.iter().map(count).collect();
    let list = words.list(&parts);
    let mut characters = list.chars();
    let first = characters.next()?;
    Some(first.to_uppercase().chain(characters).collect())
}

/// The name with the day, unless a duration already tells it from others: a list of photos is no list of equal titles.
fn dated(name: String, post: &Post, words: &'static Words) -> String {
    if matches!(&post.media[..], [only] if only.duration.is_some()) {
        return name;
    }
    format!("{name}, {}", words.day_and_month(post.published.date_naive()))
}

/// The key of the message with its name, and with `.count` its number.
pub(super) fn noun(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Video => "video",
        MediaKind::Gif => "gif",
        MediaKind::RoundVideo => "round-video",
        MediaKind::Voice => "voice",
        MediaKind::Sticker | MediaKind::VideoSticker | MediaKind::AnimatedSticker => "sticker",
    }
}

/// How long something plays: `0:42`, `1:02:03`.
pub(super) fn play_time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn place(location: &Location, words: &'static Words) -> String {
    match &location.venue {
        Some(venue) => match &venue.address {
            Some(address) => format!("{}, {address}", venue.title),
            None => venue.title.clone(),
        },
        None => words.tr("location").to_owned(),
    }
}

#[cfg(test)]
mod tests;
