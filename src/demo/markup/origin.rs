//! Where a message comes from and what it answers.

use super::frame::name;
use super::html::Html;
use super::text::write_title;
use super::{Context, medium};
use crate::demo::message::{Forward, Quote, Reply};

pub(super) fn forward(html: &mut Html, forward: &Forward) {
    const CLASS: (&str, &str) = ("class", "tgme_widget_message_forwarded_from_name");
    html.div("tgme_widget_message_forwarded_from accent_color", |html| {
        html.raw("Forwarded from&nbsp;");
        match &forward.path {
            Some(path) => {
                let address = format!("https://t.me/{path}");
                html.element("a", &[CLASS, ("href", &address)], |html| name(html, &forward.title));
            }
            None => html.element("span", &[CLASS], |html| name(html, &forward.title)),
        }
        if let Some(author) = &forward.author {
            html.raw(" (");
            let class = "tgme_widget_message_forwarded_from_author";
            html.element("span", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, author);
            });
            html.raw(")");
        }
    });
    html.raw("\n");
}

/// UPSTREAM(2026-08): the link of a reply ends with a stray quotation mark.
pub(super) fn reply(html: &mut Html, context: &Context<'_>, slot: u32, reply: &Reply) {
    let colour = context.channel.number % 14;
    html.raw(&format!(
        "<a class=\"tgme_widget_message_reply user-color-{colour}\" href=\"https://t.me/{}\" \">",
        reply.path
    ));
    if let Some(file) = reply.thumb {
        medium::thumb(html, "tgme_widget_message_reply_thumb", &context.picture(file, slot));
    }
    html.raw("\n");
    html.div("tgme_widget_message_author accent_color", |html| {
        let class = "tgme_widget_message_author_name";
        html.element("span", &[("class", class), ("dir", "auto")], |html| {
            write_title(html, &reply.title);
        });
    });
    html.raw("\n");
    let (class, text) = match &reply.quote {
        Quote::Text(text) => ("tgme_widget_message_text js-message_reply_text", text),
        Quote::Kind(kind) => ("tgme_widget_message_metatext js-message_reply_text", kind),
    };
    let cut: String = text.chars().take(256).collect();
    html.element("div", &[("class", class), ("dir", "auto")], |html| write_title(html, &cut));
    html.raw("</a>\n");
}
