//! Numbers and times as Telegram writes them.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Longest accepted duration, in seconds: a week.
const MAX_DURATION: u64 = 7 * 24 * 3600;

/// `0:25` or `1:02:03`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let mut seconds: u64 = 0;
    let mut parts = 0;
    for part in text.split(':') {
        parts += 1;
        let is_number =
            (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || parts > 3 {
            return None;
        }
        let value: u64 = part.parse().ok()?;
        if parts > 1 && value > 59 {
            return None;
        }
        seconds = seconds * 60 + value;
    }
    (parts > 1 && seconds <= MAX_DURATION).then(|| Duration::from_secs(seconds))
}

/// The number at the start of a text such as `1 204 317 subscribers`, `12.4K` or `310 votes`, unchanged.
///
/// UPSTREAM(2026-08): numbers are rounded (`12.4K`) or grouped by several kinds of spaces. They are stored as text.
pub(super) fn counter(text: &str) -> Option<String> {
    let text = text.trim();
    let mut end = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next_is_digit = characters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let is_part = match character {
            '0'..='9' => true,
            '.' | ',' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => at > 0 && next_is_digit,
            'K' | 'M' | 'B' => {
                let in_word = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
                if at > 0 && !in_word {
                    end = at + 1;
                }
                break;
            }
            _ => false,
        };
        if !is_part {
            break;
        }
        end = at + character.len_utf8();
    }
    let number = &text[..end];
    let is_number = number.starts_with(|first: char| first.is_ascii_digit()) && end <= 32;
    is_number.then(|| number.to_owned())
}

/// `16%`, from 0 to 100.
pub(super) fn percent(text: &str) -> Option<u8> {
    let number: f32 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..=100.0).contains(&number).then_some(number.round() as u8)
}

/// A `datetime` attribute: RFC 3339, from 1970 to 2100. All feed formats have four digits for the year.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    if text.len() > 64 {
        return None;
    }
    let time = DateTime::parse_from_rfc3339(text.trim()).ok()?.to_utc();
    (0..4_102_444_800).contains(&time.timestamp()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_with_optional_hours() {
        for (text, seconds) in [
            ("0:25", Some(25)),
            (" 27:40 ", Some(1660)),
            ("1:02:03", Some(3723)),
            ("90:00", Some(5400)),
            ("168:00:00", Some(604_800)),
            ("168:00:01", None),
            ("25", None),
            ("1:60", None),
            ("1:2:3:4", None),
            ("-1:20", None),
            ("1:", None),
            ("", None),
            ("9999999:00", None),
            ("٠:٢٥", None),
        ] {
            assert_eq!(duration(text).map(|duration| duration.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn counters_keep_telegrams_abbreviation() {
        for (text, expected) in [
            ("992", Some("992")),
            ("12.4K", Some("12.4K")),
            ("3.42M views", Some("3.42M")),
            ("1 204 317 subscribers", Some("1 204 317")),
            ("5\u{a0}021 members, 87 online", Some("5\u{a0}021")),
            ("44\u{202f}120", Some("44\u{202f}120")),
            ("1,2K", Some("1,2K")),
            ("310 votes", Some("310")),
            ("7 Kittens", Some("7")),
            ("5Kittens", Some("5")),
            ("@tea", None),
            ("K", None),
            ("", None),
            (&"9".repeat(40), None),
        ] {
            assert_eq!(counter(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn percentages_are_parsed_as_printed() {
        for (text, expected) in [
            ("16%", Some(16)),
            (" 0 % ", Some(0)),
            ("100%", Some(100)),
            ("101%", None),
            ("-1%", None),
            ("16", None),
            ("NaN%", None),
        ] {
            assert_eq!(percent(text), expected, "{text}");
        }
    }

    #[test]
    fn timestamps_are_rfc_3339_with_offset() {
        let seconds = |text| time(text).map(|time| time.timestamp());
        assert_eq!(seconds("2026-05-10T12:00:00+00:00"), Some(1_778_414_400));
        assert_eq!(seconds("2026-05-10T15:00:00+03:00"), Some(1_778_414_400));
        for refused in [
            "",
            "18:42",
            "2026-05-10",
            "1969-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
            "9999-99-99T00:00:00Z",
        ] {
            assert_eq!(time(refused), None, "{refused}");
        }
        assert_eq!(time(&"2".repeat(10_000)), None);
    }
}
