//! Photos, videos, voice messages, stickers and files. Telegram's pages only name files and music, without their content.

use scraper::ElementRef;

use super::text::line_of;
use crate::model::{Document, DocumentKind, Media, MediaKind, MessageId, Ratio};
use crate::telegram::quantity;
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{attribute, classes, find, find_element, has_class, inside};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{Address, RichText};

/// Pictures of this width or less, in pixels, are emoji or icons.
const MAX_ICON_WIDTH: u32 = 32;

/// Reads an element with one of the media classes; `None` if it is no media after all.
pub(super) fn media(class: &str, element: ElementRef<'_>, message: MessageId) -> Option<Media> {
    match class {
        class::PHOTO => photo(element, message),
        class::SERVICE_PHOTO => service_photo(element, message),
        class::VIDEO => Some(video(element, message)),
        class::ROUND_VIDEO => Some(round_video(element, message)),
        class::VOICE => Some(voice(element, message)),
        class::STICKER => Some(sticker(element, message)),
        class::TGS_STICKER => Some(animated_sticker(element, message)),
        _ => Some(video_sticker(element, message)),
    }
}

fn new(message: MessageId, kind: MediaKind, file: Option<Address>) -> Media {
    Media {
        message,
        kind,
        file,
        poster: None,
        photo_id: None,
        duration: None,
        ratio: None,
        width: None,
        outline: None,
        length: None,
        too_big: false,
    }
}

/// UPSTREAM(2026-08): the first class of digits is the photo's number, which stays while the address changes.
fn photo(element: ElementRef<'_>, message: MessageId) -> Option<Media> {
    let style = attribute(element, "style").unwrap_or_default();
    let mut media = new(message, MediaKind::Photo, style::picture(style));
    media.photo_id = classes(element)
        .filter(|class| class.bytes().all(|byte| byte.is_ascii_digit()))
        .find_map(|class| class.parse().ok());
    media.ratio = data_ratio(element);
    if has_class(element, class::GROUPED) || media.ratio.is_some() {
        // The size of an album's item is that of its cell in the layout.
        return Some(media);
    }
    media.width = style::pixels(style, "width");
    media.ratio = padding_ratio(element);
    media.width.is_none_or(|width| width > MAX_ICON_WIDTH).then_some(media)
}

/// The channel's new picture, in a service message.
fn service_photo(element: ElementRef<'_>, message: MessageId) -> Option<Media> {
    let file = find_element(element, "img").and_then(style::source)?;
    Some(new(message, MediaKind::Photo, Some(file)))
}

/// A video or GIF. A GIF has neither a play button nor a duration, or it plays by itself in a loop.
fn video(element: ElementRef<'_>, message: MessageId) -> Media {
    let video = video_element(element);
    let plays_itself = video.is_some_and(|video| {
        attribute(video, "autoplay").is_some() && attribute(video, "loop").is_some()
    });
    let duration = duration(element);
    let has_button = find(element, class::PLAY).is_some();
    let is_gif = video.is_some() && (plays_itself || duration.is_none() && !has_button);
    let kind = if is_gif { MediaKind::Gif } else { MediaKind::Video };
    let mut media = new(message, kind, video.and_then(style::source));
    media.poster = poster(element);
    media.duration = duration.filter(|_| !is_gif);
    media.too_big = media.file.is_none() && has_class(element, class::NOT_SUPPORTED);
    media.ratio = data_ratio(element);
    if media.ratio.is_none() {
        let mut styles = inside(element).filter_map(|inner| attribute(inner, "style"));
        let style = styles.find(|style| style::padding_ratio(style).is_some()).unwrap_or_default();
        media.ratio = style::padding_ratio(style);
        media.width = style::pixels(style, "width");
    }
    media
}

