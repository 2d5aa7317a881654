//! The kinds of a post's content, and their marks in titles.

use crate::model::options::Kind;
use crate::model::{DocumentKind, MediaKind, Post};

/// The marks for `title=marked`, in order. A link preview has none: it may arrive late, and a title must not change.
const MARKS: [(Kind, &str); 11] = [
    (Kind::Photo, "🖼️"),
    (Kind::Video, "🎬"),
    (Kind::Gif, "🎞️"),
    (Kind::Round, "⏺️"),
    (Kind::Voice, "🎤"),
    (Kind::Music, "🎵"),
    (Kind::File, "📎"),
    (Kind::Sticker, "🏷️"),
    (Kind::Poll, "📊"),
    (Kind::Location, "📍"),
    (Kind::Contact, "👤"),
];

/// The maximum number of marks in a title.
const MAX_MARKS: usize = 3;

/// The kinds of a post's content, without duplicates.
pub(crate) fn of(post: &Post) -> Vec<Kind> {
    let media = post.media.iter().map(|media| match media.kind {
        MediaKind::Photo => Kind::Photo,
        MediaKind::Video => Kind::Video,
        MediaKind::Gif => Kind::Gif,
        MediaKind::RoundVideo => Kind::Round,
        MediaKind::Voice => Kind::Voice,
        MediaKind::Sticker | MediaKind::VideoSticker | MediaKind::AnimatedSticker => Kind::Sticker,
    });
    let documents = post.documents.iter().map(|document| match document.kind {
        DocumentKind::File => Kind::File,
        DocumentKind::Music => Kind::Music,
    });
    let mut kinds: Vec<Kind> = media.chain(documents).collect();
    kinds.extend(post.poll.as_ref().map(|_| Kind::Poll));
    kinds.extend(post.location.as_ref().map(|_| Kind::Location));
    kinds.extend(post.contact.as_ref().map(|_| Kind::Contact));
    if kinds.is_empty() && !post.text.is_empty() {
        kinds.push(Kind::Text);
    }
    kinds.extend(post.link_preview.as_ref().map(|_| Kind::Link));
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The marks of a post's title; empty for a post with text only.
pub(super) fn marks(post: &Post) -> String {
    let kinds = of(post);
    let marks = MARKS.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, mark)| *mark);
    marks.take(MAX_MARKS).collect()
}
