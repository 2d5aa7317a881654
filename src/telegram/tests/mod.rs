//! The traps of Telegram's markup, by their numbers in the project's list, and properties that hold for every input.
//!
//! This file has shared helpers, which build messages with texts of our own.

mod limits;
mod message;
mod page;
mod property;

use super::*;
use crate::model::{Page, Post};
use crate::text::html::{Context, SpoilerStyle};
use crate::text::{RichText, Spoilers};

const OWNER: &str = r#"<div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="https://t.me/tea"><span dir="auto">Tea &amp; time</span></a></div>"#;

/// The line under a message, with a text before the date.
fn footer(id: u32, meta: &str) -> String {
    format!(
        r#"<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info"><span class="tgme_widget_message_views">5.1K</span><span class="copyonly"> views</span><span class="tgme_widget_message_meta">{meta}<a class="tgme_widget_message_date" href="https://t.me/tea/{id}"><time datetime="2026-08-01T09:30:00+00:00" class="time">12:30</time></a></span></div></div>"#
    )
}

fn block(id: u32, body: &str) -> String {
    framed(id, "", body, "", "")
}

/// A message: additional classes, content of the bubble, text before the date, elements behind the bubble.
fn framed(id: u32, extra: &str, body: &str, meta: &str, after: &str) -> String {
    let footer = footer(id, meta);
    format!(
        r#"<div class="tgme_widget_message_wrap"><div class="tgme_widget_message text_not_supported_wrap {extra}" data-post="tea/{id}"><div class="tgme_widget_message_user"><i class="tgme_widget_message_user_photo"><img src="https://cdn.example/me.jpg"></i></div><div class="tgme_widget_message_bubble">{OWNER}{body}{footer}</div>{after}</div></div>"#
    )
}

fn page(html: &str) -> Page {
    preview::parse(html).unwrap().page
}

fn warnings(html: &str) -> Vec<String> {
    preview::parse(html).unwrap().warnings.iter().map(ToString::to_string).collect()
}

/// The only post of a message with this body.
fn post(body: &str) -> Post {
    only(&block(5, body))
}

fn only(html: &str) -> Post {
    let mut posts = page(html).posts;
    assert_eq!(posts.len(), 1, "{html}");
    posts.remove(0)
}

fn text(words: &str) -> String {
    format!(r#"<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>"#)
}

fn plain(text: &RichText) -> String {
    text.plain(Spoilers::Show)
}

fn html(text: &RichText) -> String {
    let mut html = String::new();
    let context = Context {
        tag: &|tag| format!("/tea?tag={}", &tag[1..]),
        emoji: &|_| None,
        spoilers: SpoilerStyle::Link("https://feeds.example/tea/5"),
        page: None,
    };
    text.write_html(&context, &mut html);
    html
}

fn ids(page: &Page) -> Vec<u32> {
    page.posts.iter().map(|post| post.id.get()).collect()
}

fn photo(id: u32) -> String {
    format!(
        r#"<a class="tgme_widget_message_photo_wrap grouped_media_wrap" data-ratio="0.75" href="https://t.me/tea/{id}?single" style="left:0px;width:20px;background-image:url('https://cdn.example/{id}.jpg')"></a>"#
    )
}

const MORE: &str = r#"<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/tea?before=8" class="tme_messages_more" data-before="8"></a></div>"#;

const REPLY: &str = r#"<a class="tgme_widget_message_reply user-color-1" href="https://t.me/tea/3" "><i class="tgme_widget_message_reply_thumb" style="background-image:url('https://cdn.example/thumb.jpg')"></i><div class="tgme_widget_message_author"><span class="tgme_widget_message_author_name">Somebody else</span></div><div class="tgme_widget_message_text js-message_reply_text">Quoted</div></a>"#;
