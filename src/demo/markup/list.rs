//! The list page of a channel, `/s/<name>`: its head, the channel's card, and about twenty ids of its history.

use super::super::channel::Channel;
use super::super::message::{Message, Text};
use super::frame::{self, Place};
use super::html::Html;
use super::text::{matches, plain, write as write_text, write_title};
use super::{Context, abbreviated, avatar, mark};

/// How many message ids a page holds; an album counts with all its members.
const IDS: usize = 20;

/// Which part of the history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Range {
    /// The newest messages.
    Newest,
    /// Those with smaller ids.
    Before(u32),
    /// Those with larger ids.
    After(u32),
    /// Those around this id.
    Around(u32),
}

/// Messages of one page, oldest first, and whether there are more on either side.
struct Page<'a> {
    messages: Vec<&'a Message>,
    older: bool,
    newer: bool,
}

/// What a list page may lack.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Missing {
    /// The links to older and newer posts.
    pub(in super::super) more_links: bool,
    /// The posts, though the channel has some.
    pub(in super::super) posts: bool,
}

/// Writes the page.
pub(in super::super) fn write(context: &Context<'_>, range: Range, missing: Missing) -> String {
    let page = if missing.posts {
        Page { messages: Vec::new(), older: false, newer: false }
    } else {
        select(context, range)
    };
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n");
    html.element("html", &[], |html| {
        html.raw("\n  ");
        html.element("head", &[], |html| head(html, context, &page, missing));
        html.raw("\n  ");
        let class =
            "widget_frame_base tgme_webpreview emoji_image thin_box_shadow tme_mode no_transitions";
        html.element("body", &[("class", class)], |html| {
            html.raw(BACKGROUND);
            html.raw("    ");
            html.element("header", &[("class", "tgme_header search_collapsed")], |html| {
                html.div("tgme_container", |html| header(html, context));
            });
            html.raw("\n");
            main(html, context, &page, missing);
            html.raw(SCRIPTS);
        });
        html.raw("\n");
    });
    html.raw(&format!("\n<!-- page generated in {}.08ms -->\n", 20 + page.messages.len() * 9));
    html.into_string()
}

const BACKGROUND: &str = r#"
    <div class="tgme_background_wrap">
      <canvas id="tgme_background" class="tgme_background" width="50" height="50" data-colors="dbddbb,6ba587,d5d88d,88b884"></canvas>
      <div class="tgme_background_pattern"></div>
    </div>
"#;

const SCRIPTS: &str = r#"
    <script src="//telegram.org/js/jquery.min.js"></script>
    <script src="//telegram.org/js/jquery-ui.min.js"></script>
    <script src="//telegram.org/js/tgwallpaper.min.js?3"></script>
<script src="//telegram.org/js/tgsticker.js?32"></script>

    <script src="//telegram.org/js/widget-frame.js?68"></script>
    <script src="//telegram.org/js/telegram-web.js?14"></script>
    <script>TWeb.init();
</script>
    
  "#;

fn select<'a>(context: &Context<'a>, range: Range) -> Page<'a> {
    let mut all: Vec<&Message> = context.channel.published(context.now).collect();
    if !context.query.is_empty() {
        all.retain(|message| found(message, context.query));
    }
    let first_id = |message: &Message| message.id;
    let last_id = |message: &Message| message.ids().last().copied().unwrap_or(message.id);
    let (from, to) = match range {
        Range::Newest => (page_start(&all, all.len()), all.len()),
        Range::Before(limit) => {
            let to = all.partition_point(|message| first_id(message) < limit);
            (page_start(&all, to), to)
        }
        Range::After(limit) => {
            let from = all.partition_point(|message| last_id(message) <= limit);
            (from, page_end(&all, from))
        }
        Range::Around(id) => {
            let at = all.partition_point(|message| last_id(message) < id);
            let to = page_end(&all, at.saturating_sub(4));
            (page_start(&all, to), to)
        }
    };
    Page { messages: all[from..to].to_vec(), older: from > 0, newer: to < all.len() }
}

