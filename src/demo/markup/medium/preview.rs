//! The card of a link.

use super::{duration, padding, size, thumb};
use crate::demo::markup::Context;
use crate::demo::markup::html::Html;
use crate::demo::markup::text::write_title;
use crate::demo::message::{Preview, PreviewPicture, Video};

/// The card of a link.
pub(in crate::demo::markup) fn write(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    preview: &Preview,
) {
    let attributes =
        [("class", "tgme_widget_message_link_preview"), ("href", preview.address.as_str())];
    html.element("a", &attributes, |html| {
        html.raw("\n  ");
        if let PreviewPicture::Small(file) = preview.picture {
            thumb(html, "link_preview_right_image", &context.picture(file, id));
            html.raw("\n  ");
        }
        let line = |html: &mut Html, class: &str, text: &Option<String>| {
            if let Some(text) = text {
                html.element("div", &[("class", class), ("dir", "auto")], |html| {
                    write_title(html, text);
                });
                html.raw("\n  ");
            }
        };
        line(html, "link_preview_site_name accent_color", &preview.site);
        match preview.picture {
            PreviewPicture::None | PreviewPicture::Small(_) => {}
            PreviewPicture::Large(file) => {
                let address = context.picture(file, id);
                let padding = padding(size(file));
                let style = format!("background-image:url('{address}');padding-top:{padding}");
                let attributes = [("class", "link_preview_image"), ("style", style.as_str())];
                html.element("i", &attributes, |_| {});
                html.raw("\n  ");
            }
            PreviewPicture::Film(video) => preview_film(html, context, id, video),
        }
        line(html, "link_preview_title", &preview.title);
        line(html, "link_preview_description", &preview.description);
    });
}

fn preview_film(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    let class = "link_preview_video_player js-message_video_player";
    html.element("div", &[("class", class), ("style", "width:55%;")], |html| {
        if let Some(file) = video.poster {
            thumb(html, "link_preview_video_thumb", &context.poster(file, id));
        }
        let style = format!("padding-top:{}", padding(video.size));
        html.element("div", &[("class", "link_preview_video_wrap"), ("style", &style)], |html| {
            if let Some(file) = video.file {
                let address = context.film(file, id);
                let class = "link_preview_video js-message_video";
                html.element("video", &[("src", &address), ("class", class)], |_| {});
            }
        });
        html.div("message_video_play js-message_video_play", |_| {});
        let class = "message_video_duration js-message_video_duration";
        html.labelled("time", class, &duration(video.seconds));
    });
    html.raw("\n  ");
}
