//! The title of a post. It is the same in all formats.
//!
//! It is made only from the author's content, never from parts that may arrive late or change by themselves. Exception:
//! for a bare link, the linked page's title replaces the address.

use std::time::Duration;

use super::kind;
use crate::locale::Words;
use crate::model::{Document, DocumentKind, Language, Location, Media, MediaKind, Post, options};
use crate::text::{MASK, RichText, Spoilers, excerpt, is_blank};

/// Maximum width of a title. Wide characters take two columns.
pub const MAX_COLUMNS: usize = 80;

/// The title of an item; `None` if the feed is to have none.
pub(super) fn of(post: &Post, language: Language, form: options::Title) -> Option<String> {
    match form {
        options::Title::Text => Some(build(post, language)),
        options::Title::Marked => {
            let title = build(post, language);
            let marks = kind::marks(post);
            let is_marked = marks.is_empty() || title.starts_with(&marks);
            Some(if is_marked { title } else { format!("{marks} {title}") })
        }
        options::Title::None => None,
    }
}

/// The title without marks: one line, never empty, spoilers masked.
pub(crate) fn build(post: &Post, language: Language) -> String {
    let words = Words::of(language);
    let candidates: [&dyn Fn() -> Option<String>; 15] = [
        &|| first_meaningful_line(&post.text),
        &|| Some(post.poll.as_ref()?.question.clone()),
        &|| documents(&post.documents, words),
        &|| bare_line(post),
        &|| dated_media(post, words),
        &|| Some(place(post.location.as_ref()?, words)),
        &|| Some(post.contact.as_ref()?.name.clone()),
        &|| Some(post.invoice.as_ref()?.title.clone()),
        &|| Some(post.game.as_ref()?.title.clone()),
        &|| post.link_preview.as_ref()?.title.clone(),
        &|| post.unsupported.as_ref().map(|_| words.tr("app-only").to_owned()),
        &|| post.service.map(|_| words.tr("service").to_owned()),
        &|| post.text.plain(Spoilers::Mask).contains(MASK).then(|| words.tr("spoiler").to_owned()),
        &|| Some(format!("{} {}", words.tr("forwarded-from"), post.forward.as_ref()?.name)),
        &|| Some(post.text.lines().next()?.text),
    ];
    for candidate in candidates {
        let title = candidate().map(|text| excerpt(&text, MAX_COLUMNS)).unwrap_or_default();
        if !is_blank(&title) {
            return title;
        }
    }
    // Telegram's page shows nothing of an empty post.
    words.tr("app-only").to_owned()
}

/// The first line with words, without its bullet.
fn first_meaningful_line(text: &RichText) -> Option<String> {
    let line = text.lines().find(|line| !line.is_bare && has_words(&line.text))?;
    Some(without_bullet(&line.text).to_owned())
}

/// Whether there are letters or digits outside masks and keycaps (`1️⃣`).
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

/// The first line of a post with only hashtags, links, mentions or emoji. Punctuation alone is no title.
fn bare_line(post: &Post) -> Option<String> {
    let line = post.text.lines().find(|line| {
        line.text.chars().any(|character| character.is_alphanumeric() || is_pictograph(character))
    })?;
    let is_address = !line.text.starts_with(['#', '$', '@']) && line.text.contains('.');
    if is_address
        && let Some(title) = post.link_preview.as_ref().and_then(|preview| preview.title.clone())
    {
        return Some(title);
    }
    let short = line.text.strip_prefix("https://").or_else(|| line.text.strip_prefix("http://"));
    Some(short.unwrap_or(&line.text).trim_end_matches('/').to_owned())
}

fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}')
}

/// The name of the first file, and the number of the others.
fn documents(documents: &[Document], words: &'static Words) -> Option<String> {
    let first = document(documents.first()?);
    let others = documents.len() - 1;
    if others == 0 {
        return Some(first);
    }
    let more = words.tr_count("more-files", others);
    let space = MAX_COLUMNS.saturating_sub(more.chars().count());
    Some(format!("{}{more}", excerpt(&first, space)))
}

/// `report.pdf (689 KB)`, `Performer – Track`.
pub(super) fn document(document: &Document) -> String {
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
        return Some(match only.duration {
            Some(duration) => format!("{name}, {}", play_time(duration)),
            None => name.to_owned(),
        });
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for item in media {
        let noun = noun(item.kind);
        match counts.iter_mut().find(|(other, _)| *other == noun) {
            Some((_, count)) => *count += 1,
            None => counts.push((noun, 1)),
        }
    }
    let mut parts = Vec::new();
    for (noun, count) in counts {
        parts.push(words.tr_count(&format!("{noun}.count"), count));
    }
    let list = words.list(&parts);
    let mut characters = list.chars();
    let first = characters.next()?;
    Some(first.to_uppercase().chain(characters).collect())
}

/// The media, with the day so that photos have different titles. A duration is enough for that too.
fn dated_media(post: &Post, words: &'static Words) -> Option<String> {
    let name = media(&post.media, words)?;
    if matches!(&post.media[..], [only] if only.duration.is_some()) {
        return Some(name);
    }
    Some(format!("{name}, {}", words.day_and_month(post.published.date_naive())))
}

/// The key of the name; `.count` is the key with a number.
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

/// `0:42`, `1:02:03`.
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
