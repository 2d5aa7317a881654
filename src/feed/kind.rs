//! The kinds of content in a post, and their marks.

use crate::model::options::Kind;
use crate::model::{DocumentKind, MediaKind, Post};

/// The marks for `title=marked`, in order. A link preview has none: it may come late, and a title must not change.
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

/// Per title.
const MAX_MARKS: usize = 3;

/// The kinds of content in a post, without duplicates.
pub(crate) fn held(post: &Post) -> Vec<Kind> {
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

/// Empty for a post with text only.
pub(super) fn marks(post: &Post) -> String {
    let kinds = held(post);
    let marks = MARKS.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, mark)| *mark);
    marks.take(MAX_MARKS).collect()
}
