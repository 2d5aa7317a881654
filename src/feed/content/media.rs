//! Photos, videos, voice messages, stickers and files.

use super::Context;
use super::draft::Draft;
use crate::feed::title::{self, play_time};
use crate::locale::Message;
use crate::model::{Document, DocumentKind, File, Media, MediaKind, Post, Ratio};
use crate::text::Address;

/// Largest width, also used if Telegram's page has none.
const MAX_WIDTH: u32 = 800;
const MAX_STICKER_WIDTH: u32 = 256;
const MAX_ROUND_WIDTH: u32 = 320;

/// Readers show a picture without a width as wide as the text.
const THUMBNAIL_WIDTH: u32 = 120;

/// Space on a page for media of unknown proportions.
const PHOTO_SPACE: (u32, u32) = (800, 600);
const VIDEO_SPACE: (u32, u32) = (800, 450);
const STICKER_SPACE: (u32, u32) = (256, 256);
const THUMBNAIL_SPACE: (u32, u32) = (64, 64);

/// All media in order, or only their names if no files are wanted.
pub(super) fn media(draft: &mut Draft<'_>) {
    let post = draft.post;
    if !draft.context.shows_files() {
        if let Some(names) = title::media(&post.media, draft.words) {
            draft.raw("<p>");
            draft.link(&draft.telegram(post.id), &format!("[{names}]"));
            draft.raw("</p>");
        }
        return;
    }
    let is_album = post.media.len() > 1;
    if is_album && draft.is_page() {
        // The layout depends on the number of items, so it comes before them.
        draft.raw("<div");
        draft.attribute("class", &format!("album of-{}", post.media.len()));
        draft.raw(">");
    }
    for (index, media) in post.media.iter().enumerate() {
        match media.kind {
            _ if media.file.is_none() || media.too_big => without_file(draft, media),
            MediaKind::Photo => photo(draft, media, is_album.then_some(index + 1)),
            MediaKind::Sticker => sticker(draft, media),
            MediaKind::Voice => voice(draft, media),
            MediaKind::AnimatedSticker => animated_sticker(draft, media),
            MediaKind::Video | MediaKind::Gif | MediaKind::RoundVideo | MediaKind::VideoSticker => {
                video(draft, media);
            }
        }
    }
    if is_album && draft.is_page() {
        draft.raw("</div>");
    }
}

/// The first picture that the post's content shows.
pub(crate) fn thumbnail(post: &Post, context: &Context<'_>) -> Option<String> {
    if !context.shows_files() {
        return None;
    }
    let (links, channel, mode) = (context.links, &post.channel, context.media);
    let address = |file: File, picture: &Address| links.file(channel, file, picture.as_str(), mode);
    for media in &post.media {
        match media.kind {
            MediaKind::Photo | MediaKind::Sticker if media.file.is_some() && !media.too_big => {
                return Some(links.media(channel, media, mode));
            }
            MediaKind::Voice | MediaKind::AnimatedSticker => {}
            _ => {
                if let Some(poster) = &media.poster {
                    return Some(address(File::Poster(media.message), poster));
                }
            }
        }
    }
    for document in &post.documents {
        if let Some(picture) = &document.thumbnail {
            return Some(address(File::Poster(document.message), picture));
        }
    }
    let picture = match offered_picture(post) {
        Some(picture) => picture,
        None => &post.link_preview.as_ref()?.picture.as_ref()?.file,
    };
    Some(address(File::Preview(post.id), picture))
}

/// The picture of an invoice or game. It takes precedence over that of a link preview: a post has one address for both.
pub(super) fn offered_picture(post: &Post) -> Option<&Address> {
    let invoice = post.invoice.as_ref().and_then(|invoice| invoice.picture.as_ref());
    invoice.or_else(|| post.game.as_ref()?.picture.as_ref())
}