/// Where the page that ends before `end` begins.
fn page_start(all: &[&Message], end: usize) -> usize {
    let mut ids = 0;
    let mut start = end;
    while start > 0 {
        ids += all[start - 1].ids().len();
        if ids > IDS && start < end {
            break;
        }
        start -= 1;
    }
    start
}

/// Where the page that begins at `start` ends.
fn page_end(all: &[&Message], start: usize) -> usize {
    let mut ids = 0;
    let mut end = start;
    while end < all.len() {
        ids += all[end].ids().len();
        if ids > IDS && end > start {
            break;
        }
        end += 1;
    }
    end
}

fn found(message: &Message, query: &str) -> bool {
    message.text.as_ref().is_some_and(|text| matches(&plain(text), query))
}

/// `/s/<name>?before=12`, with the search in front when there is one.
fn page_address(context: &Context<'_>, key: &str, id: u32) -> String {
    let name = &context.channel.name;
    if context.query.is_empty() {
        return format!("/s/{name}?{key}={id}");
    }
    let query: String =
        percent_encoding::utf8_percent_encode(context.query, percent_encoding::NON_ALPHANUMERIC)
            .collect();
    format!("/s/{name}?q={query}&{key}={id}")
}

fn head(html: &mut Html, context: &Context<'_>, page: &Page<'_>, missing: Missing) {
    let channel = context.channel;
    html.raw("\n    <meta charset=\"utf-8\">\n    ");
    html.element("title", &[], |html| html.text(&format!("{} – Telegram", channel.title)));
    html.raw(HEAD_TOP);
    social(html, context, &plain(&Text::Written(channel.about.clone())), None, "");
    html.raw("\n    ");
    let newest = page.messages.last().and_then(|message| message.ids().last().copied());
    if let (true, Some(oldest)) = (page.older && !missing.more_links, page.messages.first()) {
        let address = page_address(context, "before", oldest.id);
        html.void("link", &[("rel", "prev"), ("href", &address)]);
        html.raw("\n");
    }
    if let (true, Some(newest)) = (page.newer && !missing.more_links, newest) {
        let address = page_address(context, "after", newest);
        html.void("link", &[("rel", "next"), ("href", &address)]);
        html.raw("\n");
    }
    if let Some(newest) = newest {
        // UPSTREAM(2026-08): "canonical" is this page as `before=<newest id + 1>`, not the channel.
        let address = page_address(context, "before", newest.saturating_add(1));
        html.void("link", &[("rel", "canonical"), ("href", &address)]);
        html.raw("\n");
    }
    html.raw(ICONS);
    html.raw(HEAD_BOTTOM);
}

const HEAD_TOP: &str = r#"
    <meta name="viewport" content="width=device-width, initial-scale=1.0, minimum-scale=1.0, maximum-scale=1.0, user-scalable=no" />
    <meta name="format-detection" content="telephone=no" />
    <meta http-equiv="X-UA-Compatible"
     content="IE=edge" />
    <meta name="MobileOptimized" content="176" />
    <meta name="HandheldFriendly" content="True" />
    
"#;

pub(super) const ICONS: &str = r#"    <link rel="icon" type="image/svg+xml" href="//telegram.org/img/website_icon.svg?4">
<link rel="apple-touch-icon" sizes="180x180" href="//telegram.org/img/apple-touch-icon.png">
<link rel="icon" type="image/png" sizes="32x32" href="//telegram.org/img/favicon-32x32.png">
<link rel="icon" type="image/png" sizes="16x16" href="//telegram.org/img/favicon-16x16.png">
<link rel="alternate icon" href="//telegram.org/img/favicon.ico" type="image/x-icon" />
    <link href="//telegram.org/css/font-roboto.css?1" rel="stylesheet" type="text/css">
"#;

