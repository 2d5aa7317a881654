//! What stands below a message: reactions, counters, signature and time, buttons.

use chrono::Datelike;

use super::frame::{Place, is_group};
use super::html::Html;
use super::text::{write_emoji, write_title};
use super::{Context, abbreviated};
use crate::demo::message::{Body, Button, Message, Reaction, Views};

pub(super) fn reactions(html: &mut Html, reactions: &[Reaction]) {
    html.div("tgme_widget_message_reactions js-message_reactions", |html| {
        for reaction in reactions {
            let (class, count) = match reaction {
                Reaction::Paid(count) => ("tgme_reaction tgme_reaction_paid", count),
                Reaction::Emoji(_, count) | Reaction::Custom(_, count) => ("tgme_reaction", count),
            };
            html.element("span", &[("class", class)], |html| {
                match reaction {
                    Reaction::Paid(_) => {
                        html.raw("<i class=\"icon icon-telegram-stars\"></i>");
                    }
                    Reaction::Emoji(emoji, _) => write_emoji(html, emoji),
                    Reaction::Custom(number, _) => {
                        html.element("tg-emoji", &[("emoji-id", &number.to_string())], |_| {});
                    }
                }
                html.text(&abbreviated(*count));
            });
        }
    });
}

pub(super) fn write(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    let (class, info) = match place {
        Place::List => (
            "tgme_widget_message_footer compact js-message_footer",
            "tgme_widget_message_info short js-message_info",
        ),
        Place::Embed => (
            "tgme_widget_message_footer js-message_footer",
            "tgme_widget_message_info js-message_info",
        ),
    };
    html.div(class, |html| {
        html.raw("\n  ");
        if place == Place::Embed {
            post_link(html, context, message.id);
        }
        html.raw("\n  ");
        html.div(info, |html| {
            html.raw("\n    ");
            counters(html, message);
            meta(html, context, message, place);
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

fn post_link(html: &mut Html, context: &Context<'_>, id: u32) {
    html.div("tgme_widget_message_link accent_color", |html| {
        let address = context.post_address(id);
        let attributes = [("href", address.as_str()), ("class", "link_anchor flex_ellipsis")];
        html.element("a", &attributes, |html| {
            html.labelled("span", "ellipsis", &format!("t.me/{}", context.channel.name));
            html.text(&format!("/{id}"));
        });
    });
}

fn counters(html: &mut Html, message: &Message) {
    if let Body::Poll(poll) = &message.body {
        counter(html, "tgme_widget_message_voters", &abbreviated(poll.voters), " voters");
    }
    match message.views {
        Views::Hidden => {}
        Views::Empty => counter(html, "tgme_widget_message_views", "", " views"),
        Views::Count(1) => counter(html, "tgme_widget_message_views", "1", " view"),
        Views::Count(count) => {
            counter(html, "tgme_widget_message_views", &abbreviated(count), " views");
        }
    }
}

fn counter(html: &mut Html, class: &str, value: &str, unit: &str) {
    html.labelled("span", class, value);
    html.labelled("span", "copyonly", unit);
}

fn meta(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    html.element("span", &[("class", "tgme_widget_message_meta")], |html| {
        if let Some(author) = message.author.as_ref().filter(|_| !is_group(context)) {
            let class = "tgme_widget_message_from_author";
            html.element("span", &[("class", class), ("dir", "auto")], |html| {
                write_title(html, &author.name);
            });
            html.raw(",&nbsp;");
        }
        if message.edited {
            html.raw("edited &nbsp;");
        }
        let address = context.post_address(message.id);
        let attributes = [("class", "tgme_widget_message_date"), ("href", address.as_str())];
        html.element("a", &attributes, |html| {
            let machine = message.time.format("%Y-%m-%dT%H:%M:%S+00:00").to_string();
            let (class, shown) = match place {
                Place::List => ("time", message.time.format("%H:%M").to_string()),
                Place::Embed => ("datetime", long_time(context, message)),
            };
            html.element("time", &[("datetime", &machine), ("class", class)], |html| {
                html.text(&shown);
            });
        });
    });
}

/// `Jun 9 at 19:33`; with the year when it is another one.
fn long_time(context: &Context<'_>, message: &Message) -> String {
    let pattern = if message.time.year() == context.now.year() {
        "%b %-d at %H:%M"
    } else {
        "%b %-d, %Y at %H:%M"
    };
    message.time.format(pattern).to_string()
}

/// The buttons: a sibling of the bubble, not its child.
pub(super) fn keyboard(html: &mut Html, context: &Context<'_>, message: &Message) {
    if message.keyboard.is_empty() {
        return;
    }
    html.div("tgme_widget_message_inline_keyboard", |html| {
        for row in &message.keyboard {
            html.div("tgme_widget_message_inline_row", |html| {
                for button in row {
                    write_button(html, context, message.id, button);
                }
            });
        }
    });
}

fn write_button(html: &mut Html, context: &Context<'_>, id: u32, button: &Button) {
    let label = |html: &mut Html, label: &str| {
        let class = "tgme_widget_message_inline_button_text";
        html.element("span", &[("class", class), ("dir", "auto")], |html| write_title(html, label));
    };
    match button {
        Button::Link { label: text, address } => {
            let address = address.replace('&', "&amp;");
            let attributes = [
                ("class", "tgme_widget_message_inline_button url_button"),
                ("href", address.as_str()),
                ("target", "_blank"),
                ("rel", "noopener"),
                ("onclick", r"return confirm('Open this link?\n\n'+this.href);"),
            ];
            html.element("a", &attributes, |html| label(html, text));
        }
        Button::Callback { label: text } => {
            let address = context.post_address(id);
            let attributes =
                [("class", "tgme_widget_message_inline_button"), ("href", address.as_str())];
            html.element("a", &attributes, |html| label(html, text));
        }
    }
}
