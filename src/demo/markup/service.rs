//! What happened to a channel, as a message.

use super::Context;
use super::frame::name;
use super::html::Html;
use super::text::write_title;
use crate::demo::message::ServiceMessage;

pub(super) fn write(html: &mut Html, context: &Context<'_>, id: u32, service: &ServiceMessage) {
    let strong = |html: &mut Html, text: &str| {
        html.raw("«");
        let class = "tgme_widget_service_strong_text";
        html.element("span", &[("class", class), ("dir", "auto")], |html| write_title(html, text));
        html.raw("»");
    };
    let attributes = [("class", "tgme_widget_message_text js-message_text"), ("dir", "auto")];
    if !matches!(service, ServiceMessage::Silent) {
        html.element("div", &attributes, |html| match service {
            ServiceMessage::Created => html.raw("Channel created"),
            ServiceMessage::Renamed(title) => {
                html.raw("Channel name was changed to ");
                strong(html, title);
            }
            ServiceMessage::PhotoUpdated(_) => html.raw("Channel photo updated"),
            ServiceMessage::PhotoRemoved => html.raw("Channel photo removed"),
            ServiceMessage::Pinned(what) => {
                let address = context.address();
                let attributes =
                    [("class", "tgme_widget_message_author_name"), ("href", address.as_str())];
                html.element("a", &attributes, |html| name(html, &context.channel.title));
                html.raw(" pinned ");
                strong(html, what);
            }
            ServiceMessage::LiveStarted => html.raw("Live stream started"),
            ServiceMessage::LiveFinished(length) => {
                html.text(&format!("Live stream finished ({length})"));
            }
            ServiceMessage::LiveScheduled(time) => {
                html.text(&format!("Live stream scheduled for {time}"));
            }
            ServiceMessage::Silent => {}
        });
    }
    if let ServiceMessage::PhotoUpdated(file) = service {
        let address = context.post_address(id);
        let attributes =
            [("class", "tgme_widget_message_service_photo"), ("href", address.as_str())];
        html.element("a", &attributes, |html| {
            html.void("img", &[("src", &context.picture(file, id))]);
        });
    }
}
