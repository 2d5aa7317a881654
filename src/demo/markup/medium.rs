//! What stands between the head of a message and its text: photos, films, sounds, files, places, cards.

use super::super::file::photo_number;
use super::super::media;
use super::super::message::{
    Body, Document, File, Item, Medium, Message, Music, Photo, Place, Preview, PreviewPicture,
    Sticker, Video, Voice,
};
use super::Context;
use super::html::{FLAG, Html};
use super::text::{write as write_text, write_title};

/// Films that play by themselves.
const SILENT: [(&str, &str); 5] =
    [("preload", FLAG), ("muted", FLAG), ("autoplay", FLAG), ("loop", FLAG), ("playsinline", FLAG)];

/// The outline that stands in the style of a sticker until its picture is there.
const OUTLINE: &str = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA1MTIgNTEyIj48Y2lyY2xlIGN4PSIyNTYiIGN5PSIyNTYiIHI9IjIwMCIgZmlsbC1vcGFjaXR5PSIuMSIvPjwvc3ZnPg==";

pub(super) fn write(html: &mut Html, context: &Context<'_>, message: &Message) {
    let id = message.id;
    match &message.body {
        Body::Text | Body::Poll(_) | Body::Service(_) | Body::Unsupported(_) => {}
        Body::Photo(photo) => write_photo(html, context, id, *photo),
        Body::Album(items) => write_album(html, context, items),
        Body::Video(video) => write_video(html, context, id, *video, false),
        Body::Gif(video) => write_video(html, context, id, *video, true),
        Body::Round(video) => write_round(html, context, id, *video),
        Body::Voice(voice) => write_voice(html, context, id, *voice),
        Body::Music(music) => write_music(html, context, id, music),
        Body::Documents(documents) => write_documents(html, context, documents, id),
        Body::Sticker(sticker) => write_sticker(html, context, id, *sticker),
        Body::Location(place) => write_place(html, place),
        Body::Contact { name, phone } => write_contact(html, context, id, name, phone),
        Body::Invoice { title, description, total, picture } => {
            write_invoice(html, context, id, (title, description, total), *picture);
        }
        Body::Game { title, text, picture } => {
            write_game(html, context, id, (title, text), picture);
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

/// Boxes of an album: left, top, width and height, in a layer 453 pixels wide, and the height of the layer.
fn layout(count: u32) -> (Vec<(u32, u32, u32, u32)>, u32) {
    const WIDTH: u32 = 453;
    const ROW: u32 = 212;
    let columns = if count <= 4 { 2 } else { 3 };
    let mut boxes = Vec::new();
    let mut top = 0;
    let mut left_over = count;
    while left_over > 0 {
        let odd_first = top == 0 && !left_over.is_multiple_of(columns);
        let in_row = if odd_first { left_over % columns } else { columns.min(left_over) };
        let width = (WIDTH - 2 * (in_row - 1)) / in_row;
        for column in 0..in_row {
            boxes.push((column * (width + 2), top, width, ROW));
        }
        top += ROW + 2;
        left_over -= in_row;
    }
    (boxes, top.saturating_sub(2))
}

fn write_album(html: &mut Html, context: &Context<'_>, items: &[Item]) {
    let (boxes, height) = layout(u32::try_from(items.len()).unwrap_or(u32::MAX));
    let wrap = [
        ("class", "tgme_widget_message_grouped_wrap js-message_grouped_wrap"),
        ("data-margin-w", "2"),
        ("data-margin-h", "2"),
        ("style", "width:453px;"),
    ];
    html.element("div", &wrap, |html| {
        html.raw("\n  ");
        let style = format!("padding-top:{}", padding((453, height)));
        let class = "tgme_widget_message_grouped js-message_grouped";
        html.element("div", &[("class", class), ("style", &style)], |html| {
            html.raw("\n    ");
            let style = format!("width:453px;height:{height}px");
            let class = "tgme_widget_message_grouped_layer js-message_grouped_layer";
            html.element("div", &[("class", class), ("style", &style)], |html| {
                html.raw("\n      ");
                for (item, place) in items.iter().zip(boxes) {
                    write_item(html, context, item, place);
                }
                html.raw("\n    ");
            });
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

fn write_item(
    html: &mut Html,
    context: &Context<'_>,
    item: &Item,
    (left, top, width, height): (u32, u32, u32, u32),
) {
    let place = format!(
        "left:{left}px;top:{top}px;width:{width}px;height:{height}px;margin-right:2px;margin-bottom:2px;"
    );
    let address = format!("{}?single", context.post_address(item.id));
    match item.medium {
        Medium::Photo(photo) => {
            let size = size(photo.file);
            let ratio = ratio(size);
            let picture = context.picture(photo.file, item.id);
            let style = format!("{place}background-image:url('{picture}')");
            let attributes = [
                (
                    "class",
                    "tgme_widget_message_photo_wrap grouped_media_wrap blured js-message_photo",
                ),
                ("style", style.as_str()),
                ("data-ratio", ratio.as_str()),
                ("href", address.as_str()),
            ];
            html.element("a", &attributes, |html| {
                let style = [
                    ("class", "grouped_media_helper"),
                    ("style", "left:0;right:0;top:107px;bottom:107px;"),
                ];
                html.element("div", &style, |html| {
                    html.div("tgme_widget_message_photo grouped_media", |_| {});
                });
            });
        }
        Medium::Video(video) => {
            let ratio = ratio(video.size);
            let mut class =
                String::from("tgme_widget_message_video_player grouped_media_wrap blured");
            if video.file.is_none() {
                class.push_str(" not_supported");
            }
            class.push_str(" js-message_video_player");
            let attributes = [
                ("class", class.as_str()),
                ("style", place.as_str()),
                ("data-ratio", ratio.as_str()),
                ("href", address.as_str()),
            ];
            html.element("a", &attributes, |html| {
                let class = "tgme_widget_message_video_wrap grouped_media js-message_video_wrap";
                player(html, context, item.id, video, class, "left:0;right:0;top:0;bottom:0;");
            });
        }
    }
}

fn ratio((width, height): (u32, u32)) -> String {
    let text = format!("{:.13}", f64::from(width) / f64::from(height.max(1)));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn write_video(html: &mut Html, context: &Context<'_>, id: u32, video: Video, silent: bool) {
    let class = if video.file.is_some() {
        "tgme_widget_message_video_player js-message_video_player"
    } else {
        "tgme_widget_message_video_player not_supported js-message_video_player"
    };
    let address = context.post_address(id);
    html.element("a", &[("class", class), ("href", &address)], |html| {
        let style = format!("width:{}px;padding-top:{}", video.size.0, padding(video.size));
        if silent {
            poster(html, context, id, video);
            html.raw("\n");
            film(html, context, id, video, ("tgme_widget_message_video_wrap", &style), &SILENT);
            html.raw("\n");
            not_playable(html, "This media is not supported in your browser");
        } else {
            player(html, context, id, video, "tgme_widget_message_video_wrap", &style);
        }
    });
}

/// Poster, film, play button, length and notice.
fn player(html: &mut Html, context: &Context<'_>, id: u32, video: Video, class: &str, style: &str) {
    poster(html, context, id, video);
    html.raw("\n");
    film(html, context, id, video, (class, style), &[]);
    html.raw("\n");
    html.div("message_video_play js-message_video_play", |_| {});
    html.raw("\n");
    let class = "message_video_duration js-message_video_duration";
    html.labelled("time", class, &duration(video.seconds));
    not_playable(
        html,
        if video.file.is_some() {
            "This media is not supported in your browser"
        } else {
            "Media is too big"
        },
    );
}

fn poster(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    if let Some(file) = video.poster {
        thumb(html, "tgme_widget_message_video_thumb", &context.poster(file, id));
        html.raw("\n");
    }
}

fn film(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    video: Video,
    (class, style): (&str, &str),
    flags: &[(&str, &str)],
) {
    html.element("div", &[("class", class), ("style", style)], |html| {
        html.raw("\n  ");
        if let Some(file) = video.file {
            let address = context.film(file, id);
            let mut attributes = vec![
                ("src", address.as_str()),
                ("class", "tgme_widget_message_video js-message_video"),
                ("width", "100%"),
                ("height", "100%"),
            ];
            attributes.extend_from_slice(flags);
            html.element("video", &attributes, |_| {});
        }
        html.raw("\n");
    });
}

fn write_round(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    let class = "tgme_widget_message_roundvideo_player js-message_roundvideo_player";
    html.div(class, |html| {
        html.div("tgme_widget_message_roundvideo_wrap", |html| {
            if let Some(file) = video.poster {
                thumb(html, "tgme_widget_message_roundvideo_thumb", &context.poster(file, id));
            }
            if let Some(file) = video.file {
                let address = context.film(file, id);
                let mut attributes = vec![
                    ("class", "tgme_widget_message_roundvideo js-message_roundvideo"),
                    ("src", address.as_str()),
                    ("width", "100%"),
                    ("height", "100%"),
                ];
                attributes.extend_from_slice(&SILENT);
                html.element("video", &attributes, |_| {});
            }
            html.div("tgme_widget_message_roundvideo_muted", |_| {});
            html.div("tgme_widget_message_roundvideo_border", |_| {});
        });
        let label = "This media is not supported in your browser";
        not_supported(html, context, id, label, " js-message_roundvideo_not_supported");
        let class = "tgme_widget_message_roundvideo_play js-message_roundvideo_play";
        html.div(class, |_| {});
        let class = "tgme_widget_message_roundvideo_duration js-message_roundvideo_duration";
        html.labelled("time", class, &duration(video.seconds));
    });
}

fn write_voice(html: &mut Html, context: &Context<'_>, id: u32, voice: Voice) {
    let address = context.post_address(id);
    let class = "tgme_widget_message_voice_player js-message_voice_player";
    html.element("a", &[("class", class), ("href", &address)], |html| {
        let file = context.film(voice.file, id);
        let attributes = [
            ("class", "tgme_widget_message_voice js-message_voice"),
            ("src", file.as_str()),
            ("data-ogg", FLAG),
            ("width", "100%"),
            ("data-waveform", "0,3,9,14,18,22,19,12,8,15,24,27,21,11,6,2,0"),
        ];
        html.element("audio", &attributes, |_| {});
        html.div("tgme_widget_message_voice_play accent_bghover", |_| {});
        html.div("tgme_widget_message_voice_wrap", |html| {
            let class = "tgme_widget_message_voice_progress_wrap js-message_voice_progress_wrap";
            html.div(class, |html| {
                html.div("tgme_widget_message_voice_progress_bg", |html| {
                    html.div("bar", |html| html.raw("<s style=\"height:0%;\"></s>"));
                });
            });
            let class = "tgme_widget_message_voice_duration js-message_voice_duration";
            html.labelled("time", class, &duration(voice.seconds));
        });
    });
}

fn write_music(html: &mut Html, context: &Context<'_>, id: u32, music: &Music) {
    let icon = "tgme_widget_message_document_icon accent_bg audio";
    card(html, &context.post_address(id), icon, (&music.title, &music.performer));
}

fn write_documents(html: &mut Html, context: &Context<'_>, documents: &[Document], first: u32) {
    let several = documents.len() > 1;
    let icon = "tgme_widget_message_document_icon accent_bg";
    for document in documents {
        let id = document.id.max(first);
        let query = if several { "?single" } else { "" };
        let address = format!("{}{query}", context.post_address(id));
        card(html, &address, icon, (&document.name, &document.size));
        if let Some(caption) = &document.caption {
            let class = "tgme_widget_message_text js-message_text";
            html.element("div", &[("class", class), ("dir", "auto")], |html| {
                write_text(html, caption, context.query);
            });
        }
    }
}

/// A row with an icon, a title and a second line.
fn card(html: &mut Html, address: &str, icon: &str, (title, extra): (&str, &str)) {
    let attributes = [("class", "tgme_widget_message_document_wrap"), ("href", address)];
    html.element("a", &attributes, |html| {
        html.raw("\n  ");
        html.div(icon, |_| {});
        html.raw("\n  ");
        html.div("tgme_widget_message_document", |html| {
            let class = "tgme_widget_message_document_title accent_color";
            html.element("div", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, title);
            });
            let class = "tgme_widget_message_document_extra";
            html.element("div", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, extra);
            });
        });
        html.raw("\n");
    });
}

fn write_sticker(html: &mut Html, context: &Context<'_>, id: u32, sticker: Sticker) {
    let label = "This media is not supported in your browser";
    not_supported(html, context, id, label, " media_not_supported_cont");
    html.raw("\n");
    html.div("tgme_widget_message_sticker_wrap media_supported_cont", |html| match sticker {
        Sticker::Still(file) => {
            let style = format!("background-image:url('{OUTLINE}');width:256px;");
            let address = context.film(file, id);
            let attributes = [
                ("class", "tgme_widget_message_sticker js-sticker_image"),
                ("style", style.as_str()),
                ("data-webp", address.as_str()),
            ];
            html.element("i", &attributes, |html| {
                let style = format!("padding-top:{}", padding(size(file)));
                html.element("div", &[("style", &style)], |_| {});
            });
        }
        Sticker::Animated(file) => html.div("tgme_widget_message_tgsticker_wrap", |html| {
            let class = "tgme_widget_message_tgsticker js-tgsticker_image";
            html.element("picture", &[("class", class), ("style", "width:256px;")], |html| {
                html.raw("<div style=\"padding-top:100%\"></div>");
                let address = context.film(file, id);
                html.void("source", &[("type", "application/x-tgsticker"), ("srcset", &address)]);
                html.void("source", &[("type", "image/svg+xml"), ("srcset", OUTLINE)]);
            });
        }),
        Sticker::Film(film, still) => {
            html.div("tgme_widget_message_videosticker", |html| {
                let address = context.film(film, id);
                let attributes = [("class", "js-videosticker_video"), ("src", address.as_str())];
                html.element("video", &attributes, |html| {
                    html.void("img", &[("src", &context.film(still, id))]);
                });
            });
        }
    });
}

/// The ampersands of the map's address are not escaped, as at Telegram.
fn write_place(html: &mut Html, place: &Place) {
    let (north, east) = (place.latitude, place.longitude);
    html.raw(&format!(
        "<a class=\"tgme_widget_message_location_wrap\" href=\"https://maps.google.com/maps?q={north},{east}&ll={north},{east}&z=16\">\n  \
         <div class=\"tgme_widget_message_location\" style=\"background-image:url('https://static-maps.yandex.ru/1.x/?l=map&ll={east},{north}&z=15&size=600,300&scale=1.5&pt={east},{north},comma&lang=en_US')\"></div>"
    ));
    if let Some((title, address)) = &place.venue {
        html.div("tgme_widget_message_location_info", |html| {
            let class = "tgme_widget_message_location_title";
            html.element("div", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, title);
            });
            let class = "tgme_widget_message_location_address";
            html.element("div", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, address);
            });
        });
    }
    html.raw("\n</a>");
}

fn write_contact(html: &mut Html, context: &Context<'_>, id: u32, name: &str, phone: &str) {
    let address = context.post_address(id);
    let attributes = [("class", "tgme_widget_message_contact_wrap"), ("href", address.as_str())];
    html.element("a", &attributes, |html| {
        let letters = super::initials(name, 1);
        let class = "tgme_widget_message_user_photo bgcolor3";
        html.element("i", &[("class", class), ("data-content", &letters)], |_| {});
        html.div("tgme_widget_message_contact", |html| {
            html.div("tgme_widget_message_contact_name accent_color", |html| {
                write_title(html, name);
            });
            html.labelled("div", "tgme_widget_message_contact_phone", phone);
        });
    });
}

fn write_invoice(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    (title, description, total): (&str, &str, &str),
    picture: Option<File>,
) {
    html.div("tgme_widget_message_invoice", |html| {
        html.div("tgme_widget_message_invoice_title accent_color", |html| {
            write_title(html, title);
        });
        html.div("tgme_widget_message_invoice_description", |html| {
            write_title(html, description);
        });
        if let Some(file) = picture {
            let address = context.post_address(id);
            let attributes =
                [("class", "tgme_widget_message_invoice_image_wrap"), ("href", address.as_str())];
            html.element("a", &attributes, |html| {
                let class = "tgme_widget_message_invoice_image";
                thumb(html, class, &context.picture(file, id));
            });
        }
        html.div("tgme_widget_message_invoice_label", |html| {
            html.labelled("span", "tgme_widget_message_invoice_total", total);
            html.raw(" INVOICE");
        });
    });
}

fn write_game(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    (title, text): (&str, &str),
    picture: File,
) {
    let address = context.post_address(id);
    let attributes = [("class", "tgme_widget_message_game"), ("href", address.as_str())];
    html.element("a", &attributes, |html| {
        html.div("tgme_widget_message_game_title accent_color", |html| write_title(html, title));
        html.div("tgme_widget_message_game_text", |html| write_title(html, text));
        thumb(html, "tgme_widget_message_game_image", &context.picture(picture, id));
    });
}

/// The card of a link.
pub(super) fn preview(html: &mut Html, context: &Context<'_>, id: u32, preview: &Preview) {
    let attributes =
        [("class", "tgme_widget_message_link_preview"), ("href", preview.address.as_str())];
    html.element("a", &attributes, |html| {
        html.raw("\n  ");
        if let PreviewPicture::Small(file) = preview.picture {
            thumb(html, "link_preview_right_image", &context.picture(file, id));
            html.raw("\n  ");
        }
        let line = |html: &mut Html, class: &str, text: &Option<String>| {
            if let Some(text) = text {
                html.element("div", &[("class", class), ("dir", "auto")], |html| {
                    write_title(html, text);
                });
                html.raw("\n  ");
            }
        };
        line(html, "link_preview_site_name accent_color", &preview.site);
        match preview.picture {
            PreviewPicture::None | PreviewPicture::Small(_) => {}
            PreviewPicture::Large(file) => {
                let address = context.picture(file, id);
                let padding = padding(size(file));
                let style = format!("background-image:url('{address}');padding-top:{padding}");
                let attributes = [("class", "link_preview_image"), ("style", style.as_str())];
                html.element("i", &attributes, |_| {});
                html.raw("\n  ");
            }
            PreviewPicture::Film(video) => preview_film(html, context, id, video),
        }
        line(html, "link_preview_title", &preview.title);
        line(html, "link_preview_description", &preview.description);
    });
}

fn preview_film(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    let class = "link_preview_video_player js-message_video_player";
    html.element("div", &[("class", class), ("style", "width:55%;")], |html| {
        if let Some(file) = video.poster {
            thumb(html, "link_preview_video_thumb", &context.poster(file, id));
        }
        let style = format!("padding-top:{}", padding(video.size));
        html.element("div", &[("class", "link_preview_video_wrap"), ("style", &style)], |html| {
            if let Some(file) = video.file {
                let address = context.film(file, id);
                let class = "link_preview_video js-message_video";
                html.element("video", &[("src", &address), ("class", class)], |_| {});
            }
        });
        html.div("message_video_play js-message_video_play", |_| {});
        let class = "message_video_duration js-message_video_duration";
        html.labelled("time", class, &duration(video.seconds));
    });
    html.raw("\n  ");
}

#[cfg(test)]
mod tests {
    use super::{duration, layout, padding, ratio};

    #[test]
    fn an_album_of_any_size_has_a_box_for_each_member() {
        for count in 1..=10 {
            let (boxes, height) = layout(count);
            assert_eq!(boxes.len(), count as usize);
            assert!(
                boxes
                    .iter()
                    .all(|(left, top, width, tall)| left + width <= 453 && top + tall <= height)
            );
        }
    }

    #[test]
    fn measures_are_written_as_telegram_does() {
        assert_eq!(padding((800, 450)), "56.25%");
        assert_eq!(padding((640, 640)), "100%");
        assert_eq!(ratio((4, 3)), "1.3333333333333");
        assert_eq!((duration(6), duration(3_725)), ("0:06".to_owned(), "1:02:05".to_owned()));
    }
}
