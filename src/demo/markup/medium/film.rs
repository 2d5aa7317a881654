//! Films and sounds: videos, GIFs, round videos, voice notes.

use super::{duration, not_playable, not_supported, padding, thumb};
use crate::demo::markup::Context;
use crate::demo::markup::html::{FLAG, Html};
use crate::demo::message::{Video, Voice};

/// Films that play by themselves.
const SILENT: [(&str, &str); 5] =
    [("preload", FLAG), ("muted", FLAG), ("autoplay", FLAG), ("loop", FLAG), ("playsinline", FLAG)];

pub(super) fn video(html: &mut Html, context: &Context<'_>, id: u32, video: Video, silent: bool) {
    let class = if video.file.is_some() {
        "tgme_widget_message_video_player js-message_video_player"
    } else {
        "tgme_widget_message_video_player not_supported js-message_video_player"
    };
    let address = context.post_address(id);
    html.element("a", &[("class", class), ("href", &address)], |html| {
        let style = format!("width:{}px;padding-top:{}", video.size.0, padding(video.size));
        if silent {
            poster(html, context, id, video);
            html.raw("\n");
            film(html, context, id, video, ("tgme_widget_message_video_wrap", &style), &SILENT);
            html.raw("\n");
            not_playable(html, "This media is not supported in your browser");
        } else {
            player(html, context, id, video, "tgme_widget_message_video_wrap", &style);
        }
    });
}

/// Poster, film, play button, length and notice.
pub(super) fn player(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    video: Video,
    class: &str,
    style: &str,
) {
    poster(html, context, id, video);
    html.raw("\n");
    film(html, context, id, video, (class, style), &[]);
    html.raw("\n");
    html.div("message_video_play js-message_video_play", |_| {});
    html.raw("\n");
    let class = "message_video_duration js-message_video_duration";
    html.labelled("time", class, &duration(video.seconds));
    not_playable(
        html,
        if video.file.is_some() {
            "This media is not supported in your browser"
        } else {
            "Media is too big"
        },
    );
}

fn poster(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    if let Some(file) = video.poster {
        thumb(html, "tgme_widget_message_video_thumb", &context.poster(file, id));
        html.raw("\n");
    }
}

fn film(
    html: &mut Html,
    context: &Context<'_>,
    id: u32,
    video: Video,
    (class, style): (&str, &str),
    flags: &[(&str, &str)],
) {
    html.element("div", &[("class", class), ("style", style)], |html| {
        html.raw("\n  ");
        if let Some(file) = video.file {
            let address = context.film(file, id);
            let mut attributes = vec![
                ("src", address.as_str()),
                ("class", "tgme_widget_message_video js-message_video"),
                ("width", "100%"),
                ("height", "100%"),
            ];
            attributes.extend_from_slice(flags);
            html.element("video", &attributes, |_| {});
        }
        html.raw("\n");
    });
}

pub(super) fn round(html: &mut Html, context: &Context<'_>, id: u32, video: Video) {
    let class = "tgme_widget_message_roundvideo_player js-message_roundvideo_player";
    html.div(class, |html| {
        html.div("tgme_widget_message_roundvideo_wrap", |html| {
            if let Some(file) = video.poster {
                thumb(html, "tgme_widget_message_roundvideo_thumb", &context.poster(file, id));
            }
            if let Some(file) = video.file {
                let address = context.film(file, id);
                let mut attributes = vec![
                    ("class", "tgme_widget_message_roundvideo js-message_roundvideo"),
                    ("src", address.as_str()),
                    ("width", "100%"),
                    ("height", "100%"),
                ];
                attributes.extend_from_slice(&SILENT);
                html.element("video", &attributes, |_| {});
            }
            html.div("tgme_widget_message_roundvideo_muted", |_| {});
            html.div("tgme_widget_message_roundvideo_border", |_| {});
        });
        let label = "This media is not supported in your browser";
        not_supported(html, context, id, label, " js-message_roundvideo_not_supported");
        let class = "tgme_widget_message_roundvideo_play js-message_roundvideo_play";
        html.div(class, |_| {});
        let class = "tgme_widget_message_roundvideo_duration js-message_roundvideo_duration";
        html.labelled("time", class, &duration(video.seconds));
    });
}

pub(super) fn voice(html: &mut Html, context: &Context<'_>, id: u32, voice: Voice) {
    let address = context.post_address(id);
    let class = "tgme_widget_message_voice_player js-message_voice_player";
    html.element("a", &[("class", class), ("href", &address)], |html| {
        let file = context.film(voice.file, id);
        let attributes = [
            ("class", "tgme_widget_message_voice js-message_voice"),
            ("src", file.as_str()),
            ("data-ogg", FLAG),
            ("width", "100%"),
            ("data-waveform", "0,3,9,14,18,22,19,12,8,15,24,27,21,11,6,2,0"),
        ];
        html.element("audio", &attributes, |_| {});
        html.div("tgme_widget_message_voice_play accent_bghover", |_| {});
        html.div("tgme_widget_message_voice_wrap", |html| {
            let class = "tgme_widget_message_voice_progress_wrap js-message_voice_progress_wrap";
            html.div(class, |html| {
                html.div("tgme_widget_message_voice_progress_bg", |html| {
                    html.div("bar", |html| html.raw("<s style=\"height:0%;\"></s>"));
                });
            });
            let class = "tgme_widget_message_voice_duration js-message_voice_duration";
            html.labelled("time", class, &duration(voice.seconds));
        });
    });
}
