//! Cards: files and music (without a file), places, people, bills, games.

use super::thumb;
use crate::demo::markup::html::Html;
use crate::demo::markup::text::{write as write_text, write_title};
use crate::demo::markup::{Context, initials};
use crate::demo::message::{Document, File, Music, Place};

pub(super) fn music(html: &mut Html, context: &Context<'_>, id: u32, music: &Music) {
    let icon = "tgme_widget_message_document_icon accent_bg audio";
    card(html, &context.post_address(id), icon, (&music.title, &music.performer));
}

pub(super) fn documents(
    html: &mut Html,
    context: &Context<'_>,
    documents: &[Document],
    first: u32,
) {
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

/// The ampersands of the map's address are not escaped, as at Telegram.
pub(super) fn place(html: &mut Html, place: &Place) {
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

pub(super) fn contact(html: &mut Html, context: &Context<'_>, id: u32, name: &str, phone: &str) {
    let address = context.post_address(id);
    let attributes = [("class", "tgme_widget_message_contact_wrap"), ("href", address.as_str())];
    html.element("a", &attributes, |html| {
        let letters = initials(name, 1);
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

pub(super) fn invoice(
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

pub(super) fn game(
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
