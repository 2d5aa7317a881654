//! The samples contain every kind of message and of name.

use std::collections::BTreeSet;

use feedline::demo::Message;
use feedline::demo::message::{Body, Reaction, Views};
use scraper::Html;

use super::{all, attributes, get, start, texts};

/// Selectors that match at least one element on the channels' pages.
const STRUCTURES: &[(&str, &str)] = &[
    ("bold", ".js-message_text b"),
    ("italic", ".js-message_text i:not(.emoji)"),
    ("underline", ".js-message_text u"),
    ("strike", ".js-message_text s"),
    ("code", ".js-message_text > code"),
    ("pre with a language", "pre > code[class^='language-']"),
    ("spoiler", "tg-spoiler"),
    ("quote", "blockquote:not([expandable])"),
    ("quote that opens", "blockquote[expandable]"),
    ("custom emoji", "tg-emoji[emoji-id] > i.emoji > b"),
    ("emoji with a joiner", "i.emoji[style*='E2808D']"),
    ("Latin hashtag", "a[href='?q=%23birds']"),
    ("Cyrillic hashtag", "a[href^='?q=%23%D0']"),
    ("Arabic hashtag", "a[href^='?q=%23%D8']"),
    ("Chinese hashtag", "a[href^='?q=%23%E8']"),
    ("cashtag", "a[href='?q=%24TIDE']"),
    ("mention", ".js-message_text a[href='https://t.me/tidewater']"),
    ("link that asks, escaped twice", "a[onclick*='confirm'][href*='&amp;']"),
    ("bare link", "a[rel=noopener]:not([onclick])"),
    ("mail", "a[href^='mailto:']"),
    ("telephone", "a[href^='tel:']"),
    ("link into the app", ".js-message_text a[href^='tg://']"),
    ("photo with its number", "a.tgme_widget_message_photo_wrap[class*=' 5']"),
    ("album's text, nested", ".js-message_text > .js-message_text"),
    ("video in an album", "a.tgme_widget_message_video_player.grouped_media_wrap video"),
    ("album wrapped twice", ".tgme_widget_message_one_media .tgme_widget_message_grouped_wrap"),
    ("video", ".message_video_play ~ .message_video_duration"),
    ("video too big", ".not_supported > .tgme_widget_message_video_thumb"),
    ("GIF", "video[autoplay][loop].tgme_widget_message_video"),
    ("round video", ".roundvideo_media .tgme_widget_message_roundvideo_player video"),
    ("voice", "audio.tgme_widget_message_voice[data-waveform]"),
    ("music", ".tgme_widget_message_document_icon.audio"),
    ("document", ".tgme_widget_message_document_icon:not(.audio)"),
    ("several documents", ".tgme_widget_message_document_wrap[href$='?single']"),
    ("static sticker", ".sticker_media i.tgme_widget_message_sticker[data-webp]"),
    ("animated sticker", ".tgme_widget_message_tgsticker source[type='application/x-tgsticker']"),
    ("video sticker", ".tgme_widget_message_videosticker video.js-videosticker_video > img"),
    ("location", "a.tgme_widget_message_location_wrap[href*='maps?q=']"),
    ("venue", ".tgme_widget_message_location_info .tgme_widget_message_location_title"),
    ("contact", ".tgme_widget_message_contact_phone"),
    ("invoice", ".tgme_widget_message_invoice .tgme_widget_message_invoice_total"),
    ("game", ".tgme_widget_message_game .tgme_widget_message_game_title"),
    ("poll of several answers", ".tgme_widget_message_poll.multiple"),
    ("right answer", ".tgme_widget_message_poll_option_correct"),
    ("wrong answer", ".tgme_widget_message_poll_option_incorrect"),
    ("card, small picture", ".link_preview_right_image"),
    ("card, large picture", "i.link_preview_image"),
    ("card with a video", ".link_preview_video_player video.link_preview_video"),
    ("reply to a text", ".tgme_widget_message_reply .tgme_widget_message_text"),
    ("reply to a medium", ".tgme_widget_message_reply .tgme_widget_message_metatext"),
    ("reply with a picture", ".tgme_widget_message_reply_thumb"),
    ("forward of a channel", "a.tgme_widget_message_forwarded_from_name[href$='/318']"),
    (
        "forward of a user",
        "a.tgme_widget_message_forwarded_from_name[href='https://t.me/lesha_sky']",
    ),
    ("forward of a hidden user", "span.tgme_widget_message_forwarded_from_name"),
    ("forward with an author", ".tgme_widget_message_forwarded_from_author"),
    ("via a bot", ".tgme_widget_message_author .tgme_widget_message_via_bot"),
    ("signature with an emoji", ".tgme_widget_message_from_author i.emoji"),
    ("button with a link", "a.tgme_widget_message_inline_button.url_button[onclick]"),
    ("button for the app", "a.tgme_widget_message_inline_button:not(.url_button)"),
    ("reaction", ".tgme_reaction > i.emoji"),
    ("custom reaction without a character", ".tgme_reaction > tg-emoji:empty"),
    ("stars", ".tgme_reaction.tgme_reaction_paid > .icon-telegram-stars"),
    ("no reactions", ".tgme_widget_message_reactions:empty"),
    (
        "service message with a photo",
        ".service_message_photo .tgme_widget_message_service_photo img",
    ),
    (
        "not supported",
        ".tgme_widget_message_bubble > .message_media_not_supported_wrap:not(.media_not_supported_cont)",
    ),
    ("decoy", ".media_not_supported_cont > .message_media_not_supported_wrap"),
    ("partly supported", ".media_supported_cont + .media_not_supported_cont + .js-message_text"),
    ("no views", ".tgme_widget_message_views:empty"),
    ("channel without a photo", ".tgme_page_photo_image:empty[data-content='QC']"),
    ("title with an emoji", ".tgme_channel_info_header_title i.emoji"),
    ("verified", ".tgme_channel_info_header_labels i.verified-icon"),
    ("scam or fake", ".tgme_channel_info_header_labels mark.label"),
    ("channel without posts", ".tme_no_messages_found"),
];

