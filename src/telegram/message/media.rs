//! Photos, films, sounds and stickers.

use scraper::ElementRef;

use super::{MOST_PARTS, Reading};
use crate::model::{Media, MediaKind, MessageId, Ratio};
use crate::telegram::quantity;
use crate::telegram::selectors as class;
use crate::telegram::style;
use crate::telegram::tree::{attribute, classes, find, find_element, has_class};
use crate::telegram::warning::WarningKind;
use crate::text::Address;

/// Pictures shown at this width or less are emoji and icons, no photos.
const SMALLEST: u32 = 32;

impl Reading<'_> {
    pub(super) fn read_media(&mut self, class: &str, element: ElementRef<'_>) {
        if self.post.media.len() >= MOST_PARTS {
            return;
        }
        let message = self.message_of(element);
        let media = match class {
            class::PHOTO => photo(element, message),
            class::SERVICE_PHOTO => service_photo(element, message),
            class::VIDEO => Some(video(element, message)),
            class::ROUND_VIDEO => Some(round_video(element, message)),
            class::VOICE => Some(voice(element, message)),
            class::STICKER => Some(still_sticker(element, message)),
            class::TGS_STICKER => Some(drawn_sticker(element, message)),
            _ => Some(filmed_sticker(element, message)),
        };
        let Some(media) = media else { return };
        if media.file.is_none() && !media.too_big {
            self.warnings.tell(WarningKind::MissingPart, &format!(".{class}"), "no file");
        }
        self.document = None;
        self.post.media.push(media);
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
    media.photo_id = classes(element).find_map(|class| {
        if class.bytes().all(|byte| byte.is_ascii_digit()) { class.parse().ok() } else { None }
    });
    media.ratio = data_ratio(element);
    if has_class(element, class::GROUPED) || media.ratio.is_some() {
        // The pixels of an album's items are those of its layout.
        return Some(media);
    }
    media.width = style::pixels(style, "width");
    media.ratio = padding_ratio(element);
    media.width.is_none_or(|width| width > SMALLEST).then_some(media)
}

/// The channel's new picture, in the message that tells of it.
fn service_photo(element: ElementRef<'_>, message: MessageId) -> Option<Media> {
    let file = find_element(element, "img")
        .and_then(|image| attribute(image, "src"))
        .and_then(style::web_address);
    file.map(|file| new(message, MediaKind::Photo, Some(file)))
}

/// A film or GIF. A GIF has neither a button nor a duration, or plays by itself again and again.
fn video(element: ElementRef<'_>, message: MessageId) -> Media {
    let film = film(element);
    let plays_alone = film.is_some_and(|film| {
        attribute(film, "autoplay").is_some() && attribute(film, "loop").is_some()
    });
    let duration = duration(element);
    let has_button = find(element, class::PLAY).is_some();
    let is_gif = film.is_some() && (plays_alone || duration.is_none() && !has_button);
    let kind = if is_gif { MediaKind::Gif } else { MediaKind::Video };
    let mut media = new(message, kind, film.and_then(source));
    media.poster = poster(element);
    media.duration = duration.filter(|_| !is_gif);
    media.too_big = media.file.is_none() && has_class(element, class::NOT_SUPPORTED);
    media.ratio = data_ratio(element);
    if media.ratio.is_none() {
        let wrap = element.descendent_elements().skip(1).find(|inner| is_sized(*inner));
        let style = wrap.and_then(|wrap| attribute(wrap, "style")).unwrap_or_default();
        media.ratio = style::padding_ratio(style);
        media.width = style::pixels(style, "width");
    }
    media
}

fn round_video(element: ElementRef<'_>, message: MessageId) -> Media {
    let mut media = new(message, MediaKind::RoundVideo, film(element).and_then(source));
    media.poster = poster(element);
    media.duration = duration(element);
    media.ratio = Ratio::new(1.0);
    media.too_big = media.file.is_none() && has_class(element, class::NOT_SUPPORTED);
    media
}

fn voice(element: ElementRef<'_>, message: MessageId) -> Media {
    let mut media = new(message, MediaKind::Voice, find_element(element, "audio").and_then(source));
    media.duration = duration(element);
    media
}

/// UPSTREAM(2026-08): the style of a sticker draws its outline; the picture is in `data-webp`.
fn still_sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let style = attribute(element, "style").unwrap_or_default();
    let file = attribute(element, "data-webp")
        .and_then(style::web_address)
        .or_else(|| style::picture(style));
    sized(new(message, MediaKind::Sticker, file), element)
}

/// UPSTREAM(2026-08): two sources: the drawing, and an outline that stands in the attribute itself.
fn drawn_sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let sources = || element.descendent_elements().filter(|inner| inner.value().name() == "source");
    let is_drawing =
        |source: &ElementRef<'_>| attribute(*source, "type") == Some("application/x-tgsticker");
    let address = |source: ElementRef<'_>| attribute(source, "srcset").and_then(style::web_address);
    let mut media =
        new(message, MediaKind::AnimatedSticker, sources().find(is_drawing).and_then(address));
    media.poster = sources().filter(|source| !is_drawing(source)).find_map(address);
    media.outline = sources().find_map(|source| style::outline(attribute(source, "srcset")?));
    sized(media, element)
}

fn filmed_sticker(element: ElementRef<'_>, message: MessageId) -> Media {
    let mut media = new(message, MediaKind::VideoSticker, film(element).and_then(source));
    media.poster = find_element(element, "img").and_then(source);
    sized(media, element)
}

/// Width and proportions of a sticker: its own width, and the box inside.
fn sized(mut media: Media, element: ElementRef<'_>) -> Media {
    media.width = attribute(element, "style").and_then(|style| style::pixels(style, "width"));
    media.ratio = padding_ratio(element);
    media
}

/// The film itself, not its blurred copy.
fn film(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut films = element.descendent_elements().filter(|inner| inner.value().name() == "video");
    let first = films.next()?;
    if has_class(first, class::BLURRED) { films.next().or(Some(first)) } else { Some(first) }
}

fn source(element: ElementRef<'_>) -> Option<Address> {
    attribute(element, "src").and_then(style::web_address)
}

/// The still picture of a film: the first element that has one behind it.
fn poster(element: ElementRef<'_>) -> Option<Address> {
    element
        .descendent_elements()
        .skip(1)
        .filter(|inner| inner.value().name() == "i")
        .find_map(|inner| style::picture(attribute(inner, "style")?))
}

/// The text of the `time` element, which has no `datetime` here.
fn duration(element: ElementRef<'_>) -> Option<std::time::Duration> {
    let text: String = find_element(element, "time")?.text().take(8).collect();
    quantity::duration(&text)
}

fn data_ratio(element: ElementRef<'_>) -> Option<Ratio> {
    Ratio::new(attribute(element, "data-ratio")?.trim().parse().ok()?)
}

/// The proportions of the first box inside that keeps its height by `padding-top`.
fn padding_ratio(element: ElementRef<'_>) -> Option<Ratio> {
    element
        .descendent_elements()
        .skip(1)
        .find_map(|inner| style::padding_ratio(attribute(inner, "style")?))
}

fn is_sized(element: ElementRef<'_>) -> bool {
    attribute(element, "style").is_some_and(|style| style::padding_ratio(style).is_some())
}