/// A photo; `number` is its position in an album.
fn photo(draft: &mut Draft<'_>, media: &Media, number: Option<usize>) {
    let address = draft.file(media);
    let words = draft.words;
    let alternative = match number {
        Some(number) => {
            let message = Message::new("photo-of").with("number", number);
            words.message(&message.with("all", draft.post.media.len()))
        }
        None => words.tr("photo").to_owned(),
    };
    if draft.is_page() {
        draft.raw("<figure class=\"photo\"><a");
        draft.attribute("href", &address);
        draft.raw(">");
        picture(draft, &address, &alternative, size(media), PHOTO_SPACE);
        draft.raw("</a></figure>");
    } else {
        draft.raw("<p>");
        picture(draft, &address, &alternative, size(media), PHOTO_SPACE);
        draft.raw("</p>");
    }
}

fn sticker(draft: &mut Draft<'_>, media: &Media) {
    let address = draft.file(media);
    draft.open("p", "sticker");
    picture(draft, &address, draft.words.tr("sticker"), size(media), STICKER_SPACE);
    draft.raw("</p>");
}

/// The outline, because readers cannot show the animation, and a link to the post.
fn animated_sticker(draft: &mut Draft<'_>, media: &Media) {
    let outline = draft.context.links.outline(&draft.post.channel, media.message);
    let Some(address) = outline.filter(|_| media.outline.is_some()) else {
        return without_file(draft, media);
    };
    let name = name(draft, media);
    draft.open("p", class(media.kind));
    picture(draft, &address, &name, size(media), STICKER_SPACE);
    draft.raw("<br>");
    draft.link(&draft.telegram(media.message), &name);
    draft.raw("</p>");
}

/// A video with its poster, and a link to the post after it. Readers without `video` show its content: the poster with
/// the same link.
fn video(draft: &mut Draft<'_>, media: &Media) {
    draft.open("p", class(media.kind));
    draft.raw("<video controls=\"\" preload=\"none\"");
    if matches!(media.kind, MediaKind::Gif | MediaKind::VideoSticker) {
        draft.raw(" loop=\"\" muted=\"\"");
    }
    draft.attribute("src", &draft.file(media));
    let poster = media.poster.as_ref().map(|poster| draft.poster(media.message, poster));
    if let Some(poster) = &poster {
        draft.attribute("poster", poster);
    }
    let space = if media.kind.is_sticker() { STICKER_SPACE } else { VIDEO_SPACE };
    dimensions(draft, size(media), space);
    let (post, name) = (draft.telegram(media.message), name(draft, media));
    if draft.is_page() {
        draft.attribute("aria-label", &name);
    }
    draft.raw(">");
    if let Some(poster) = poster
        && !draft.is_page()
    {
        draft.raw("<a");
        draft.attribute("href", &post);
        draft.raw(">");
        picture(draft, &poster, &name, size(media), space);
        draft.raw("</a>");
    }
    draft.raw("</video><br>");
    draft.link(&post, &name);
    draft.raw("</p>");
}

fn voice(draft: &mut Draft<'_>, media: &Media) {
    draft.open("p", "voice");
    draft.raw("<audio controls=\"\" preload=\"none\"");
    draft.attribute("src", &draft.file(media));
    draft.raw("></audio><br>");
    draft.link(&draft.telegram(media.message), &name(draft, media));
    draft.raw("</p>");
}

/// Media that Telegram's page does not have: poster, name, and a link to the post.
fn without_file(draft: &mut Draft<'_>, media: &Media) {
    let name = name(draft, media);
    draft.open("p", class(media.kind));
    if let Some(poster) = &media.poster
        && media.kind != MediaKind::AnimatedSticker
    {
        let address = draft.poster(media.message, poster);
        picture(draft, &address, &name, size(media), VIDEO_SPACE);
        draft.raw("<br>");
    }
    let text = if media.too_big { format!("{name}: {}", draft.words.tr("too-big")) } else { name };
    draft.link(&draft.telegram(media.message), &text);
    draft.raw("</p>");
}

/// Files and music, each with its caption.
pub(super) fn documents(draft: &mut Draft<'_>) {
    for document in &draft.post.documents {
        file(draft, document);
        draft.rich(&document.caption);
    }
}

