//! Every class name and attribute of Telegram's pages that we read, in one place.
//!
//! A page is read in one walk that compares class names; there are no CSS selectors, which would each walk it again.
//! When Telegram renames something, this file changes.

// The page

/// The link to older or newer posts, with `data-before` or `data-after`.
pub(super) const MORE: &str = "tme_messages_more";
/// Holds that link, and the notice of an empty list.
pub(super) const CENTERED: &str = "tgme_widget_message_centered";
/// The notice of an empty list.
pub(super) const NO_MESSAGES: &str = "tme_no_messages_found";
/// The list of messages.
pub(super) const HISTORY: &str = "tgme_channel_history";
/// The frame of a message in a list.
pub(super) const WRAP: &str = "tgme_widget_message_wrap";
/// A message.
pub(super) const MESSAGE: &str = "tgme_widget_message";
/// The body of an embedded post's page.
pub(super) const EMBED_BODY: &str = "body_widget_post";
/// `main`, whose `data-url` is the channel's path.
pub(super) const MAIN: &str = "tgme_main";

// The channel's header, and its copy for small screens

/// The header as a whole.
pub(super) const INFO: &str = "tgme_channel_info";
/// The copy as a whole.
pub(super) const MOBILE_INFO: &str = "tgme_header_info";
/// The channel's title.
pub(super) const INFO_TITLE: &str = "tgme_channel_info_header_title";
/// The channel's title in the copy.
pub(super) const MOBILE_TITLE: &str = "tgme_header_title";
/// Marks beside the title.
pub(super) const INFO_LABELS: &str = "tgme_channel_info_header_labels";
/// Marks beside the title in the copy.
pub(super) const MOBILE_LABELS: &str = "tgme_header_labels";
/// `@name`, with a link.
pub(super) const INFO_USERNAME: &str = "tgme_channel_info_header_username";
/// The link of the copy, to the channel.
pub(super) const MOBILE_LINK: &str = "tgme_header_link";
/// One counter.
pub(super) const INFO_COUNTER: &str = "tgme_channel_info_counter";
/// A counter's number.
pub(super) const COUNTER_VALUE: &str = "counter_value";
/// A counter's name.
pub(super) const COUNTER_TYPE: &str = "counter_type";
/// `992 subscribers` in the copy.
pub(super) const MOBILE_COUNTER: &str = "tgme_header_counter";
/// The channel's words about itself.
pub(super) const INFO_DESCRIPTION: &str = "tgme_channel_info_description";
/// The channel's picture, on list pages and landings.
pub(super) const PAGE_PHOTO: &str = "tgme_page_photo_image";
/// The mark of a channel that Telegram vouches for.
pub(super) const VERIFIED: &str = "verified-icon";
/// The mark of fraud or a false identity.
pub(super) const LABEL: &str = "label";

// A landing page

/// The card.
pub(super) const LANDING: &str = "tgme_page";
/// The name of what it is.
pub(super) const LANDING_TITLE: &str = "tgme_page_title";
/// Subscribers, members, or `@name`.
pub(super) const LANDING_EXTRA: &str = "tgme_page_extra";
/// What it says about itself.
pub(super) const LANDING_DESCRIPTION: &str = "tgme_page_description";
/// The picture of nobody: there is no such name.
pub(super) const LANDING_NOBODY: &str = "tgme_icon_user";
/// The button, whose words tell a person from a bot.
pub(super) const LANDING_BUTTON: &str = "tgme_action_button_new";

// The frame of a message