const HEAD_BOTTOM: &str = r#"
    <link href="//telegram.org/css/widget-frame.css?75" rel="stylesheet" media="screen">
    <link href="//telegram.org/css/telegram-web.css?39" rel="stylesheet" media="screen">
    <script>TBaseUrl='/';</script>
    <style>        .user-color-12 { --user-accent-color: #3391d4; }</style>
  "#;

/// The properties for those who share the page; `post` is added to the app's address.
pub(super) fn social(
    html: &mut Html,
    context: &Context<'_>,
    description: &str,
    picture: Option<String>,
    post: &str,
) {
    let channel = context.channel;
    let picture = picture
        .or_else(|| channel.avatar.map(|file| context.picture(file, 0)))
        .unwrap_or_else(|| letters_picture(channel));
    let app = format!("tg://resolve?domain={}{post}", channel.name);
    html.property("og:title", &channel.title);
    html.property("og:image", &picture);
    html.property("og:site_name", "Telegram");
    html.property("og:description", description);
    html.raw("\n");
    html.property("twitter:title", &channel.title);
    html.property("twitter:image", &picture);
    html.property("twitter:site", "@Telegram");
    html.raw("\n");
    html.property("al:ios:app_store_id", "686449807");
    html.property("al:ios:app_name", "Telegram Messenger");
    html.property("al:ios:url", &app);
    html.raw("\n");
    html.property("al:android:url", &app);
    html.property("al:android:app_name", "Telegram");
    html.property("al:android:package", "org.telegram.messenger");
    html.raw("\n");
    html.meta("name", "twitter:card", "summary");
    html.meta("name", "twitter:site", "@Telegram");
    html.meta("name", "twitter:description", &format!("{description}\n"));
}

/// What stands where a channel without a photo should have its address.
pub(super) fn letters_picture(channel: &Channel) -> String {
    use base64::Engine;
    let letters = super::initials(&channel.title, 2);
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\"><text>{letters}</text></svg>"
    );
    let encoded = base64::prelude::BASE64_STANDARD.encode(picture);
    format!("data:image/svg+xml;base64,{encoded}")
}

fn header(html: &mut Html, context: &Context<'_>) {
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
    use super::super::message::{Body, Medium};
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

fn main(html: &mut Html, context: &Context<'_>, page: &Page<'_>, missing: Missing) {
    let url = format!("/{}", context.channel.name);
    html.element("main", &[("class", "tgme_main"), ("data-url", &url)], |html| {
        html.raw("\n  ");
        html.div("tgme_container", |html| {
            html.raw("\n    ");
            let class = "tgme_channel_history js-message_history";
            html.element("section", &[("class", class)], |html| {
                html.raw("\n      ");
                history(html, context, page, missing);
                html.raw("\n    ");
            });
            html.raw("\n  ");
        });
        html.raw("\n");
    });
}

fn history(html: &mut Html, context: &Context<'_>, page: &Page<'_>, missing: Missing) {
    const WRAP: &str = "tgme_widget_message_wrap js-widget_message_wrap";
    let (Some(oldest), Some(newest)) = (page.messages.first(), page.messages.last()) else {
        html.div(WRAP, |html| {
            html.div("tgme_widget_message_centered", |html| {
                html.labelled("div", "tme_no_messages_found", "No posts found");
            });
        });
        return;
    };
    if page.older && !missing.more_links {
        more(html, context, "before", oldest.id);
    }
    for message in &page.messages {
        html.div(WRAP, |html| frame::write(html, context, message, Place::List));
    }
    if page.newer && !missing.more_links {
        let newest = newest.ids().last().copied().unwrap_or(newest.id);
        more(html, context, "after", newest);
    }
}

fn more(html: &mut Html, context: &Context<'_>, key: &str, id: u32) {
    html.div("tgme_widget_message_centered js-messages_more_wrap", |html| {
        let address = page_address(context, key, id);
        let data = format!("data-{key}");
        let attributes = [
            ("href", address.as_str()),
            ("class", "tme_messages_more js-messages_more"),
            (data.as_str(), &id.to_string()),
        ];
        html.element("a", &attributes, |_| {});
    });
}
