//! Class names of Telegram's pages. If Telegram renames something, this file changes.
//!
//! A page is read in one walk that compares class names. CSS selectors would each walk it again.

use std::collections::HashSet;
use std::sync::LazyLock;

// The page

/// Link to older or newer posts, with `data-before` or `data-after`.
pub(super) const MORE: &str = "tme_messages_more";
/// Holds that link, or the notice of an empty list.
pub(super) const CENTERED: &str = "tgme_widget_message_centered";
pub(super) const NO_MESSAGES: &str = "tme_no_messages_found";
pub(super) const HISTORY: &str = "tgme_channel_history";
/// The frame of a message in a list.
pub(super) const WRAP: &str = "tgme_widget_message_wrap";
pub(super) const MESSAGE: &str = "tgme_widget_message";
pub(super) const EMBED_BODY: &str = "body_widget_post";
/// `main`, whose `data-url` is the path of the channel.
pub(super) const MAIN: &str = "tgme_main";

// The header of a channel, and its copy for small screens (`MOBILE`)

pub(super) const INFO: &str = "tgme_channel_info";
pub(super) const MOBILE_INFO: &str = "tgme_header_info";
pub(super) const INFO_TITLE: &str = "tgme_channel_info_header_title";
pub(super) const MOBILE_TITLE: &str = "tgme_header_title";
pub(super) const INFO_LABELS: &str = "tgme_channel_info_header_labels";
pub(super) const MOBILE_LABELS: &str = "tgme_header_labels";
/// `@name`, with a link.
pub(super) const INFO_USERNAME: &str = "tgme_channel_info_header_username";
pub(super) const MOBILE_LINK: &str = "tgme_header_link";
pub(super) const INFO_COUNTER: &str = "tgme_channel_info_counter";
pub(super) const COUNTER_VALUE: &str = "counter_value";
pub(super) const COUNTER_TYPE: &str = "counter_type";
/// `992 subscribers`.
pub(super) const MOBILE_COUNTER: &str = "tgme_header_counter";
pub(super) const INFO_DESCRIPTION: &str = "tgme_channel_info_description";
/// The channel's picture, on list and landing pages.
pub(super) const PAGE_PHOTO: &str = "tgme_page_photo_image";
pub(super) const VERIFIED: &str = "verified-icon";
/// `SCAM` or `FAKE`.
pub(super) const LABEL: &str = "label";

// A landing page

pub(super) const LANDING: &str = "tgme_page";
pub(super) const LANDING_TITLE: &str = "tgme_page_title";
/// Subscribers, members, or `@name`.
pub(super) const LANDING_EXTRA: &str = "tgme_page_extra";
pub(super) const LANDING_DESCRIPTION: &str = "tgme_page_description";
/// The icon of a name that does not exist.
pub(super) const LANDING_MISSING: &str = "tgme_icon_user";
/// Its text tells a user from a bot.
pub(super) const LANDING_BUTTON: &str = "tgme_action_button_new";

// Around the content of a message

/// All of a message but its sender's picture and its buttons.
pub(super) const BUBBLE: &str = "tgme_widget_message_bubble";
pub(super) const USER: &str = "tgme_widget_message_user";
/// The line above a message, with its channel or author.
pub(super) const AUTHOR: &str = "tgme_widget_message_author";
/// The channel or group in that line.
pub(super) const OWNER_NAME: &str = "tgme_widget_message_owner_name";
/// The author in that line or in a reply.
pub(super) const AUTHOR_NAME: &str = "tgme_widget_message_author_name";
pub(super) const VIA_BOT: &str = "tgme_widget_message_via_bot";
pub(super) const VIEWS: &str = "tgme_widget_message_views";
pub(super) const VOTERS: &str = "tgme_widget_message_voters";
/// Signature, `edited`, and date.
pub(super) const META: &str = "tgme_widget_message_meta";
pub(super) const SIGNATURE: &str = "tgme_widget_message_from_author";
/// The link with the date.
pub(super) const DATE: &str = "tgme_widget_message_date";
/// There is no such post.
pub(super) const ERROR: &str = "tgme_widget_message_error";
/// The message around that error.
pub(super) const ERROR_MESSAGE: &str = "err_message";
pub(super) const SERVICE: &str = "service_message";
pub(super) const SERVICE_PHOTO: &str = "tgme_widget_message_service_photo";
pub(super) const SERVICE_STRONG: &str = "tgme_widget_service_strong_text";
/// The notice that the web page cannot show something.
pub(super) const UNSUPPORTED: &str = "message_media_not_supported_wrap";
pub(super) const UNSUPPORTED_LABEL: &str = "message_media_not_supported_label";
/// The same notice, hidden in posts that are shown well, for old browsers.
pub(super) const UNSUPPORTED_DECOY: &str = "media_not_supported_cont";

