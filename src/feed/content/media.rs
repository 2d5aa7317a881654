//! Photos, films, sounds, stickers and files.

use super::Context;
use super::draft::Draft;
use crate::feed::title::{self, play_time};
use crate::locale::Message;
use crate::model::{Document, DocumentKind, Media, MediaKind, Post, Ratio};
use crate::text::Address;

/// The width of a picture or film when Telegram's page does not tell it, and the largest that is printed.
const WIDEST: u32 = 800;

/// The same for stickers.
const WIDEST_STICKER: u32 = 256;

/// The same for round videos.
const WIDEST_ROUND: u32 = 320;

/// The width of a thumbnail: readers show a picture without a width as wide as the text.
const THUMBNAIL: u32 = 120;

/// The room on a page for what has no proportions that the page tells.
const ANY_PHOTO: (u32, u32) = (800, 600);
const ANY_FILM: (u32, u32) = (800, 450);
const ANY_STICKER: (u32, u32) = (256, 256);
const THUMB: (u32, u32) = (64, 64);

/// All media, in order; names only, where no files are wanted.
pub(super) fn media(draft: &mut Draft<'_>) {
    let post = draft.post;
    if !draft.context.shows_files() {
        if let Some(named) = title::media(&post.media, draft.words) {
            draft.raw("<p>");
            draft.link(&draft.telegram(post.id), &format!("[{named}]"));
            draft.raw("</p>");
        }
        return;
    }
    let is_album = post.media.len() > 1 && draft.is_page();
    if is_album {
        // The number stands in front of the items, so that none moves when the last one arrives.
        draft.raw("<div");
        draft.attribute("class", &format!("album of-{}", post.media.len()));
        draft.raw(">");
    }
    let is_one_of_many = post.media.len() > 1;
    for (number, media) in post.media.iter().enumerate() {
        let place = is_one_of_many.then_some(number + 1);
        match media.kind {
            _ if media.file.is_none() || media.too_big => without_file(draft, media),
            MediaKind::Photo => photo(draft, media, place),
            MediaKind::Sticker => sticker(draft, media),
            MediaKind::Voice => voice(draft, media),
            MediaKind::AnimatedSticker => drawn_sticker(draft, media),
            MediaKind::Video | MediaKind::Gif | MediaKind::RoundVideo | MediaKind::VideoSticker => {
                video(draft, media);
            }
        }
    }
    if is_album {
        draft.raw("</div>");
    }
}

/// The picture that stands for a post: the first that its content shows.
pub fn thumbnail(post: &Post, context: &Context<'_>) -> Option<String> {
    if !context.shows_files() {
        return None;
    }
    let (links, channel, mode) = (context.links, &post.channel, context.media);
    let media = post.media.iter().find_map(|media| match media.kind {
        MediaKind::Photo | MediaKind::Sticker if media.file.is_some() && !media.too_big => {
            Some(links.media(channel, media, mode))
        }
        MediaKind::Voice | MediaKind::AnimatedSticker => None,
        _ => {
            let poster = media.poster.as_ref()?;
            Some(links.poster(channel, media.message, poster, mode))
        }
    });
    let document = || {
        post.documents.iter().find_map(|document| {
            let picture = document.thumbnail.as_ref()?;
            Some(links.poster(channel, document.message, picture, mode))
        })
    };
    let preview = || {
        let picture = picture_of(post)?;
        Some(links.preview(channel, post.id, picture, mode))
    };
    media.or_else(document).or_else(preview)
}

/// A post has one address for such a picture: what is for sale and games come before linked pages.
pub(super) fn offered_picture(post: &Post) -> Option<&Address> {
    let for_sale = post.invoice.as_ref().and_then(|invoice| invoice.picture.as_ref());
    for_sale.or_else(|| post.game.as_ref()?.picture.as_ref())
}

/// The picture of something for sale, of a game or of a linked page that the content shows.
fn picture_of(post: &Post) -> Option<&Address> {
    let linked = || Some(&post.link_preview.as_ref()?.picture.as_ref()?.file);
    offered_picture(post).or_else(linked)
}

fn photo(draft: &mut Draft<'_>, media: &Media, place: Option<usize>) {
    let address = draft.file(media);
    let words = draft.words;
    let alternative = match place {
        Some(place) => {
            let message = Message::new("photo-of").with("number", place);
            words.message(&message.with("all", draft.post.media.len()))
        }
        None => words.tr("photo").to_owned(),
    };
    if draft.is_page() {
        draft.raw("<figure class=\"photo\"><a");
        draft.attribute("href", &address);
        draft.raw(">");
        picture(draft, &address, &alternative, size(media), ANY_PHOTO);
        draft.raw("</a></figure>");
    } else {
        draft.raw("<p>");
        picture(draft, &address, &alternative, size(media), ANY_PHOTO);
        draft.raw("</p>");
    }
}

fn sticker(draft: &mut Draft<'_>, media: &Media) {
    let address = draft.file(media);
    draft.open("p", "sticker");
    picture(draft, &address, draft.words.tr("sticker"), size(media), ANY_STICKER);
    draft.raw("</p>");
}

/// Readers cannot draw it: its outline stands for it, and a link leads to where it moves.
fn drawn_sticker(draft: &mut Draft<'_>, media: &Media) {
    let outline = draft.context.links.outline(&draft.post.channel, media.message);
    let Some(address) = outline.filter(|_| media.outline.is_some()) else {
        return without_file(draft, media);
    };
    let name = name(draft, media);
    draft.open("p", class(media.kind));
    picture(draft, &address, &name, size(media), ANY_STICKER);
    draft.raw("<br>");
    draft.link(&draft.telegram(media.message), &name);
    draft.raw("</p>");
}

