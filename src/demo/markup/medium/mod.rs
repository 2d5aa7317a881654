//! What stands between the head of a message and its text: photos, films, sounds, files, places, cards.

mod album;
mod card;
mod film;
mod preview;
mod sticker;

use super::Context;
use super::html::Html;
use crate::demo::file::photo_number;
use crate::demo::media;
use crate::demo::message::{Body, File, Message, Photo};
pub(super) use preview::write as preview;

pub(super) fn write(html: &mut Html, context: &Context<'_>, message: &Message) {
    let id = message.id;
    match &message.body {
        Body::Text | Body::Poll(_) | Body::ServiceMessage(_) | Body::Unsupported(_) => {}
        Body::Photo(photo) => write_photo(html, context, id, *photo),
        Body::Album(items) => album::write(html, context, items),
        Body::Video(video) => film::video(html, context, id, *video, false),
        Body::Gif(video) => film::video(html, context, id, *video, true),
        Body::Round(video) => film::round(html, context, id, *video),
        Body::Voice(voice) => film::voice(html, context, id, *voice),
        Body::Music(music) => card::music(html, context, id, music),
        Body::Documents(documents) => card::documents(html, context, documents, id),
        Body::Sticker(sticker) => sticker::write(html, context, id, *sticker),
        Body::Location(place) => card::place(html, place),
        Body::Contact { name, phone } => card::contact(html, context, id, name, phone),
        Body::Invoice { title, description, total, picture } => {
            card::invoice(html, context, id, (title, description, total), *picture);
        }
        Body::Game { title, text, picture } => {
            card::game(html, context, id, (title, text), picture);
        }
    }
}

/// `<i class="…" style="background-image:url('…')"></i>`.
pub(super) fn thumb(html: &mut Html, class: &str, address: &str) {
    let style = format!("background-image:url('{address}')");
    html.element("i", &[("class", class), ("style", &style)], |_| {});
}

/// The notice that stands for what cannot be shown, and beside much that can.
pub(super) fn not_supported(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    label: &str,
    more_classes: &str,
) {
    let class = format!("message_media_not_supported_wrap{more_classes}");
    html.div(&class, |html| {
        html.raw("\n  ");
        html.div("message_media_not_supported", |html| {
            html.raw("\n    ");
            html.labelled("div", "message_media_not_supported_label", label);
            html.raw("\n    ");
            let address = context.post_address(id);
            let attributes =
                [("href", address.as_str()), ("class", "message_media_view_in_telegram")];
            html.element("a", &attributes, |html| html.raw("VIEW IN TELEGRAM"));
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

/// The same inside a link, where a second link cannot be.
fn not_playable(html: &mut Html, label: &str) {
    html.raw("\n");
    html.div("message_media_not_supported_wrap", |html| {
        html.raw("\n  ");
        html.div("message_media_not_supported", |html| {
            html.raw("\n    ");
            html.labelled("div", "message_media_not_supported_label", label);
            html.raw("\n    ");
            html.labelled("span", "message_media_view_in_telegram", "VIEW IN TELEGRAM");
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

fn size(file: File) -> (u32, u32) {
    media::find(file).map_or((1, 1), |medium| medium.size)
}

/// `56.25%`: the height as a share of the width.
fn padding((width, height): (u32, u32)) -> String {
    let text = format!("{:.6}", f64::from(height) * 100.0 / f64::from(width.max(1)));
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn duration(seconds: u32) -> String {
    if seconds >= 3600 {
        return format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn write_photo(html: &mut Html, context: &Context<'_>, id: u32, photo: Photo) {
    let number = photo_number(photo.file, context.channel.number, id);
    let class = format!(
        "tgme_widget_message_photo_wrap {number} {}_460{:06}",
        1_200_000_000 + number % 100_000_000,
        number % 1_000_000
    );
    let size = size(photo.file);
    let address = context.picture(photo.file, id);
    let style = format!("width:{}px;background-image:url('{address}')", size.0.min(800));
    let attributes =
        [("class", class.as_str()), ("href", &context.post_address(id)), ("style", &style)];
    html.element("a", &attributes, |html| {
        html.raw("\n  ");
        let style = format!("padding-top:{}", padding(size));
        let attributes = [("class", "tgme_widget_message_photo"), ("style", style.as_str())];
        html.element("div", &attributes, |_| {});
        html.raw("\n");
    });
}

#[cfg(test)]
mod tests {
    use super::{duration, padding};

    #[test]
    fn measures_are_written_as_telegram_does() {
        assert_eq!(padding((800, 450)), "56.25%");
        assert_eq!(padding((640, 640)), "100%");
        assert_eq!((duration(6), duration(3_725)), ("0:06".to_owned(), "1:02:05".to_owned()));
    }
}