// Text

/// Text of the post. Replies use other classes.
pub(super) const TEXT: &str = "js-message_text";
pub(super) const REPLY_TEXT: &str = "js-message_reply_text";
/// A word instead of a quoted text: `Photo`.
pub(super) const METATEXT: &str = "tgme_widget_message_metatext";
pub(super) const EMOJI: &str = "emoji";

// Replies and forwards

pub(super) const REPLY: &str = "tgme_widget_message_reply";
/// A copy of a comment for a script.
pub(super) const REPLY_TEMPLATE: &str = "tgme_widget_message_reply_template";
pub(super) const FORWARD: &str = "tgme_widget_message_forwarded_from";
pub(super) const FORWARD_NAME: &str = "tgme_widget_message_forwarded_from_name";
/// The signature of the original.
pub(super) const FORWARD_AUTHOR: &str = "tgme_widget_message_forwarded_from_author";

// Media

pub(super) const PHOTO: &str = "tgme_widget_message_photo_wrap";
pub(super) const VIDEO: &str = "tgme_widget_message_video_player";
pub(super) const ROUND_VIDEO: &str = "tgme_widget_message_roundvideo_player";
pub(super) const VOICE: &str = "tgme_widget_message_voice_player";
/// A picture, with `data-webp`.
pub(super) const STICKER: &str = "tgme_widget_message_sticker";
pub(super) const TGS_STICKER: &str = "tgme_widget_message_tgsticker";
pub(super) const VIDEO_STICKER: &str = "tgme_widget_message_videosticker";
/// An item of an album.
pub(super) const GROUPED: &str = "grouped_media_wrap";
/// A video that is not on the page.
pub(super) const NOT_SUPPORTED: &str = "not_supported";
/// The blurred copy of a video behind a portrait one.
pub(super) const BLURRED: &str = "js-message_video_blured";
/// The button of a video that does not play by itself.
pub(super) const PLAY: &str = "message_video_play";
pub(super) const DOCUMENT: &str = "tgme_widget_message_document_wrap";
pub(super) const DOCUMENT_ICON: &str = "tgme_widget_message_document_icon";
/// On the icon of music.
pub(super) const MUSIC: &str = "audio";
pub(super) const DOCUMENT_TITLE: &str = "tgme_widget_message_document_title";
/// The size of a file, or the performer of music.
pub(super) const DOCUMENT_EXTRA: &str = "tgme_widget_message_document_extra";

// Poll

pub(super) const POLL: &str = "tgme_widget_message_poll";
pub(super) const POLL_QUESTION: &str = "tgme_widget_message_poll_question";
/// Telegram's name for the kind of poll.
pub(super) const POLL_TYPE: &str = "tgme_widget_message_poll_type";
pub(super) const POLL_OPTION: &str = "tgme_widget_message_poll_option";
pub(super) const POLL_OPTION_TEXT: &str = "tgme_widget_message_poll_option_text";
pub(super) const POLL_OPTION_PERCENT: &str = "tgme_widget_message_poll_option_percent";
pub(super) const POLL_CORRECT: &str = "tgme_widget_message_poll_option_correct";
pub(super) const POLL_INCORRECT: &str = "tgme_widget_message_poll_option_incorrect";
/// The number of votes in an open poll on an embedded page.
pub(super) const POLL_VOTES: &str = "tgme_widget_message_poll_votes";
/// On a poll with several answers.
pub(super) const MULTIPLE: &str = "multiple";

// Cards

pub(super) const LOCATION: &str = "tgme_widget_message_location_wrap";
pub(super) const VENUE_TITLE: &str = "tgme_widget_message_location_title";
pub(super) const VENUE_ADDRESS: &str = "tgme_widget_message_location_address";
pub(super) const CONTACT: &str = "tgme_widget_message_contact_wrap";
pub(super) const CONTACT_NAME: &str = "tgme_widget_message_contact_name";
pub(super) const CONTACT_PHONE: &str = "tgme_widget_message_contact_phone";
pub(super) const INVOICE: &str = "tgme_widget_message_invoice";
pub(super) const INVOICE_TITLE: &str = "tgme_widget_message_invoice_title";
pub(super) const INVOICE_DESCRIPTION: &str = "tgme_widget_message_invoice_description";
/// The label over the picture.
pub(super) const INVOICE_LABEL: &str = "tgme_widget_message_invoice_label";
pub(super) const INVOICE_TOTAL: &str = "tgme_widget_message_invoice_total";
pub(super) const GAME: &str = "tgme_widget_message_game";
pub(super) const GAME_TITLE: &str = "tgme_widget_message_game_title";
pub(super) const GAME_TEXT: &str = "tgme_widget_message_game_text";