/// Everything of a message but its sender's picture and its buttons.
pub(super) const BUBBLE: &str = "tgme_widget_message_bubble";
/// The sender's picture.
pub(super) const USER: &str = "tgme_widget_message_user";
/// The line above a message that names its channel or author.
pub(super) const AUTHOR: &str = "tgme_widget_message_author";
/// The channel or group, in that line.
pub(super) const OWNER_NAME: &str = "tgme_widget_message_owner_name";
/// The author, in that line or in a reply.
pub(super) const AUTHOR_NAME: &str = "tgme_widget_message_author_name";
/// The bot through which it was sent.
pub(super) const VIA_BOT: &str = "tgme_widget_message_via_bot";
/// How often it was seen.
pub(super) const VIEWS: &str = "tgme_widget_message_views";
/// How many voted.
pub(super) const VOTERS: &str = "tgme_widget_message_voters";
/// The line below a message.
pub(super) const FOOTER: &str = "tgme_widget_message_footer";
/// Signature, `edited`, and date.
pub(super) const META: &str = "tgme_widget_message_meta";
/// The signature.
pub(super) const SIGNATURE: &str = "tgme_widget_message_from_author";
/// The link with the date.
pub(super) const DATE: &str = "tgme_widget_message_date";
/// An answer that there is no such post.
pub(super) const ERROR: &str = "tgme_widget_message_error";
/// The message that holds such an answer.
pub(super) const ERROR_MESSAGE: &str = "err_message";
/// A message about the channel itself.
pub(super) const SERVICE: &str = "service_message";
/// The channel's new picture.
pub(super) const SERVICE_PHOTO: &str = "tgme_widget_message_service_photo";
/// What a service message is about.
pub(super) const SERVICE_STRONG: &str = "tgme_widget_service_strong_text";
/// Telegram's notice that its page cannot show something.
pub(super) const UNSUPPORTED: &str = "message_media_not_supported_wrap";
/// The words of that notice.
pub(super) const UNSUPPORTED_LABEL: &str = "message_media_not_supported_label";
/// The same notice prepared for old browsers, in posts that are shown well.
pub(super) const UNSUPPORTED_DECOY: &str = "media_not_supported_cont";

// Text

/// A text of the post. Replies use other classes for theirs.
pub(super) const TEXT: &str = "js-message_text";
/// The quoted text of a reply.
pub(super) const REPLY_TEXT: &str = "js-message_reply_text";
/// A word instead of a quoted text: `Photo`.
pub(super) const METATEXT: &str = "tgme_widget_message_metatext";
/// An emoji drawn as a picture.
pub(super) const EMOJI: &str = "emoji";

// Where it comes from

/// What the post answers.
pub(super) const REPLY: &str = "tgme_widget_message_reply";
/// A comment's copy of itself, for a script.
pub(super) const REPLY_TEMPLATE: &str = "tgme_widget_message_reply_template";
/// The origin of a forwarded post.
pub(super) const FORWARD: &str = "tgme_widget_message_forwarded_from";
/// The origin's name.
pub(super) const FORWARD_NAME: &str = "tgme_widget_message_forwarded_from_name";
/// Who signed the original.
pub(super) const FORWARD_AUTHOR: &str = "tgme_widget_message_forwarded_from_author";

// Media

/// A photo.
pub(super) const PHOTO: &str = "tgme_widget_message_photo_wrap";
/// A film or GIF.
pub(super) const VIDEO: &str = "tgme_widget_message_video_player";
/// A round film.
pub(super) const ROUND_VIDEO: &str = "tgme_widget_message_roundvideo_player";
/// A spoken note.
pub(super) const VOICE: &str = "tgme_widget_message_voice_player";
/// A still sticker, with `data-webp`.
pub(super) const STICKER: &str = "tgme_widget_message_sticker";
/// A drawn sticker.
pub(super) const TGS_STICKER: &str = "tgme_widget_message_tgsticker";
/// A filmed sticker.
pub(super) const VIDEO_STICKER: &str = "tgme_widget_message_videosticker";
/// The item of an album.
pub(super) const GROUPED: &str = "grouped_media_wrap";
/// A film that is not on the page.
pub(super) const NOT_SUPPORTED: &str = "not_supported";
/// The blurred copy of a film behind an upright one.
pub(super) const BLURRED: &str = "js-message_video_blured";
/// The button of a film that does not play by itself.
pub(super) const PLAY: &str = "message_video_play";
/// A file or music.
pub(super) const DOCUMENT: &str = "tgme_widget_message_document_wrap";
/// The icon, which tells music from files.
pub(super) const DOCUMENT_ICON: &str = "tgme_widget_message_document_icon";
/// On the icon of music.
pub(super) const MUSIC: &str = "audio";
/// The file's name.
pub(super) const DOCUMENT_TITLE: &str = "tgme_widget_message_document_title";
/// The file's size, or the performer.
pub(super) const DOCUMENT_EXTRA: &str = "tgme_widget_message_document_extra";

