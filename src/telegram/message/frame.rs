//! Round the content: which message it is, when it was posted, how often it was seen, what cannot be shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use scraper::{ElementRef, Node};
use serde::Deserialize;

use super::line;
use crate::model::{MessageId, Target};
use crate::telegram::address;
use crate::telegram::quantity;
use crate::telegram::selectors::{BUBBLE, DATE, OWNER_NAME, UNSUPPORTED_DECOY, UNSUPPORTED_LABEL};
use crate::telegram::tree::{attribute, find, find_element, has_class, parent};
use crate::telegram::warning::{WarningKind, Warnings};

/// The longest `data-view` that is looked at, in bytes.
const LONGEST_VIEW: usize = 1024;

/// The channel's name, as the message's own parts tell it, and the message's number.
///
/// UPSTREAM(2026): `data-post` is `name/17`, seldom `/17`. What it lacks, the message's links may have.
pub(super) fn name_and_id(message: ElementRef<'_>) -> Option<(Option<String>, MessageId)> {
    let (name, number) = parts(attribute(message, "data-post").unwrap_or_default());
    let link = |class| find(message, class).and_then(|link| attribute(link, "href"));
    let date = || link(DATE).and_then(address::message_of).filter(|linked| !linked.is_comment);
    let id = if number.is_empty() { date()?.id } else { MessageId::parse(number)? };
    if !name.is_empty() {
        return Some((Some(name.to_owned()), id));
    }
    let owner = || Some(Target::parse(link(OWNER_NAME)?).ok()?.channel);
    let name = date().and_then(|linked| linked.channel).or_else(owner);
    Some((name.map(|name| name.to_string()), id))
}

/// The name and the number of `name/17`, either of which may be missing.
fn parts(data_post: &str) -> (&str, &str) {
    let is_number = data_post.starts_with(|first: char| first.is_ascii_digit());
    let alone = if is_number { ("", data_post) } else { (data_post, "") };
    data_post.split_once('/').unwrap_or(alone)
}

/// Telegram's number of the channel: from `data-view`, on embedded pages from `data-peer` too.
pub(super) fn numeric_channel_id(message: ElementRef<'_>, warnings: &mut Warnings) -> Option<i64> {
    if let Some(view) = attribute(message, "data-view") {
        if let Some(number) = from_view(view) {
            return Some(number);
        }
        warnings.tell(WarningKind::BadValue, "data-view", view);
    }
    let peer = attribute(message, "data-peer")?;
    let number = from_peer(peer);
    if number.is_none() {
        warnings.tell(WarningKind::BadValue, "data-peer", peer);
    }
    number
}

/// UPSTREAM(2026-08): base64url of `{"c":-1700000042,"p":512,…}`; `c` is minus the channel's number.
fn from_view(view: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct View {
        c: i64,
    }
    if view.len() > LONGEST_VIEW {
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
    let number: i64 = number.parse().ok()?;
    (number > 0).then_some(number)
}

/// When it was posted. Durations are `time` elements too, without `datetime`; the text is in the reader's zone.
pub(super) fn published(date: ElementRef<'_>, warnings: &mut Warnings) -> Option<DateTime<Utc>> {
    let datetime = attribute(find_element(date, "time")?, "datetime")?;
    let time = quantity::time(datetime);
    if time.is_none() {
        warnings.tell(WarningKind::BadValue, "time[datetime]", datetime);
    }
    time
}

/// A number as Telegram writes it.
pub(super) fn counter(element: ElementRef<'_>) -> Option<String> {
    quantity::counter(&line(element))
}

/// Whether the line with the date has words of its own beside signature and date.
///
/// UPSTREAM(2026-08): "edited" is a bare text there. It depends on the language of the page, so any word counts.
pub(super) fn says_edited(meta: ElementRef<'_>) -> bool {
    meta.children().any(|child| match child.value() {
        Node::Text(text) => text.chars().any(char::is_alphabetic),
        _ => false,
    })
}

/// The words of a notice that something cannot be shown, when the post really cannot: three kinds of boxes share the
/// class, and only the one directly in the bubble, not prepared for old browsers, says so.
pub(super) fn unsupported(notice: ElementRef<'_>) -> Option<String> {
    let in_bubble = parent(notice).is_some_and(|parent| has_class(parent, BUBBLE));
    if !in_bubble || has_class(notice, UNSUPPORTED_DECOY) {
        return None;
    }
    Some(find(notice, UNSUPPORTED_LABEL).map(line).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a message gives with this `data-post` and these links of its owner and its date.
    fn told(data_post: &str, owner: &str, date: &str) -> Option<(String, u32)> {
        let html = format!(
            r#"<div class="tgme_widget_message" {data_post}><a class="{OWNER_NAME}" href="{owner}">Tea</a><a class="{DATE}" href="{date}"></a></div>"#
        );
        let html = scraper::Html::parse_fragment(&html);
        let (name, id) = name_and_id(find(html.root_element(), "tgme_widget_message").unwrap())?;
        Some((name.unwrap_or_default(), id.get()))
    }

    #[test]
    fn trap_47_ids_are_bounded() {
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
            let told = told(&format!("data-post=\"{text}\""), "", "");
            assert_eq!(told, expected.map(|(name, id)| (name.to_owned(), id)), "{text}");
        }
    }

    #[test]
    fn what_data_post_lacks_is_read_from_the_messages_links() {
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
            let told = told(data_post, owner, date);
            let expected = expected.map(|(name, id)| (name.to_owned(), id));
            assert_eq!(told, expected, "{data_post} {owner} {date}");
        }
    }

    #[test]
    fn trap_45_the_number_of_a_channel_is_read_and_its_absence_is_borne() {
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
