//! The words of the pages in the reader's language. A language is one file: add it here and in `model::Language`.
//!
//! The words *in* posts are the channel's (`feed::language`); these stand around them.

mod english;
mod russian;

use crate::bridge::search::BadQuery;
use crate::feed::opml::Reason;
use crate::model::Language;

/// All words that feedline writes on pages.
pub(in crate::web) struct Words {
    /// The tag of the language (RFC 5646).
    pub(in crate::web) language: &'static str,
    pub(super) frame: FrameWords,
    pub(super) start: StartWords,
    pub(super) channel: ChannelWords,
    pub(super) post: PostWords,
    pub(super) merged: MergedWords,
    pub(super) import: ImportWords,
    pub(super) search: SearchWords,
    pub(super) status: StatusWords,
}

/// What stands on every page.
pub(super) struct FrameWords {
    pub(super) skip: &'static str,
}

/// The start page.
pub(super) struct StartWords {
    pub(super) title: &'static str,
    pub(super) heading: &'static str,
    pub(super) lead: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) file: &'static str,
    pub(super) button: &'static str,
    pub(super) followed: &'static str,
    pub(super) collections: &'static str,
    pub(super) all: &'static str,
    pub(super) by_hand: &'static str,
    pub(super) feed_at: &'static str,
    pub(super) beside: &'static str,
    pub(super) several: &'static str,
}

/// A channel's page.
pub(super) struct ChannelWords {
    pub(super) feeds: &'static str,
    pub(super) pages: &'static str,
    pub(super) newest: &'static str,
    pub(super) older: &'static str,
    pub(super) show_all: &'static str,
    pub(super) none: &'static str,
    pub(super) none_match: &'static str,
    pub(super) verified: &'static str,
    pub(super) scam: &'static str,
    pub(super) fake: &'static str,
    /// `14 posts a day`, in the unit that is told.
    pub(super) rhythm: fn(i64, Unit) -> String,
    /// `checked 3 min ago`, of minutes.
    pub(super) checked: fn(i64) -> String,
    /// `12.4K subscribers`, of the number as Telegram writes it.
    pub(super) subscribers: fn(&str) -> String,
    /// `Only posts …`, of the parts below.
    pub(super) only: fn(&str) -> String,
    pub(super) tagged: fn(&str) -> String,
    pub(super) with_words: fn(&str) -> String,
    pub(super) partial: &'static str,
    pub(super) refreshing: &'static str,
    pub(super) throttled: &'static str,
    pub(super) busy: &'static str,
    pub(super) unreachable: &'static str,
    pub(super) markup_changed: &'static str,
    pub(super) gone: &'static str,
}

/// A time in which posts are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// A post, on its page and on others.
pub(super) struct PostWords {
    pub(super) edited: &'static str,
    pub(super) in_telegram: &'static str,
    pub(super) share: &'static str,
    pub(super) open_in_app: &'static str,
    pub(super) further: &'static str,
    pub(super) more_of: fn(&str) -> String,
    pub(super) newer: &'static str,
}

/// A page of several channels.
pub(super) struct MergedWords {
    pub(super) channels: &'static str,
    pub(super) opml: &'static str,
    pub(super) missing: &'static str,
    /// Why a channel is missing, by its refusal's code.
    pub(super) why: fn(&str) -> &'static str,
}

/// The search.
pub(super) struct SearchWords {
    pub(super) heading: &'static str,
    pub(super) label: &'static str,
    pub(super) button: &'static str,
    /// What can be written, each with what it does.
    pub(super) ways: [(&'static str, &'static str); 6],
    pub(super) none: &'static str,
    /// `Posts with “…”`.
    pub(super) title: fn(&str) -> String,
    /// Why nothing can be looked for.
    pub(super) refusal: fn(&BadQuery) -> String,
}

/// What came of a list of channels.
pub(super) struct ImportWords {
    pub(super) title: &'static str,
    /// `12 channels`.
    pub(super) heading: fn(usize) -> String,
    pub(super) lead: &'static str,
    pub(super) download: &'static str,
    pub(super) address: &'static str,
    pub(super) merged: &'static str,
    pub(super) feed: &'static str,
    pub(super) again: &'static str,
    pub(super) lost: &'static str,
    /// Why a line is no channel.
    pub(super) reason: fn(&Reason) -> String,
    pub(super) unread: fn(usize) -> String,
    pub(super) line: fn(usize) -> String,
    pub(super) left_out: &'static str,
}

/// How this feedline is doing.
pub(super) struct StatusWords {
    pub(super) title: &'static str,
    /// By which factor refreshes are too seldom.
    pub(super) stretched: fn(&str) -> String,
    pub(super) late: &'static str,
    /// For how many minutes nothing is asked.
    pub(super) all_pause: fn(i64) -> String,
    /// With the error's code.
    pub(super) archive_fault: fn(&str) -> String,
    pub(super) last_hour: &'static str,
    pub(super) waiting: &'static str,
    pub(super) outbounds: &'static str,
    /// How many there are, and how many of them pause.
    pub(super) of_which_pause: fn(usize, usize) -> String,
    pub(super) kept: &'static str,
    pub(super) channels: &'static str,
    pub(super) posts: &'static str,
    pub(super) ahead: &'static str,
    pub(super) histories: &'static str,
    pub(super) archive: &'static str,
    pub(super) followed: &'static str,
    pub(super) none: &'static str,
    pub(super) never: &'static str,
    /// In how many minutes the next refresh comes.
    pub(super) next: fn(i64) -> String,
    pub(super) more: fn(usize) -> String,
}

impl Words {
    /// The words of a language.
    pub(in crate::web) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::WORDS,
            Language::Russian => &russian::WORDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_their_forms_in_each_language() {
        let [english, russian] = [Language::English, Language::Russian].map(Words::of);
        for (number, en, ru) in [
            (2, "2 posts a week", "2 записи в неделю"),
            (5, "5 posts a week", "5 записей в неделю"),
            (21, "21 posts a week", "21 запись в неделю"),
        ] {
            assert_eq!((english.channel.rhythm)(number, Unit::Week), en);
            assert_eq!((russian.channel.rhythm)(number, Unit::Week), ru);
        }
        for (number, en, ru) in [
            (1, "1 channel", "1 канал"),
            (3, "3 channels", "3 канала"),
            (12, "12 channels", "12 каналов"),
        ] {
            assert_eq!((english.import.heading)(number), en);
            assert_eq!((russian.import.heading)(number), ru);
        }
        for (number, en, ru) in [
            ("1", "1 subscriber", "1 подписчик"),
            ("32", "32 subscribers", "32 подписчика"),
            ("12.4K", "12.4K subscribers", "12.4K подписчиков"),
        ] {
            assert_eq!((english.channel.subscribers)(number), en);
            assert_eq!((russian.channel.subscribers)(number), ru);
        }
    }

    #[test]
    fn the_time_since_a_check_is_told_roughly() {
        let [english, russian] = [Language::English, Language::Russian].map(Words::of);
        for (minutes, en, ru) in [
            (-5, "checked just now", "проверено только что"),
            (0, "checked just now", "проверено только что"),
            (1, "checked 1 min ago", "проверено 1 мин назад"),
            (59, "checked 59 min ago", "проверено 59 мин назад"),
            (61, "checked an hour ago", "проверено час назад"),
            (125, "checked 2 hours ago", "проверено 2 часа назад"),
            (2880, "checked 2 days ago", "проверено 2 дня назад"),
        ] {
            assert_eq!((english.channel.checked)(minutes), en);
            assert_eq!((russian.channel.checked)(minutes), ru);
        }
    }
}