// Poll

/// The poll.
pub(super) const POLL: &str = "tgme_widget_message_poll";
/// What is asked.
pub(super) const POLL_QUESTION: &str = "tgme_widget_message_poll_question";
/// Telegram's word for the kind of poll.
pub(super) const POLL_TYPE: &str = "tgme_widget_message_poll_type";
/// An answer.
pub(super) const POLL_OPTION: &str = "tgme_widget_message_poll_option";
/// The answer's words.
pub(super) const POLL_OPTION_TEXT: &str = "tgme_widget_message_poll_option_text";
/// The answer's share.
pub(super) const POLL_OPTION_PERCENT: &str = "tgme_widget_message_poll_option_percent";
/// On a right answer.
pub(super) const POLL_CORRECT: &str = "tgme_widget_message_poll_option_correct";
/// On a wrong answer.
pub(super) const POLL_INCORRECT: &str = "tgme_widget_message_poll_option_incorrect";
/// How many voted, of a poll that is open on an embedded page.
pub(super) const POLL_VOTES: &str = "tgme_widget_message_poll_votes";
/// On a poll with several answers.
pub(super) const MULTIPLE: &str = "multiple";

// Cards

/// A place.
pub(super) const LOCATION: &str = "tgme_widget_message_location_wrap";
/// A venue's name.
pub(super) const VENUE_TITLE: &str = "tgme_widget_message_location_title";
/// A venue's street.
pub(super) const VENUE_ADDRESS: &str = "tgme_widget_message_location_address";
/// A person's card.
pub(super) const CONTACT: &str = "tgme_widget_message_contact_wrap";
/// The person's name.
pub(super) const CONTACT_NAME: &str = "tgme_widget_message_contact_name";
/// The person's number.
pub(super) const CONTACT_PHONE: &str = "tgme_widget_message_contact_phone";
/// Something for sale.
pub(super) const INVOICE: &str = "tgme_widget_message_invoice";
/// What it is.
pub(super) const INVOICE_TITLE: &str = "tgme_widget_message_invoice_title";
/// What is said about it.
pub(super) const INVOICE_DESCRIPTION: &str = "tgme_widget_message_invoice_description";
/// The label over its picture.
pub(super) const INVOICE_LABEL: &str = "tgme_widget_message_invoice_label";
/// Its price.
pub(super) const INVOICE_TOTAL: &str = "tgme_widget_message_invoice_total";
/// A game.
pub(super) const GAME: &str = "tgme_widget_message_game";
/// Its name.
pub(super) const GAME_TITLE: &str = "tgme_widget_message_game_title";
/// What is said about it.
pub(super) const GAME_TEXT: &str = "tgme_widget_message_game_text";

// Link preview

/// The card.
pub(super) const PREVIEW: &str = "tgme_widget_message_link_preview";
/// The site.
pub(super) const PREVIEW_SITE: &str = "link_preview_site_name";
/// The page's title.
pub(super) const PREVIEW_TITLE: &str = "link_preview_title";
/// The page's description.
pub(super) const PREVIEW_DESCRIPTION: &str = "link_preview_description";
/// A picture across the card.
pub(super) const PREVIEW_IMAGE: &str = "link_preview_image";
/// A small picture beside the words.
pub(super) const PREVIEW_RIGHT_IMAGE: &str = "link_preview_right_image";
/// The still of a film.
pub(super) const PREVIEW_VIDEO_THUMB: &str = "link_preview_video_thumb";
/// The frame of a film.
pub(super) const PREVIEW_VIDEO_WRAP: &str = "link_preview_video_wrap";

// Under the message