/// A video with its still picture, and behind it a link to the post. Readers that know no `video` show what is in it: the
/// picture, linked too.
fn video(draft: &mut Draft<'_>, media: &Media) {
    let silent = matches!(media.kind, MediaKind::Gif | MediaKind::VideoSticker);
    draft.open("p", class(media.kind));
    draft.raw("<video controls=\"\" preload=\"none\"");
    if silent {
        draft.raw(" loop=\"\" muted=\"\"");
    }
    draft.attribute("src", &draft.file(media));
    let poster = media.poster.as_ref().map(|poster| draft.poster(media.message, poster));
    if let Some(poster) = &poster {
        draft.attribute("poster", poster);
    }
    let room = if media.kind.is_sticker() { ANY_STICKER } else { ANY_FILM };
    dimensions(draft, size(media), room);
    let (post, name) = (draft.telegram(media.message), name(draft, media));
    if draft.is_page() {
        draft.attribute("aria-label", &name);
    }
    draft.raw(">");
    if let Some(poster) = poster.filter(|_| !draft.is_page()) {
        draft.raw("<a");
        draft.attribute("href", &post);
        draft.raw(">");
        picture(draft, &poster, &name, size(media), room);
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

/// What has no file for us: its still if there is one, its name, and where it can be seen.
fn without_file(draft: &mut Draft<'_>, media: &Media) {
    let name = name(draft, media);
    draft.open("p", class(media.kind));
    let still = media.poster.as_ref().filter(|_| media.kind != MediaKind::AnimatedSticker);
    if let Some(still) = still {
        let address = draft.poster(media.message, still);
        picture(draft, &address, &name, size(media), ANY_FILM);
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
    if let Some(thumbnail) = document.thumbnail.as_ref().filter(|_| draft.context.shows_files()) {
        let address = draft.poster(document.message, thumbnail);
        picture(draft, &address, "", Some(Size::thumbnail(None)), THUMB);
        draft.raw("<br>");
    }
    draft.raw(match document.kind {
        DocumentKind::File => "📎 ",
        DocumentKind::Music => "🎵 ",
    });
    draft.link(&draft.telegram(document.message), &title::named(document));
    draft.raw("</p>");
}

/// Width and height in pixels. Without a height, readers keep the picture's proportions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    width: u32,
    height: Option<u32>,
}

impl Size {
    /// Of a picture with proportions, if it has any.
    fn of(width: u32, ratio: Option<Ratio>) -> Self {
        Self { width, height: ratio.map(|ratio| ratio.height(width)) }
    }

    /// Of a small picture beside a text.
    pub(super) fn thumbnail(ratio: Option<Ratio>) -> Self {
        Self::of(THUMBNAIL, ratio)
    }

    /// Of a large picture; `None` when the page does not tell its proportions: it may be small.
    pub(super) fn large(ratio: Option<Ratio>, width: Option<u32>) -> Option<Self> {
        let width = width.filter(|width| *width > 0).unwrap_or(WIDEST).min(WIDEST);
        ratio.map(|ratio| Self::of(width, Some(ratio)))
    }
}

/// An `img`. On a page width and height are always there, so that nothing moves when it comes: `room` is what is left free
/// for a picture of whose proportions nothing is known.
pub(super) fn picture(
    draft: &mut Draft<'_>,
    address: &str,
    alternative: &str,
    size: Option<Size>,
    room: (u32, u32),
) {
    draft.raw("<img");
    draft.attribute("src", address);
    draft.attribute("alt", alternative);
    dimensions(draft, size, room);
    if draft.is_page() {
        draft.raw(" loading=\"lazy\"");
    }
    draft.raw(">");
}

fn size(media: &Media) -> Option<Size> {
    let at_most = |widest: u32| {
        let width = media.width.filter(|width| *width > 0).unwrap_or(widest);
        Some(Size::of(width.min(widest), media.ratio))
    };
    match media.kind {
        MediaKind::AnimatedSticker => Some(Size::of(WIDEST_STICKER, media.ratio)),
        MediaKind::Sticker | MediaKind::VideoSticker => at_most(WIDEST_STICKER),
        MediaKind::RoundVideo => at_most(WIDEST_ROUND),
        MediaKind::Photo | MediaKind::Video | MediaKind::Gif | MediaKind::Voice => {
            Size::large(media.ratio, media.width)
        }
    }
}

fn dimensions(draft: &mut Draft<'_>, size: Option<Size>, room: (u32, u32)) {
    let whole = size.and_then(|size| Some((size.width, size.height?)));
    if draft.is_page() {
        if let Some(class) = whole.map_or(Some("any"), shape) {
            draft.attribute("class", class);
        }
        let (width, height) = whole.unwrap_or(room);
        draft.attribute("width", &width.to_string());
        draft.attribute("height", &height.to_string());
    } else if let Some(Size { width, height }) = size {
        draft.attribute("width", &width.to_string());
        if let Some(height) = height {
            draft.attribute("height", &height.to_string());
        }
    }
}

/// The class of what is so tall that it would not fit on a screen when it is as wide as the page: a style of its own, for
/// what a style attribute would say is forbidden on our pages. `h7` is at least 0.7 and less than 0.8 times as wide as high.
fn shape((width, height): (u32, u32)) -> Option<&'static str> {
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
