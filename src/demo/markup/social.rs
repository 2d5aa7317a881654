//! The properties of a page for those who share it, and the links that every page has.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::html::Html;
use super::{Context, initials};
use crate::demo::channel::Channel;

/// Icons and the typeface.
pub(super) const ICONS: &str = r#"    <link rel="icon" type="image/svg+xml" href="//telegram.org/img/website_icon.svg?4">
<link rel="apple-touch-icon" sizes="180x180" href="//telegram.org/img/apple-touch-icon.png">
<link rel="icon" type="image/png" sizes="32x32" href="//telegram.org/img/favicon-32x32.png">
<link rel="icon" type="image/png" sizes="16x16" href="//telegram.org/img/favicon-16x16.png">
<link rel="alternate icon" href="//telegram.org/img/favicon.ico" type="image/x-icon" />
    <link href="//telegram.org/css/font-roboto.css?1" rel="stylesheet" type="text/css">
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
    let letters = initials(&channel.title, 2);
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 160 160\"><text>{letters}</text></svg>"
    );
    let encoded = BASE64_STANDARD.encode(picture);
    format!("data:image/svg+xml;base64,{encoded}")
}
