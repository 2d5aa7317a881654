//! What a post holds, and the marks of it.

use crate::model::options::Kind;
use crate::model::{DocumentKind, MediaKind, Post};

/// The mark of each kind for `title=marked`, in the order in which they stand.
///
/// Words have none, and neither has a link preview: it may come late, and a title must not change for it.
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

/// Marks in front of one title.
const MOST_MARKS: usize = 3;

/// All kinds of which the post holds something, each once.
pub fn held(post: &Post) -> Vec<Kind> {
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
    let only_words = kinds.is_empty() && !post.text.is_empty();
    kinds.extend(only_words.then_some(Kind::Text));
    kinds.extend(post.link_preview.as_ref().map(|_| Kind::Link));
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The marks of what a post holds, at most three; empty for words.
pub fn marks(post: &Post) -> String {
    let held = held(post);
    let marks = MARKS.iter().filter(|(kind, _)| held.contains(kind)).map(|(_, mark)| *mark);
    marks.take(MOST_MARKS).collect()
}