/// Texts that occur at least once, by selector.
const TEXTS: &[(&str, &[&str])] = &[
    (
        ".tgme_widget_message_poll_type",
        &["Anonymous Poll", "Poll", "Anonymous Quiz", "Quiz", "Final Results"],
    ),
    (
        ".service_message .js-message_text",
        &[
            "Channel created",
            "Channel name was changed to «Tidewater Light»",
            "Channel photo updated",
            "Channel photo removed",
            "Tidewater Light pinned «House rules for visitors»",
            "Live stream started",
            "Live stream finished (12 minutes)",
            "Live stream scheduled for Saturday at 20:00",
        ],
    ),
    (
        ".message_media_not_supported_label",
        &[
            "Please open Telegram to view this post",
            "This media is not supported in the widget",
            "This media is not supported in your browser",
            "Media is too big",
        ],
    ),
];

#[tokio::test]
async fn demo_samples_contain_every_kind_of_message() {
    let (_telegram, control, client) = start().await;
    let mut pages = Vec::new();
    for sight in control.channels() {
        let mut path = Some(format!("/s/{}", sight.name));
        while let Some(address) = path {
            let text = get(&control, &client, &address).await.text().await.unwrap();
            let page = Html::parse_document(&text);
            path = attributes(&page, "link[rel=prev]", "href").pop();
            pages.push((text, page));
        }
    }
    let occurs = |selector: &str| pages.iter().any(|(_, page)| !all(page, selector).is_empty());
    for (kind, selector) in STRUCTURES {
        assert!(occurs(selector), "{kind}: {selector}");
    }
    for (selector, expected) in TEXTS {
        let found: BTreeSet<String> =
            pages.iter().flat_map(|(_, page)| texts(page, selector)).collect();
        for text in *expected {
            assert!(found.contains(*text), "{selector}: {text} is not in {found:?}");
        }
    }
    let raw = |part: &str| pages.iter().any(|(text, _)| text.contains(part));
    for part in [
        "\" \">",          // the stray quotation mark of replies
        "edited &nbsp;<a", // a bare word
        "erid",
        "#реклама",
        "&ll=",
        "&amp;amp;",
        "user-color-",
    ] {
        assert!(raw(part), "{part}");
    }
}

#[tokio::test]
async fn demo_samples_contain_all_variants_of_albums_and_cards() {
    let (_telegram, control, _client) = start().await;
    let messages: Vec<Message> = control
        .channels()
        .iter()
        .flat_map(|sight| control.channel(sight.name.as_str()).unwrap().messages)
        .collect();
    let sizes: BTreeSet<usize> = messages
        .iter()
        .filter(|message| matches!(message.body, Body::Album(_)))
        .map(|message| message.ids().len())
        .collect();
    assert!(sizes.is_superset(&BTreeSet::from([2, 3, 4, 5, 10])), "{sizes:?}");
    let has = |test: &dyn Fn(&Message) -> bool| messages.iter().any(test);
    assert!(has(&|message| message.reply.as_ref().is_some_and(|reply| {
        message.author.is_none() && reply.path.starts_with("zenit_library/")
    })));
    let card = |site: bool, title: bool, text: bool| {
        has(&|message| {
            message.preview.as_ref().is_some_and(|card| {
                (card.site.is_some(), card.title.is_some(), card.description.is_some())
                    == (site, title, text)
            })
        })
    };
    assert!(card(true, true, true) && card(true, false, true) && card(false, false, false));
    assert!(has(&|message| message.views == Views::Empty));
    assert!(has(&|message| {
        matches!(message.body, Body::Photo(_)) && message.text.is_none() && message.reply.is_none()
    }));
    let custom = |reaction: &Reaction| matches!(reaction, Reaction::Custom(..));
    assert!(has(&|message| message.reactions.iter().flatten().any(custom)));
}
