//! The page of one message, made to stand in other sites: `/<name>/<id>?embed=1&mode=tme`.

use super::Context;
use super::frame::{self, Place, TAIL};
use super::html::Html;
use super::social::ICONS;
use crate::demo::message::{Body, Message};

/// The page of a message; `single` picks the one member of an album.
pub(in crate::demo) fn write(
    context: &Context<'_>,
    message: &Message,
    single: Option<u32>,
) -> String {
    let mut message = message.clone();
    if let (Some(id), Body::Album(items)) = (single, &mut message.body) {
        items.retain(|item| item.id == id);
        message.id = id;
    }
    page(|html| frame::write(html, context, &message, Place::Embed))
}

/// What stands in the place of a message that cannot be shown.
pub(in crate::demo) fn error(text: &str) -> String {
    page(|html| {
        let class = "tgme_widget_message text_not_supported_wrap err_message js-widget_message";
        html.div(class, |html| {
            html.div("tgme_widget_message_user", |html| {
                let class = "tgme_widget_message_user_photo";
                html.element("i", &[("class", class), ("data-content", "!")], |_| {});
            });
            html.div("tgme_widget_message_bubble", |html| {
                html.raw("<a class=\"tgme_widget_message_bubble_logo\" href=\"//core.telegram.org/widgets\"></a>");
                html.raw(TAIL);
                let class = "tgme_widget_message_error";
                html.element("div", &[("class", class), ("dir", "auto")], |html| html.text(text));
            });
        });
    })
}

fn page(message: impl FnOnce(&mut Html)) -> String {
    let mut html = Html::default();
    html.raw(HEAD);
    html.raw(ICONS);
    html.raw(HEAD_END);
    message(&mut html);
    html.raw(END);
    html.into_string()
}

const HEAD: &str = r#"<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
    <title>Telegram Widget</title>
    <base target="_blank">
    <meta name="viewport" content="width=device-width, initial-scale=1.0, minimum-scale=1.0, maximum-scale=1.0, user-scalable=no" />
    <meta name="format-detection" content="telephone=no" />
    <meta http-equiv="X-UA-Compatible" content="IE=edge" />
    <meta name="robots" content="noindex, nofollow" />
    
"#;

const HEAD_END: &str = r#"    <link href="//telegram.org/css/widget-frame.css?75" rel="stylesheet" media="screen">
    <script>TBaseUrl='//telegram.org/';</script>
  </head>
  <body class="widget_frame_base tgme_widget body_widget_post emoji_image nodark">
    "#;

const END: &str = r#"
    <script src="//telegram.org/js/widget-frame.js?68"></script>
    <script>TWidgetPost.init();
</script>
  </body>
</html>
<!-- page generated in 11.42ms -->
"#;
