//! Landing pages: the card of a name at `/<name>`, of a post at `/<name>/<id>`, and what stands there for names that
//! nobody has.

use super::html::Html;
use super::social::{ICONS, letters_picture, social};
use super::text::{plain, write as write_text, write_title};
use super::{Context, grouped, mark, message_picture};
use crate::demo::channel::Kind;
use crate::demo::message::{Message, Text};

/// The card of a channel, group, person or bot.
pub(in crate::demo) fn channel(context: &Context<'_>) -> String {
    let channel = context.channel;
    let verb = match channel.kind {
        Kind::User | Kind::Bot => "Contact",
        Kind::Channel | Kind::Hidden | Kind::Blocked { .. } | Kind::Group { .. } => "View",
    };
    let title = format!("Telegram: {verb} @{}", channel.name);
    let about = plain(&Text::Written(channel.about.clone()));
    let description = match (about.is_empty(), verb) {
        (false, _) => about,
        (true, "View") => format!("You can view and join @{} right away.", channel.name),
        (true, _) => format!("You can contact @{} right away.", channel.name),
    };
    page(
        &title,
        |html| {
            let picture = picture(context);
            html.property("og:title", &channel.title);
            html.property("og:image", &picture);
            html.property("og:site_name", "Telegram");
            html.property("og:description", &description);
            html.property("al:ios:url", &format!("tg://resolve?domain={}", channel.name));
        },
        |html| html.div("tgme_page", |html| card(html, context)),
    )
}

fn picture(context: &Context<'_>) -> String {
    match context.channel.avatar {
        Some(file) => context.picture(file, 0),
        None => letters_picture(context.channel),
    }
}

fn card(html: &mut Html, context: &Context<'_>) {
    let channel = context.channel;
    let app = format!("tg://resolve?domain={}", channel.name);
    html.raw("\n          ");
    html.div("tgme_page_photo", |html| {
        html.element("a", &[("href", &app)], |html| {
            let attributes = [("class", "tgme_page_photo_image"), ("src", &picture(context))];
            html.void("img", &attributes);
        });
    });
    html.raw("\n");
    html.element("div", &[("class", "tgme_page_title"), ("dir", "auto")], |html| {
        html.raw("\n  ");
        html.element("span", &[("dir", "auto")], |html| write_title(html, &channel.title));
        mark(html, channel.mark);
        html.raw("\n");
    });
    html.raw("\n");
    html.labelled("div", "tgme_page_extra", &extra(context));
    html.raw("\n");
    if !channel.about.is_empty() {
        html.element("div", &[("class", "tgme_page_description"), ("dir", "auto")], |html| {
            write_text(html, &Text::Written(channel.about.clone()), "");
        });
        html.raw("\n");
    }
    let action = match channel.kind {
        Kind::User => "Send Message",
        Kind::Bot => "Start Bot",
        Kind::Channel | Kind::Hidden | Kind::Blocked { .. } | Kind::Group { .. } => {
            "View in Telegram"
        }
    };
    html.div("tgme_page_action", |html| {
        let attributes = [("class", "tgme_action_button_new shine"), ("href", app.as_str())];
        html.element("a", &attributes, |html| html.text(action));
    });
    html.raw("\n<!-- WEBOGRAM_BTN -->\n");
    if channel.kind == Kind::Channel {
        html.div("tgme_page_context_link_wrap", |html| {
            let address = format!("/s/{}", channel.name);
            let attributes = [("class", "tgme_page_context_link"), ("href", address.as_str())];
            html.element("a", &attributes, |html| html.text("Preview channel"));
        });
        html.raw("\n");
    }
    html.div("tgme_page_additional", |html| {
        let verb = match channel.kind {
            Kind::User | Kind::Bot => "contact",
            Kind::Channel | Kind::Hidden | Kind::Blocked { .. } | Kind::Group { .. } => {
                "view and join"
            }
        };
        html.raw(&format!("\n  If you have <strong>Telegram</strong>, you can {verb} <br>"));
        html.element("strong", &[], |html| write_title(html, &channel.title));
        html.raw(" right away.\n");
    });
}

/// How many read it, exactly: the landing page does not shorten.
fn extra(context: &Context<'_>) -> String {
    let channel = context.channel;
    let count = grouped(channel.audience);
    match channel.kind {
        Kind::Channel | Kind::Hidden | Kind::Blocked { .. } if channel.audience == 1 => {
            "1 subscriber".to_owned()
        }
        Kind::Channel | Kind::Hidden | Kind::Blocked { .. } => format!("{count} subscribers"),
        Kind::Group { online } => format!("{count} members, {} online", grouped(online)),
        Kind::User => format!("@{}", channel.name),
        Kind::Bot => format!("{count} monthly users"),
    }
}

/// What stands at a name that nobody has, and, for an address that asks too much, at every name.
pub(in crate::demo) fn nonexistent(name: &str) -> String {
    let icon = "\n  <i class=\"tgme_icon_user\"></i>\n";
    untitled(name, "Contact", icon, "contact ", "Send Message")
}

/// What stands at the name of a channel that Telegram does not show here.
///
/// UPSTREAM(2026): known from the expected values of another parser only.
pub(in crate::demo) fn blocked(name: &str) -> String {
    untitled(name, "View", "", "view posts by ", "View in Telegram")
}

