//! Around the content: id, channel, date, counters, reactions, buttons, notices, and the kind of service message.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use scraper::{ElementRef, Node};
use serde::Deserialize;

use super::text::{custom_emoji_id, line, nonblank_line};
use super::{MAX_PARTS, emoji};
use crate::model::{
    Button, ChannelName, MessageId, Post, Reaction, ReactionKind, ServiceMessage, Target,
};
use crate::telegram::address::{self, MessageLink};
use crate::telegram::quantity;
use crate::telegram::selectors::{self as class, DATE, OWNER_NAME};
use crate::telegram::tree::{Event, Step, attribute, find, find_element, has_class, parent, walk};
use crate::telegram::warning::{WarningKind, Warnings};

/// Longest `data-view` that is read, in bytes.
const MAX_VIEW: usize = 1024;

/// The channel's name if the message has it, and the message's id.
///
/// UPSTREAM(2026): `data-post` is `name/17`, seldom `/17`. The message's links may have what it lacks.
pub(super) fn name_and_id(message: ElementRef<'_>) -> Option<(Option<String>, MessageId)> {
    let data_post = attribute(message, "data-post").unwrap_or_default();
    let (name, number) = match data_post.split_once('/') {
        Some(parts) => parts,
        None if data_post.starts_with(|first: char| first.is_ascii_digit()) => ("", data_post),
        None => (data_post, ""),
    };
    let id = if number.is_empty() { date_link(message)?.id } else { MessageId::parse(number)? };
    if !name.is_empty() {
        return Some((Some(name.to_owned()), id));
    }
    let name = match date_link(message).and_then(|link| link.channel) {
        Some(name) => Some(name),
        None => owner_name(message),
    };
    Some((name.map(|name| name.to_string()), id))
}

fn date_link(message: ElementRef<'_>) -> Option<MessageLink> {
    let href = attribute(find(message, DATE)?, "href")?;
    address::message_of(href).filter(|link| !link.is_comment)
}

fn owner_name(message: ElementRef<'_>) -> Option<ChannelName> {
    let href = attribute(find(message, OWNER_NAME)?, "href")?;
    Target::parse(href).ok().map(|target| target.channel)
}

/// Telegram's number of the channel, from `data-view`, or from `data-peer` on embedded pages.
pub(super) fn numeric_channel_id(message: ElementRef<'_>, warnings: &mut Warnings) -> Option<i64> {
    if let Some(view) = attribute(message, "data-view") {
        if let Some(number) = from_view(view) {
            return Some(number);
        }
        warnings.add(WarningKind::BadValue, "data-view", view);
    }
    let peer = attribute(message, "data-peer")?;
    let number = from_peer(peer);
    if number.is_none() {
        warnings.add(WarningKind::BadValue, "data-peer", peer);
    }
    number
}

/// UPSTREAM(2026-08): base64url of `{"c":-1700000042,"p":512,…}`; `c` is the negative number of the channel.
fn from_view(view: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct View {
        c: i64,
    }
    if view.len() > MAX_VIEW {
        return None;
    }
    let view = view.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let json = URL_SAFE_NO_PAD.decode(view).ok()?;
    let View { c } = serde_json::from_slice(&json).ok()?;
    c.checked_abs().filter(|number| *number > 0)
}

/// UPSTREAM(2026-08): `c1700000042_-42`.
fn from_peer(peer: &str) -> Option<i64> {
    let (number, _) = peer.strip_prefix('c')?.split_once('_')?;
    number.parse().ok().filter(|number| *number > 0)
}

/// Only the date's `time` has a `datetime`: durations are `time` elements too. Its text is in the reader's time zone.
pub(super) fn published(date: ElementRef<'_>, warnings: &mut Warnings) -> Option<DateTime<Utc>> {
    let datetime = attribute(find_element(date, "time")?, "datetime")?;
    let time = quantity::time(datetime);
    if time.is_none() {
        warnings.add(WarningKind::BadValue, "time[datetime]", datetime);
    }
    time
}

pub(super) fn counter(element: ElementRef<'_>) -> Option<String> {
    quantity::counter(&line(element))
}