/// The buttons.
pub(super) const KEYBOARD: &str = "tgme_widget_message_inline_keyboard";
/// A row of buttons.
pub(super) const KEYBOARD_ROW: &str = "tgme_widget_message_inline_row";
/// A button.
pub(super) const BUTTON: &str = "tgme_widget_message_inline_button";
/// On a button that opens an address.
pub(super) const URL_BUTTON: &str = "url_button";
/// The reactions.
pub(super) const REACTIONS: &str = "tgme_widget_message_reactions";
/// One kind of reaction.
pub(super) const REACTION: &str = "tgme_reaction";
/// On a reaction by paid stars.
pub(super) const REACTION_PAID: &str = "tgme_reaction_paid";

/// What Telegram's own classes inside a message begin with.
pub(super) const OURS: &str = "tgme_";

/// Whether a class inside a message is one that we read, or know that we need not read.
pub(super) fn is_known(class: &str) -> bool {
    match class.strip_prefix("tgme_widget_message_") {
        Some(rest) => KNOWN.binary_search(&rest).is_ok(),
        None => OTHER_KNOWN.contains(&class),
    }
}

/// Known classes that begin otherwise.
const OTHER_KNOWN: [&str; 4] = [MESSAGE, REACTION, REACTION_PAID, SERVICE_STRONG];

/// Known classes without `tgme_widget_message_`, sorted.
const KNOWN: [&str; 116] = [
    "author",
    "author_name",
    "bubble",
    "bubble_logo",
    "bubble_tail",
    "centered",
    "contact",
    "contact_name",
    "contact_phone",
    "contact_wrap",
    "date",
    "document",
    "document_extra",
    "document_icon",
    "document_thumb",
    "document_title",
    "document_wrap",
    "error",
    "footer",
    "forwarded_from",
    "forwarded_from_author",
    "forwarded_from_labels",
    "forwarded_from_name",
    "from_author",
    "game",
    "game_image",
    "game_image_wrap",
    "game_text",
    "game_title",
    "game_video_player",
    "grouped",
    "grouped_layer",
    "grouped_wrap",
    "info",
    "inline_button",
    "inline_button_text",
    "inline_keyboard",
    "inline_row",
    "invoice",
    "invoice_description",
    "invoice_image",
    "invoice_image_wrap",
    "invoice_label",
    "invoice_title",
    "invoice_total",
    "link",
    "link_button",
    "link_preview",
    "location",
    "location_address",
    "location_info",
    "location_title",
    "location_wrap",
    "meta",
    "metatext",
    "one_media",
    "owner_labels",
    "owner_name",
    "photo",
    "photo_wrap",
    "poll",
    "poll_option",
    "poll_option_bar",
    "poll_option_correct",
    "poll_option_incorrect",
    "poll_option_percent",
    "poll_option_radio",
    "poll_option_radio_item",
    "poll_option_text",
    "poll_option_value",
    "poll_options",
    "poll_question",
    "poll_type",
    "poll_voters",
    "poll_votes",
    "poll_votes_cnt",
    "reactions",
    "reply",
    "reply_template",
    "reply_thumb",
    "roundvideo",
    "roundvideo_border",
    "roundvideo_duration",
    "roundvideo_muted",
    "roundvideo_play",
    "roundvideo_player",
    "roundvideo_progress",
    "roundvideo_progress_wrap",
    "roundvideo_thumb",
    "roundvideo_wrap",
    "service_date",
    "service_date_wrap",
    "service_photo",
    "sticker",
    "sticker_wrap",
    "text",
    "tgsticker",
    "tgsticker_wrap",
    "user",
    "user_photo",
    "via_bot",
    "video",
    "video_player",
    "video_thumb",
    "video_wrap",
    "videosticker",
    "views",
    "voice",
    "voice_duration",
    "voice_play",
    "voice_player",
    "voice_progress",
    "voice_progress_bg",
    "voice_progress_wrap",
    "voice_wrap",
    "voters",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_classes_are_sorted_for_the_search() {
        assert!(KNOWN.is_sorted());
        for class in [PHOTO, POLL_CORRECT, SIGNATURE, VIA_BOT, REACTION_PAID, MESSAGE] {
            assert!(is_known(class), "{class}");
        }
        for class in ["tgme_widget_message_story", "tgme_widget_message_", "tgme_page"] {
            assert!(!is_known(class), "{class}");
        }
    }
}