/// A card that names nobody.
fn untitled(name: &str, verb: &str, icon: &'static str, offer: &str, action: &str) -> String {
    let title = format!("Telegram: {verb} @{name}");
    let app = format!("tg://resolve?domain={name}");
    page(
        &title,
        |html| {
            html.raw("<meta name=\"robots\" content=\"noindex, nofollow\">");
            html.property("og:title", &title);
            html.property("og:image", "https://telegram.org/img/t_logo_2x.png");
            html.property("og:site_name", "Telegram");
            html.property("og:description", "");
            html.property("al:ios:url", &app);
        },
        |html| {
            html.div("tgme_page", |html| {
                html.raw("\n          ");
                html.div("tgme_page_icon", |html| html.raw(icon));
                html.raw("\n");
                html.div("tgme_page_description", |html| {
                    html.raw("\n  If you have <strong>Telegram</strong>, you can ");
                    html.text(offer);
                    let attributes = [("class", "tgme_username_link"), ("href", app.as_str())];
                    html.element("a", &attributes, |html| html.text(&format!("@{name}")));
                    html.raw(" right away.\n");
                });
                html.raw("\n");
                html.div("tgme_page_action", |html| {
                    let attributes = [("class", "tgme_action_button_new"), ("href", app.as_str())];
                    html.element("a", &attributes, |html| html.text(action));
                });
                html.raw("\n<!-- WEBOGRAM_BTN -->\n<!-- PRIVACY_BTN -->\n        ");
            });
        },
    )
}

/// The page of an invitation to what is private.
pub(in crate::demo) fn invitation() -> String {
    page(
        "Telegram: Join Group Chat",
        |html| {
            html.raw("<meta name=\"robots\" content=\"noindex, nofollow\">");
            html.property("og:title", "Join group chat on Telegram");
            html.property("og:site_name", "Telegram");
        },
        |html| {
            html.div("tgme_page", |html| {
                html.div("tgme_page_icon", |html| html.raw("<i class=\"tgme_icon_group\"></i>"));
                html.div("tgme_page_description", |html| {
                    html.raw("You are invited to a <strong>group chat</strong> on <strong>Telegram</strong>.");
                });
                html.div("tgme_page_action", |html| {
                    html.raw("<a class=\"tgme_action_button_new\" href=\"tg://join\">Join Group</a>");
                });
            });
        },
    )
}

/// The page of one post, which shows its embed page in a frame. A message that does not exist has the channel's words.
pub(in crate::demo) fn post(context: &Context<'_>, id: u32, message: Option<&Message>) -> String {
    let channel = context.channel;
    let text = message.and_then(|message| message.text.as_ref()).map(plain).unwrap_or_default();
    let description = if text.is_empty() {
        plain(&Text::Written(channel.about.clone()))
    } else {
        text.chars().take(1000).collect()
    };
    let picture = message
        .and_then(message_picture)
        .map(|file| context.picture(file, message.map_or(0, |message| message.id)));
    page(
        &format!("Telegram: View @{}", channel.name),
        |html| social(html, context, &description, picture, &format!("&post={id}")),
        |html| {
            html.div("tgme_page tgme_page_post", |html| {
                html.raw("\n        ");
                let attributes = [("class", "tgme_page_widget_wrap"), ("id", "widget")];
                html.element("div", &attributes, |html| frame(html, context, id));
                html.raw("\n      ");
            });
            html.div("tgme_page_widget_actions", |html| {
                if channel.kind == Kind::Channel {
                    let address = format!("/s/{}/{id}", channel.name);
                    html.div("tgme_page_context_btn", |html| {
                        let attributes =
                            [("class", "tgme_action_button_new"), ("href", address.as_str())];
                        html.element("a", &attributes, |html| html.text("Context"));
                    });
                }
                let app = format!("tg://resolve?domain={}&post={id}", channel.name);
                let attributes =
                    [("class", "tgme_action_button_new shine"), ("href", app.as_str())];
                html.element("a", &attributes, |html| html.text("View In Channel"));
            });
        },
    )
}

fn frame(html: &mut Html, context: &Context<'_>, id: u32) {
    let name = &context.channel.name;
    let frame_id = format!("telegram-post-{name}-{id}");
    let source = format!("{}?embed=1&mode=tme", context.post_address(id));
    html.div("tgme_page_widget", |html| {
        let attributes = [
            ("id", frame_id.as_str()),
            ("src", source.as_str()),
            ("width", "100%"),
            ("frameborder", "0"),
            ("scrolling", "no"),
        ];
        html.element("iframe", &attributes, |_| {});
    });
}

fn page(title: &str, head: impl FnOnce(&mut Html), body: impl FnOnce(&mut Html)) -> String {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html>\n  <head>\n    <meta charset=\"utf-8\">\n    ");
    html.element("title", &[], |html| html.text(title));
    html.raw("\n    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1.0\">\n    <script>location.hash=''</script>\n    ");
    head(&mut html);
    html.raw(ICONS);
    html.raw(HEAD_END);
    body(&mut html);
    html.raw(END);
    html.into_string()
}

const HEAD_END: &str = r##"    <link href="//telegram.org/css/bootstrap.min.css?3" rel="stylesheet">
    <link href="//telegram.org/css/telegram.css?254" rel="stylesheet" media="screen">
  </head>
  <body class="no_transition">
      <div class="tgme_background_wrap">
    <canvas id="tgme_background" class="tgme_background default" width="50" height="50" data-colors="dbddbb,6ba587,d5d88d,88b884"></canvas>
    <div class="tgme_background_pattern default"></div>
  </div>
    <div class="tgme_page_wrap">
      <div class="tgme_head_wrap">
        <div class="tgme_head">
          <a href="//telegram.org/" class="tgme_head_brand"></a>
          <a class="tgme_head_right_btn" href="//telegram.org/dl?tme=5b35e57907d7403d8d">
            Download
          </a>
        </div>
      </div>
      <div class="tgme_body_wrap">
        "##;

const END: &str = r#"
      </div>
    </div>

    <div id="tgme_frame_cont"></div>
  </body>
</html>
<!-- page generated in 4.31ms -->
"#;