/// Whether the line with the date has text outside its elements.
///
/// UPSTREAM(2026-08): the text is "edited", in the language of the page. So any word counts.
pub(super) fn says_edited(meta: ElementRef<'_>) -> bool {
    own_text(meta).chars().any(char::is_alphabetic)
}

/// The text of an element without that of inner elements.
fn own_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for child in element.children() {
        if let Node::Text(part) = child.value() {
            text.push_str(part);
        }
    }
    text
}

/// The label of a notice that the post cannot be shown. Three kinds of boxes share the class; only the one directly in the
/// bubble, and not hidden for old browsers, is this notice.
pub(super) fn unsupported(notice: ElementRef<'_>) -> Option<String> {
    let in_bubble = parent(notice).is_some_and(|parent| has_class(parent, class::BUBBLE));
    if !in_bubble || has_class(notice, class::UNSUPPORTED_DECOY) {
        return None;
    }
    Some(find(notice, class::UNSUPPORTED_LABEL).map(line).unwrap_or_default())
}

/// The kind of a service message, by its structure first and its text second. The page is requested in English.
pub(super) fn service(message: ElementRef<'_>, post: &Post) -> ServiceMessage {
    if find(message, class::SERVICE_PHOTO).is_some() || !post.media.is_empty() {
        return ServiceMessage::PhotoUpdated;
    }
    let Some(text) = find(message, class::TEXT) else { return ServiceMessage::Other };
    // No other service text has an author.
    if find(text, class::AUTHOR_NAME).is_some() && find(text, class::SERVICE_STRONG).is_some() {
        return ServiceMessage::Pinned;
    }
    let line = line(text);
    if line.starts_with("Channel created") {
        ServiceMessage::Created
    } else if line.starts_with("Channel name was changed") {
        ServiceMessage::Renamed
    } else if line.starts_with("Channel photo updated")
        || has_class(message, "service_message_photo")
    {
        ServiceMessage::PhotoUpdated
    } else if line.starts_with("Channel photo removed") {
        ServiceMessage::PhotoRemoved
    } else if line.starts_with("Live stream") || line.starts_with("Video chat") {
        ServiceMessage::LiveStream
    } else {
        ServiceMessage::Other
    }
}

/// The buttons row by row. Buttons that talk to a bot have no address: their links lead to the post itself.
pub(super) fn buttons(keyboard: ElementRef<'_>) -> Vec<Vec<Button>> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    let mut count = 0;
    walk(keyboard, |event| {
        let Event::Open(element) = event else { return Step::Into };
        if has_class(element, class::KEYBOARD_ROW) {
            rows.push(Vec::new());
            return Step::Into;
        }
        if !has_class(element, class::BUTTON) {
            return Step::Into;
        }
        count += 1;
        if count <= MAX_PARTS
            && let Some(text) = nonblank_line(element)
        {
            let opens_address = has_class(element, class::URL_BUTTON);
            let address = if opens_address { address::of_link(element) } else { None };
            match rows.last_mut() {
                Some(row) => row.push(Button { text, address }),
                None => rows.push(vec![Button { text, address }]),
            }
        }
        Step::Over
    });
    rows.retain(|row| !row.is_empty());
    rows
}

/// The reactions in Telegram's order.
pub(super) fn reactions(element: ElementRef<'_>, warnings: &mut Warnings) -> Vec<Reaction> {
    let mut reactions = Vec::new();
    let elements = element.descendent_elements();
    for inner in elements.filter(|inner| has_class(*inner, class::REACTION)).take(MAX_PARTS) {
        match reaction(inner) {
            Some(reaction) => reactions.push(reaction),
            None => warnings.count(WarningKind::MissingPart, ".tgme_reaction"),
        }
    }
    reactions
}

fn reaction(element: ElementRef<'_>) -> Option<Reaction> {
    let count = quantity::counter(&own_text(element))?;
    Some(Reaction { kind: reaction_kind(element)?, count })
}

