//! One message in its bubble: head, medium, text, card, reactions, footer and buttons, in Telegram's order.
//! A list page and an embed page differ in the footer and in what stands beside the sender.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::html::Html;
use super::text::{has_custom_emoji, write as write_text, write_title};
use super::{Context, avatar, footer, mark, medium, origin, poll, service};
use crate::demo::channel::Kind;
use crate::demo::message::{Author, Body, Message, ServiceMessage, Wrapping};

/// Where the message is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the list of a channel.
    List,
    /// Alone, for other sites.
    Embed,
}

/// The little triangle at the bubble's corner.
pub(super) const TAIL: &str = r##"<i class="tgme_widget_message_bubble_tail">
      <svg class="bubble_icon" width="9px" height="20px" viewBox="0 0 9 20">
        <g fill="none">
          <path class="background" fill="#ffffff" d="M8,1 L9,1 L9,20 Z"></path>
          <path class="border_1x" fill="#d7e3ec" d="M9,1 L2,1 Z"></path>
        </g>
      </svg>
    </i>"##;

/// The message itself, `div.tgme_widget_message`.
pub(super) fn write(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    let (post, view, peer, peer_hash, id) = identity(context, message);
    let class = class(context, message);
    let mut attributes = vec![("class", class.as_str()), ("data-post", post.as_str())];
    if !is_group(context) {
        attributes.push(("data-view", view.as_str()));
    }
    if place == Place::Embed {
        attributes.push(("data-peer", peer.as_str()));
        attributes.push(("data-peer-hash", peer_hash.as_str()));
        attributes.push(("data-post-id", id.as_str()));
    }
    html.element("div", &attributes, |html| {
        html.raw("\n  ");
        html.div("tgme_widget_message_user", |html| {
            html.element("a", &[("href", &context.address())], |html| {
                avatar(html, context, "tgme_widget_message_user_photo", 1);
            });
        });
        html.raw("\n  ");
        html.div("tgme_widget_message_bubble", |html| {
            html.raw("\n    ");
            if place == Place::Embed {
                html.raw("<a class=\"tgme_widget_message_bubble_logo\" href=\"//core.telegram.org/widgets\"></a>\n        ");
            }
            html.raw(TAIL);
            html.raw("\n    ");
            bubble(html, context, message, place);
            html.raw("\n  ");
        });
        html.raw("\n  ");
        footer::keyboard(html, context, message);
        html.raw("\n");
    });
}

/// `data-post`, `data-view`, `data-peer`, `data-peer-hash` and the id alone.
fn identity(context: &Context<'_>, message: &Message) -> (String, String, String, String, String) {
    let channel = context.channel;
    let post = format!("{}/{}", channel.name, message.id);
    let hash = Sha256::digest(format!("{}.{}", channel.number, message.id));
    let hash: String = hash[..9].iter().map(|byte| format!("{byte:02x}")).collect();
    let id = if matches!(message.body, Body::Album(_)) {
        format!("\"{}g\"", message.id)
    } else {
        message.id.to_string()
    };
    let view = format!(
        r#"{{"c":-{},"p":{id},"t":{},"h":"{hash}"}}"#,
        channel.number,
        context.now.timestamp()
    );
    let view = BASE64_URL_SAFE_NO_PAD.encode(view);
    let peer = format!("c{}_-3781798829404003073", channel.number);
    (post, view, peer, hash, message.id.to_string())
}

pub(super) fn is_group(context: &Context<'_>) -> bool {
    matches!(context.channel.kind, Kind::Group { .. })
}

fn class(context: &Context<'_>, message: &Message) -> String {
    let mut class = String::from("tgme_widget_message text_not_supported_wrap");
    if let Body::ServiceMessage(service) = &message.body
        && !is_group(context)
    {
        class.push_str(" service_message");
        if matches!(service, ServiceMessage::PhotoUpdated(_)) {
            class.push_str(" service_message_photo");
        }
    }
    match message.body {
        Body::Sticker(_) => class.push_str(" sticker_media no_bubble"),
        Body::Round(_) => class.push_str(" roundvideo_media no_bubble"),
        _ => {}
    }
    format!("{class} user-color-{} js-widget_message", context.channel.number % 14)
}

fn bubble(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    head(html, context, message, place);
    if let Some(forward) = &message.forward {
        origin::forward(html, forward);
    }
    if let Some(reply) = &message.reply {
        origin::reply(html, context, message.id, reply);
    }
    content(html, context, message, place);
    if let Some(preview) = &message.preview {
        html.raw("\n");
        medium::preview(html, context, message.id, preview);
    }
    if let Some(reactions) = &message.reactions {
        html.raw("\n");
        footer::reactions(html, reactions);
    }
    footer::write(html, context, message, place);
}

