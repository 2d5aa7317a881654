//! The card of a channel on top of its list page, its copy for narrow screens, and the search box.

use super::html::Html;
use super::text::{plain, write as write_text, write_title};
use super::{Context, abbreviated, avatar, mark};
use crate::demo::message::{Body, Medium, Text};

pub(super) fn write(html: &mut Html, context: &Context<'_>) {
    let name = &context.channel.name;
    let action = format!("/s/{name}");
    html.raw("\n    ");
    html.div("tgme_header_search", |html| {
        let form = [("class", "tgme_header_search_form"), ("action", action.as_str())];
        html.element("form", &form, |html| {
            html.void(
                "input",
                &[
                    ("class", "tgme_header_search_form_input js-header_search"),
                    ("placeholder", "Search"),
                    ("name", "q"),
                    ("autocomplete", "off"),
                    ("value", context.query),
                ],
            );
            let clear = [("href", action.as_str()), ("class", "tgme_header_search_form_clear")];
            html.element("a", &clear, |_| {});
        });
    });
    html.raw("\n    ");
    html.div("tgme_header_right_column", |html| {
        html.element("section", &[("class", "tgme_right_column")], |html| {
            html.div("tgme_channel_info", |html| information(html, context));
        });
    });
    html.raw("\n    ");
    html.div("tgme_header_info", |html| mobile_copy(html, context));
}

fn information(html: &mut Html, context: &Context<'_>) {
    let channel = context.channel;
    html.raw("\n          ");
    html.div("tgme_channel_info_header", |html| {
        avatar(html, context, "tgme_page_photo_image", 2);
        html.div("tgme_channel_info_header_title_wrap", |html| {
            html.div("tgme_channel_info_header_title", |html| {
                html.element("span", &[("dir", "auto")], |html| write_title(html, &channel.title));
            });
            html.div("tgme_channel_info_header_labels", |html| mark(html, channel.mark));
        });
        html.div("tgme_channel_info_header_username", |html| {
            html.element("a", &[("href", &context.address())], |html| {
                html.text(&format!("@{}", channel.name));
            });
        });
    });
    html.raw("\n          ");
    html.div("tgme_channel_info_counters", |html| counters(html, context));
    if !channel.about.is_empty() {
        html.raw("\n          ");
        html.div("tgme_channel_info_description", |html| {
            write_text(html, &Text::Written(channel.about.clone()), "");
        });
    }
    html.raw("\n          ");
    let download = format!("//telegram.org/dl?tme={:018x}", channel.number);
    let attributes = [("class", "tgme_channel_download_telegram"), ("href", download.as_str())];
    html.element("a", &attributes, |html| html.raw("\n            Download Telegram\n          "));
}

/// What the channel holds, by kind; what it does not hold is not mentioned.
fn counters(html: &mut Html, context: &Context<'_>) {
    let (mut photos, mut videos, mut files, mut links) = (0_u64, 0_u64, 0_u64, 0_u64);
    for message in context.channel.published(context.now) {
        match &message.body {
            Body::Photo(_) => photos += 1,
            Body::Video(_) => videos += 1,
            Body::Album(items) => {
                for item in items {
                    match item.medium {
                        Medium::Photo(_) => photos += 1,
                        Medium::Video(_) => videos += 1,
                    }
                }
            }
            Body::Documents(documents) => files += documents.len() as u64,
            _ => {}
        }
        let text = message.text.as_ref().map(plain).unwrap_or_default();
        links += u64::from(text.contains("http") || message.preview.is_some());
    }
    for (count, kind) in [
        (context.channel.audience, "subscriber"),
        (photos, "photo"),
        (videos, "video"),
        (files, "file"),
        (links, "link"),
    ] {
        if count > 0 {
            html.div("tgme_channel_info_counter", |html| {
                html.labelled("span", "counter_value", &abbreviated(count));
                html.raw(" ");
                html.labelled("span", "counter_type", &plural(kind, count));
            });
        }
    }
}

fn plural(kind: &str, count: u64) -> String {
    if count == 1 { kind.to_owned() } else { format!("{kind}s") }
}

/// The same data once more, for narrow screens.
fn mobile_copy(html: &mut Html, context: &Context<'_>) {
    let channel = context.channel;
    let download = format!("//telegram.org/dl?tme={:018x}", channel.number);
    let attributes = [("class", "tgme_channel_join_telegram"), ("href", download.as_str())];
    html.element("a", &attributes, |html| html.raw("Join"));
    let address = context.address();
    let attributes = [("class", "tgme_header_link"), ("href", address.as_str())];
    html.element("a", &attributes, |html| {
        avatar(html, context, "tgme_page_photo_image", 2);
        html.div("tgme_header_title_wrap", |html| {
            html.div("tgme_header_title", |html| {
                html.element("span", &[("dir", "auto")], |html| write_title(html, &channel.title));
            });
            html.div("tgme_header_labels", |html| mark(html, channel.mark));
        });
        let count = channel.audience;
        let counter = format!("{} {}", abbreviated(count), plural("subscriber", count));
        html.labelled("div", "tgme_header_counter", &counter);
    });
}