fn round_video(element: ElementRef<'_>, message: MessageId) -> Media {
    let file = video_element(element).and_then(style::source);
    let mut media = new(message, MediaKind::RoundVideo, file);
    media.poster = poster(element);
    media.duration = duration(element);
    media.ratio = Ratio::new(1.0);
    media.too_big = media.file.is_none() && has_class(element, class::NOT_SUPPORTED);
    media
}

fn voice(element: ElementRef<'_>, message: MessageId) -> Media {
    let file = find_element(element, "audio").and_then(style::source);
    let mut media = new(message, MediaKind::Voice, file);
    media.duration = duration(element);
    media
}

/// UPSTREAM(2026-08): the style of a sticker draws its outline; the picture is in `data-webp`.
fn sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let webp = attribute(element, "data-webp").and_then(style::web_address);
    sized(new(message, MediaKind::Sticker, webp.or_else(|| style::background(element))), element)
}

/// UPSTREAM(2026-08): there are two sources: the animation, and an outline as a `data:` URL.
fn animated_sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let mut media = new(message, MediaKind::AnimatedSticker, None);
    for source in element.descendent_elements().filter(|inner| inner.value().name() == "source") {
        let Some(srcset) = attribute(source, "srcset") else { continue };
        media.outline = media.outline.or_else(|| style::outline(srcset));
        if attribute(source, "type") == Some("application/x-tgsticker") {
            media.file = media.file.or_else(|| style::web_address(srcset));
        } else {
            media.poster = media.poster.or_else(|| style::web_address(srcset));
        }
    }
    sized(media, element)
}

fn video_sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let file = video_element(element).and_then(style::source);
    let mut media = new(message, MediaKind::VideoSticker, file);
    media.poster = find_element(element, "img").and_then(style::source);
    sized(media, element)
}

/// Sets width and proportions of a sticker: its own width, and the box inside.
fn sized(mut media: Media, element: ElementRef<'_>) -> Media {
    media.width = attribute(element, "style").and_then(|style| style::pixels(style, "width"));
    media.ratio = padding_ratio(element);
    media
}

/// The `video` itself, not its blurred copy.
fn video_element(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut videos = element.descendent_elements().filter(|inner| inner.value().name() == "video");
    let first = videos.next()?;
    if has_class(first, class::BLURRED) { videos.next().or(Some(first)) } else { Some(first) }
}

/// The first `i` with a background.
fn poster(element: ElementRef<'_>) -> Option<Address> {
    inside(element).filter(|inner| inner.value().name() == "i").find_map(style::background)
}

/// The text of the `time` element, which has no `datetime` here.
fn duration(element: ElementRef<'_>) -> Option<std::time::Duration> {
    let text: String = find_element(element, "time")?.text().take(8).collect();
    quantity::duration(&text)
}

fn data_ratio(element: ElementRef<'_>) -> Option<Ratio> {
    Ratio::new(attribute(element, "data-ratio")?.trim().parse().ok()?)
}

/// The proportions of the first box inside whose height is set by `padding-top`.
fn padding_ratio(element: ElementRef<'_>) -> Option<Ratio> {
    inside(element).find_map(|inner| style::padding_ratio(attribute(inner, "style")?))
}

pub(super) fn document(
    element: ElementRef<'_>,
    message: MessageId,
    warnings: &mut Warnings,
) -> Option<Document> {
    let extra = line_of(element, class::DOCUMENT_EXTRA);
    let title = line_of(element, class::DOCUMENT_TITLE).or_else(|| extra.clone());
    let Some(title) = title else {
        warnings.add(WarningKind::MissingPart, ".tgme_widget_message_document_wrap", "no name");
        return None;
    };
    let is_music =
        find(element, class::DOCUMENT_ICON).is_some_and(|icon| has_class(icon, class::MUSIC));
    Some(Document {
        message,
        kind: if is_music { DocumentKind::Music } else { DocumentKind::File },
        title,
        extra,
        thumbnail: inside(element).find_map(style::background),
        caption: RichText::default(),
    })
}