fn head(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    let channel = context.channel;
    html.div("tgme_widget_message_author accent_color", |html| {
        if is_group(context)
            && let Some(author) = &message.author
        {
            member(html, author);
            html.raw("&nbsp;in&nbsp;");
        }
        owner(html, context);
        if place == Place::Embed && channel.mark.is_some() {
            let attributes =
                [("class", "tgme_widget_message_owner_labels"), ("href", &context.address())];
            html.element("a", &attributes, |html| mark(html, channel.mark));
        }
        if message.forward.is_none()
            && let Some(bot) = &message.via
        {
            html.raw(" via ");
            via(html, bot);
        }
    });
    html.raw("\n\n\n");
}

fn owner(html: &mut Html, context: &Context<'_>) {
    let address = context.address();
    let attributes = [("class", "tgme_widget_message_owner_name"), ("href", address.as_str())];
    html.element("a", &attributes, |html| name(html, &context.channel.title));
}

pub(super) fn name(html: &mut Html, title: &str) {
    html.element("span", &[("dir", "auto")], |html| write_title(html, title));
}

/// The member of a group who wrote the message; a link only for those with a user name.
fn member(html: &mut Html, author: &Author) {
    const CLASS: (&str, &str) = ("class", "tgme_widget_message_author_name");
    match &author.user {
        Some(user) => {
            let address = format!("https://t.me/{user}");
            html.element("a", &[CLASS, ("href", &address)], |html| name(html, &author.name));
        }
        None => html.element("span", &[CLASS], |html| name(html, &author.name)),
    }
}

fn via(html: &mut Html, bot: &str) {
    let address = format!("https://t.me/{bot}");
    let attributes = [("class", "tgme_widget_message_via_bot"), ("href", address.as_str())];
    html.element("a", &attributes, |html| html.text(&format!("@{bot}")));
}

/// Medium and text, wrapped when the page may not show everything.
fn content(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    let custom = message.text.as_ref().is_some_and(has_custom_emoji);
    let wrapping = match message.wrapping {
        Wrapping::None if custom && matches!(message.body, Body::Album(_)) => Wrapping::Twice,
        Wrapping::None if custom => Wrapping::Whole,
        other => other,
    };
    let body = |html: &mut Html| body(html, context, message, place);
    let text = |html: &mut Html| text(html, context, message);
    let label = "Please open Telegram to view this post";
    let notice = |html: &mut Html| {
        html.div("media_not_supported_cont", |html| {
            medium::not_supported(html, context, message.id, label, "");
        });
    };
    match wrapping {
        Wrapping::None => {
            body(html);
            text(html);
        }
        Wrapping::Whole => {
            html.div("media_supported_cont", |html| {
                body(html);
                text(html);
            });
            notice(html);
        }
        Wrapping::MediumOnly => {
            html.div("media_supported_cont", |html| body(html));
            notice(html);
            text(html);
        }
        Wrapping::Twice => {
            html.div("media_supported_cont", |html| {
                html.div("tgme_widget_message_one_media js-message_media", |html| {
                    html.div("media_supported_cont", |html| {
                        body(html);
                        text(html);
                    });
                    notice(html);
                });
            });
            notice(html);
        }
    }
}

fn body(html: &mut Html, context: &Context<'_>, message: &Message, place: Place) {
    match &message.body {
        Body::Poll(poll) => poll::write(html, context, message.id, poll, place),
        Body::ServiceMessage(_) if is_group(context) => {
            medium::not_supported(html, context, message.id, "Service message", "");
        }
        Body::ServiceMessage(what) => service::write(html, context, message.id, what),
        Body::Unsupported(label) => {
            medium::not_supported(html, context, message.id, label, "");
        }
        _ => medium::write(html, context, message),
    }
}

/// The text; under an album it stands in two boxes of the same class.
fn text(html: &mut Html, context: &Context<'_>, message: &Message) {
    let Some(text) = &message.text else { return };
    let attributes = [("class", "tgme_widget_message_text js-message_text"), ("dir", "auto")];
    let nested = matches!(message.body, Body::Album(_));
    html.element("div", &attributes, |html| {
        if nested {
            html.element("div", &attributes, |html| write_text(html, text, context.query));
        } else {
            write_text(html, text, context.query);
        }
    });
}