fn file(draft: &mut Draft<'_>, document: &Document) {
    draft.open("p", "file");
    if let Some(thumbnail) = &document.thumbnail
        && draft.context.shows_files()
    {
        let address = draft.poster(document.message, thumbnail);
        picture(draft, &address, "", Some(Size::thumbnail(None)), THUMBNAIL_SPACE);
        draft.raw("<br>");
    }
    draft.raw(match document.kind {
        DocumentKind::File => "📎 ",
        DocumentKind::Music => "🎵 ",
    });
    draft.link(&draft.telegram(document.message), &title::document(document));
    draft.raw("</p>");
}

/// In pixels. Without a height, readers keep the picture's proportions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    width: u32,
    height: Option<u32>,
}

impl Size {
    fn new(width: u32, ratio: Option<Ratio>) -> Self {
        Self { width, height: ratio.map(|ratio| ratio.height(width)) }
    }

    pub(super) fn thumbnail(ratio: Option<Ratio>) -> Self {
        Self::new(THUMBNAIL_WIDTH, ratio)
    }

    /// `None` for a picture of unknown proportions: it may be small.
    pub(super) fn large(ratio: Option<Ratio>, width: Option<u32>) -> Option<Self> {
        let width = width.filter(|width| *width > 0).unwrap_or(MAX_WIDTH).min(MAX_WIDTH);
        ratio.map(|ratio| Self::new(width, Some(ratio)))
    }
}

fn size(media: &Media) -> Option<Size> {
    let max = match media.kind {
        MediaKind::AnimatedSticker => return Some(Size::new(MAX_STICKER_WIDTH, media.ratio)),
        MediaKind::Sticker | MediaKind::VideoSticker => MAX_STICKER_WIDTH,
        MediaKind::RoundVideo => MAX_ROUND_WIDTH,
        MediaKind::Photo | MediaKind::Video | MediaKind::Gif | MediaKind::Voice => {
            return Size::large(media.ratio, media.width);
        }
    };
    let width = media.width.filter(|width| *width > 0).unwrap_or(max);
    Some(Size::new(width.min(max), media.ratio))
}

/// An `img`. On a page, width and height are always set so that nothing moves when the picture loads; `space` is for
/// pictures of unknown proportions.
pub(super) fn picture(
    draft: &mut Draft<'_>,
    address: &str,
    alternative: &str,
    size: Option<Size>,
    space: (u32, u32),
) {
    draft.raw("<img");
    draft.attribute("src", address);
    draft.attribute("alt", alternative);
    dimensions(draft, size, space);
    if draft.is_page() {
        draft.raw(" loading=\"lazy\"");
    }
    draft.raw(">");
}

fn dimensions(draft: &mut Draft<'_>, size: Option<Size>, space: (u32, u32)) {
    let (width, height) = if draft.is_page() {
        let (class, (width, height)) = match size {
            Some(Size { width, height: Some(height) }) => (shape(width, height), (width, height)),
            _ => (Some("any"), space),
        };
        if let Some(class) = class {
            draft.attribute("class", class);
        }
        (width, Some(height))
    } else {
        let Some(Size { width, height }) = size else { return };
        (width, height)
    };
    draft.attribute("width", &width.to_string());
    if let Some(height) = height {
        draft.attribute("height", &height.to_string());
    }
}

/// The class for media that would not fit on a screen at full width; `h7` is at least 0.7 and less than 0.8 times as
/// wide as high. It is a class because the pages forbid style attributes.
fn shape(width: u32, height: u32) -> Option<&'static str> {
    const SHAPES: [&str; 13] =
        ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9", "h10", "h11", "h12"];
    let tenths = usize::try_from(u64::from(width) * 10 / u64::from(height.max(1))).ok()?;
    SHAPES.get(tenths).copied()
}

/// `Video, 0:42`.
fn name(draft: &Draft<'_>, media: &Media) -> String {
    let name = draft.words.tr(title::noun(media.kind));
    match media.duration {
        Some(duration) => format!("{name}, {}", play_time(duration)),
        None => name.to_owned(),
    }
}

fn class(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Photo => "photo",
        MediaKind::Video => "video",
        MediaKind::Gif => "gif",
        MediaKind::RoundVideo => "round",
        MediaKind::Voice => "voice",
        MediaKind::Sticker | MediaKind::VideoSticker | MediaKind::AnimatedSticker => "sticker",
    }
}
