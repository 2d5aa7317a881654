//! The list page of a channel, `/s/<name>`: its head, the channel's card, and about twenty ids of its history.

use super::frame::{self, Place};
use super::html::Html;
use super::social::{ICONS, social};
use super::text::{matches, plain};
use super::{Context, header};
use crate::demo::message::{Message, Text};

/// How many message ids a page holds; an album counts with all its members.
const IDS: usize = 20;

/// Which part of the history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Range {
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
pub(in crate::demo) struct Missing {
    /// The links to older and newer posts.
    pub(in crate::demo) more_links: bool,
    /// The posts, though the channel has some.
    pub(in crate::demo) posts: bool,
}

/// Writes the page.
pub(in crate::demo) fn write(context: &Context<'_>, range: Range, missing: Missing) -> String {
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
                html.div("tgme_container", |html| header::write(html, context));
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

const HEAD_BOTTOM: &str = r#"
    <link href="//telegram.org/css/widget-frame.css?75" rel="stylesheet" media="screen">
    <link href="//telegram.org/css/telegram-web.css?39" rel="stylesheet" media="screen">
    <script>TBaseUrl='/';</script>
    <style>        .user-color-12 { --user-accent-color: #3391d4; }</style>
  "#;

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
