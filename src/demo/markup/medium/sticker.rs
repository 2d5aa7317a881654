//! Stickers, still and moving.

use super::{not_supported, padding, size};
use crate::demo::markup::Context;
use crate::demo::markup::html::Html;
use crate::demo::message::Sticker;

/// The outline that stands in the style of a sticker until its picture is there.
const OUTLINE: &str = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA1MTIgNTEyIj48Y2lyY2xlIGN4PSIyNTYiIGN5PSIyNTYiIHI9IjIwMCIgZmlsbC1vcGFjaXR5PSIuMSIvPjwvc3ZnPg==";

/// The outline of a sticker that moves: a star.
const DRAWN: &str = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA1MTIgNTEyIj48cGF0aCBmaWxsPSJ1cmwoI2cpIiBkPSJNMjU2IDQwbDYwIDE0NCAxNTYgMTItMTE4IDEwMiAzNiAxNTItMTM0LTgyLTEzNCA4MiAzNi0xNTJMNDAgMTk2bDE1Ni0xMnoiLz48L3N2Zz4=";

pub(super) fn write(html: &mut Html, context: &Context<'_>, id: u32, sticker: Sticker) {
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
                html.void("source", &[("type", "image/svg+xml"), ("srcset", DRAWN)]);
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