/// UPSTREAM(2026-08): a custom emoji is an empty element here, without a character.
fn reaction_kind(element: ElementRef<'_>) -> Option<ReactionKind> {
    if has_class(element, class::REACTION_PAID) {
        return Some(ReactionKind::Paid);
    }
    if let Some(custom) = find_element(element, "tg-emoji") {
        return custom_emoji_id(custom).map(ReactionKind::Custom);
    }
    let emoji = emoji::character(find(element, class::EMOJI)?);
    (!emoji.is_empty()).then_some(ReactionKind::Emoji(emoji))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a message with this `data-post` and these links of its owner and its date.
    fn read(data_post: &str, owner: &str, date: &str) -> Option<(String, u32)> {
        let html = format!(
            r#"<div class="tgme_widget_message" {data_post}><a class="{OWNER_NAME}" href="{owner}">Tea</a><a class="{DATE}" href="{date}"></a></div>"#
        );
        let html = scraper::Html::parse_fragment(&html);
        let (name, id) = name_and_id(find(html.root_element(), "tgme_widget_message").unwrap())?;
        Some((name.unwrap_or_default(), id.get()))
    }

    #[test]
    fn data_post_yields_name_and_bounded_id() {
        for (text, expected) in [
            ("tea/512", Some(("tea", 512))),
            ("tea/0", None),
            ("tea/2147483648", None),
            ("tea/99999999999999999999999999", None),
            ("tea/", None),
            ("tea", None),
            ("/5", Some(("", 5))),
            ("5", Some(("", 5))),
            ("99999999999999999999999999", None),
            ("tea/5/6", None),
            ("", None),
        ] {
            let found = read(&format!("data-post=\"{text}\""), "", "");
            assert_eq!(found, expected.map(|(name, id)| (name.to_owned(), id)), "{text}");
        }
    }

    #[test]
    fn incomplete_data_post_is_completed_from_links() {
        let (nobody, tea) = ("https://t.me/", "https://t.me/tea");
        for (data_post, owner, date, expected) in [
            ("data-post=/5", nobody, "https://t.me//5", Some(("", 5))),
            ("data-post=/5", tea, "https://t.me//5", Some(("tea", 5))),
            ("data-post=/5", nobody, "https://t.me/tea/5", Some(("tea", 5))),
            ("data-post=tea/5", "https://t.me/pot", "https://t.me/pot/6", Some(("tea", 5))),
            ("data-post=tea/", nobody, "https://t.me//5", Some(("tea", 5))),
            ("data-post=/", nobody, "https://t.me//5", Some(("", 5))),
            ("", nobody, "https://t.me/tea/5", Some(("tea", 5))),
            ("", tea, "https://t.me//5", Some(("tea", 5))),
            ("", tea, "https://t.me/tea/2?comment=58", None),
            ("", tea, "https://t.me/tea", None),
            ("data-post=tea/x", tea, "https://t.me/tea/5", None),
        ] {
            let found = read(data_post, owner, date);
            let expected = expected.map(|(name, id)| (name.to_owned(), id));
            assert_eq!(found, expected, "{data_post} {owner} {date}");
        }
    }

    #[test]
    fn channel_number_is_read_from_data_view_if_present() {
        let view = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for (text, expected) in [
            (view(r#"{"c":-1700000042,"p":512,"t":1,"h":"a"}"#), Some(1_700_000_042)),
            (view(r#"{"c":-1700000042,"p":"512g"}"#), Some(1_700_000_042)),
            (format!("{}==", view(r#"{"c":-7}"#)), Some(7)),
            (view(r#"{"c":0}"#), None),
            (view(r#"{"c":-9223372036854775808}"#), None),
            (view(r#"{"p":512}"#), None),
            (view("nonsense"), None),
            ("???".to_owned(), None),
            ("A".repeat(100_000), None),
        ] {
            assert_eq!(from_view(&text), expected, "{text}");
        }
        assert_eq!(from_peer("c1700000042_-42"), Some(1_700_000_042));
        for refused in ["", "c_", "c-5_1", "u5_1", "c99999999999999999999_1", "c5"] {
            assert_eq!(from_peer(refused), None, "{refused}");
        }
    }
}