// Link preview

pub(super) const PREVIEW: &str = "tgme_widget_message_link_preview";
pub(super) const PREVIEW_SITE: &str = "link_preview_site_name";
pub(super) const PREVIEW_TITLE: &str = "link_preview_title";
pub(super) const PREVIEW_DESCRIPTION: &str = "link_preview_description";
/// A picture across the card.
pub(super) const PREVIEW_IMAGE: &str = "link_preview_image";
/// A small picture beside the text.
pub(super) const PREVIEW_RIGHT_IMAGE: &str = "link_preview_right_image";
pub(super) const PREVIEW_VIDEO_THUMB: &str = "link_preview_video_thumb";
pub(super) const PREVIEW_VIDEO_WRAP: &str = "link_preview_video_wrap";

// Under the message

pub(super) const KEYBOARD: &str = "tgme_widget_message_inline_keyboard";
pub(super) const KEYBOARD_ROW: &str = "tgme_widget_message_inline_row";
pub(super) const BUTTON: &str = "tgme_widget_message_inline_button";
/// On a button that opens an address.
pub(super) const URL_BUTTON: &str = "url_button";
pub(super) const REACTIONS: &str = "tgme_widget_message_reactions";
pub(super) const REACTION: &str = "tgme_reaction";
pub(super) const REACTION_PAID: &str = "tgme_reaction_paid";

/// The prefix of Telegram's own classes inside a message.
pub(super) const PREFIX: &str = "tgme_";

/// Whether the parser reads a class inside a message, or deliberately ignores it.
pub(super) fn is_known(class: &str) -> bool {
    match class.strip_prefix("tgme_widget_message_") {
        Some(rest) => KNOWN.contains(rest),
        None => [MESSAGE, REACTION, REACTION_PAID, SERVICE_STRONG].contains(&class),
    }
}

/// Whether a class marks an element of a message that is not content by its author.
pub(super) fn is_frame(class: &str) -> bool {
    match class.strip_prefix("tgme_widget_message_") {
        Some(rest) => FRAME.split(' ').any(|name| name == rest),
        None => matches!(class, REPLY_TEXT | UNSUPPORTED),
    }
}

/// Classes around the content, without `tgme_widget_message_`.
const FRAME: &str = "user author forwarded_from reply reply_template metatext footer meta views \
                     voters date reactions inline_keyboard";

/// Known classes without `tgme_widget_message_`.
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "author author_name bubble bubble_logo bubble_tail centered contact contact_name \
     contact_phone contact_wrap date document document_extra document_icon document_thumb \
     document_title document_wrap error footer forwarded_from forwarded_from_author \
     forwarded_from_labels forwarded_from_name from_author game game_image game_image_wrap \
     game_text game_title game_video_player grouped grouped_layer grouped_wrap info \
     inline_button inline_button_text inline_keyboard inline_row invoice invoice_description \
     invoice_image invoice_image_wrap invoice_label invoice_title invoice_total link \
     link_button link_preview location location_address location_info location_title \
     location_wrap meta metatext one_media owner_labels owner_name photo photo_wrap poll \
     poll_option poll_option_bar poll_option_correct poll_option_incorrect \
     poll_option_percent poll_option_radio poll_option_radio_item poll_option_text \
     poll_option_value poll_options poll_question poll_type poll_voters poll_votes \
     poll_votes_cnt reactions reply reply_template reply_thumb roundvideo roundvideo_border \
     roundvideo_duration roundvideo_muted roundvideo_play roundvideo_player \
     roundvideo_progress roundvideo_progress_wrap roundvideo_thumb roundvideo_wrap \
     service_date service_date_wrap service_photo sticker sticker_wrap text tgsticker \
     tgsticker_wrap user user_photo via_bot video video_player video_thumb video_wrap \
     videosticker views voice voice_duration voice_play voice_player voice_progress \
     voice_progress_bg voice_progress_wrap voice_wrap voters"
        .split(' ')
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_known_by_their_full_names() {
        for class in [PHOTO, POLL_CORRECT, SIGNATURE, VIA_BOT, REACTION_PAID, MESSAGE] {
            assert!(is_known(class), "{class}");
        }
        for class in ["tgme_widget_message_story", "tgme_widget_message_", "tgme_page"] {
            assert!(!is_known(class), "{class}");
        }
    }
}
