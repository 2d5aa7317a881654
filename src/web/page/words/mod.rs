//! The words of the pages in the reader's language. A language is one module: add it here and in `model::Language`.
//!
//! The words that feedline writes into posts (`feed::language`) are in the same language here; in feeds they are in the channel's.

mod english;
mod russian;

use bytesize::ByteSize;
use chrono::NaiveDate;

use crate::feed::opml::Reason;
use crate::model::Language;
use crate::service::search::BadQuery;
use crate::web::error::Error;

/// All words that feedline writes on pages.
pub(in crate::web) struct Words {
    /// The tag of the language (RFC 5646).
    pub(in crate::web) language: &'static str,
    /// The same, for our own words within posts.
    pub(in crate::web) own: Language,
    /// `7 March 2026`.
    pub(super) day: fn(NaiveDate) -> String,
    pub(super) frame: FrameWords,
    pub(super) start: StartWords,
    pub(super) preview: PreviewWords,
    pub(super) channel: ChannelWords,
    pub(super) builder: BuilderWords,
    pub(super) post: PostWords,
    pub(super) merged: MergedWords,
    pub(super) import: ImportWords,
    pub(super) search: SearchWords,
    pub(super) status: StatusWords,
    pub(in crate::web) problem: ProblemWords,
    pub(super) feed: FeedWords,
}

/// What stands on every page.
pub(super) struct FrameWords {
    pub(super) skip: &'static str,
    pub(super) status: &'static str,
}

/// The start page.
pub(super) struct StartWords {
    pub(super) title: &'static str,
    pub(super) heading: &'static str,
    /// What feedline is, in one sentence.
    pub(super) lead: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) file: &'static str,
    pub(super) button: &'static str,
    /// In front of three examples.
    pub(super) examples: &'static str,
    pub(super) followed: &'static str,
    /// Above the columns of the followed channels.
    pub(super) channel: &'static str,
    pub(super) last_post: &'static str,
    pub(super) feed: &'static str,
    /// How many more channels are followed.
    pub(super) more: fn(usize) -> String,
    pub(super) collections: &'static str,
    pub(super) all: &'static str,
    pub(super) by_hand: &'static str,
    pub(super) feed_at: &'static str,
    pub(super) beside: &'static str,
    pub(super) several: &'static str,
}

/// What the box found: a channel before anybody subscribes to it.
pub(super) struct PreviewWords {
    /// In front of the addresses.
    pub(super) subscribe: &'static str,
    pub(super) newest: &'static str,
    /// The way to the channel's page.
    pub(super) all: &'static str,
    /// Above the box, for the next one.
    pub(super) another: &'static str,
}

/// Changing what a feed holds.
pub(super) struct BuilderWords {
    pub(super) summary: &'static str,
    pub(super) lead: &'static str,
    pub(super) include: &'static str,
    pub(super) exclude: &'static str,
    /// Of the two above.
    pub(super) expression: &'static str,
    pub(super) tag: &'static str,
    pub(super) kind: &'static str,
    /// All; pictures and films; photos; sounds; files; polls; all but stickers.
    pub(super) kinds: [&'static str; 7],
    /// Each kind as an address names it, as a person does, and as it stands behind the word below.
    pub(super) kind_names: [(&'static str, &'static str, &'static str); 13],
    pub(super) without: &'static str,
    pub(super) forwards: &'static str,
    pub(super) replies: &'static str,
    /// With others; these only; without.
    pub(super) presence: [&'static str; 3],
    pub(super) ads: &'static str,
    /// With; without those that are marked.
    pub(super) ads_choice: [&'static str; 2],
    pub(super) title: &'static str,
    /// First line; with a mark; none.
    pub(super) titles: [&'static str; 3],
    pub(super) content: &'static str,
    /// Everything; words only.
    pub(super) contents: [&'static str; 2],
    pub(super) media: &'static str,
    /// Shown; named only.
    pub(super) medias: [&'static str; 2],
    pub(super) link: &'static str,
    /// To Telegram; to the page here; to the first link.
    pub(super) links: [&'static str; 3],
    pub(super) stats: &'static str,
    pub(super) service: &'static str,
    /// No; yes.
    pub(super) switch: [&'static str; 2],
    pub(super) limit: &'static str,
    pub(super) button: &'static str,
    pub(super) address: &'static str,
    /// `12 of the last 50 posts match`.
    pub(super) matches: fn(usize, usize) -> String,
}

/// A channel's page.
pub(super) struct ChannelWords {
    pub(super) feeds: &'static str,
    pub(super) pages: &'static str,
    pub(super) newest: &'static str,
    pub(super) newer: &'static str,
    pub(super) older: &'static str,
    pub(super) by_reader: &'static str,
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
    /// Something that somebody wrote, behind words of ours.
    pub(super) quoted: fn(&str) -> String,
    /// That posts of `service` are there beside the others.
    pub(super) service_too: &'static str,
    /// Behind a channel's name, on pages but the first.
    pub(super) older_posts: &'static str,
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
    /// Beside a link to a page here, of one to Telegram.
    pub(super) in_telegram: &'static str,
    /// The label of the box that unfolds a quotation.
    pub(super) unfold: &'static str,
    /// In place of what a long post has beyond the room on a page of several.
    pub(super) read_on: &'static str,
    /// In place of what does not fit on its own page either.
    pub(super) rest: &'static str,
    pub(super) published: &'static str,
    /// When the last edit was noticed.
    pub(super) noticed: &'static str,
    /// Of an edit of which no other version is known here, and when it was.
    pub(super) edited_early: [&'static str; 2],
    /// When Telegram was found not to show it any more.
    pub(super) deleted: fn(&str) -> String,
    /// `3 earlier versions`.
    pub(super) versions: fn(usize) -> String,
    /// The version from one time to another.
    pub(super) version: fn(&str, &str) -> String,
    pub(super) channel: &'static str,
    pub(super) group: &'static str,
    pub(super) share: &'static str,
    pub(super) open_in_telegram: &'static str,
    pub(super) open_in_app: &'static str,
    pub(super) further: &'static str,
    pub(super) more_of: fn(&str) -> String,
    pub(super) newer: &'static str,
    pub(super) older: &'static str,
}

/// A page of several channels.
pub(super) struct MergedWords {
    pub(super) channels: &'static str,
    pub(super) opml: &'static str,
    pub(super) missing: &'static str,
    /// Behind the first of several names: how many more there are.
    pub(super) more: fn(usize) -> String,
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
    /// What to try when nothing was found.
    pub(super) hint: &'static str,
    /// Above the feeds of a search.
    pub(super) feeds: &'static str,
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
    /// With the number of rows.
    pub(super) archive_undecodable: fn(usize) -> String,
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
    /// `220.0 KiB`.
    pub(super) size: fn(ByteSize) -> String,
    pub(super) followed: &'static str,
    pub(super) none: &'static str,
    pub(super) never: &'static str,
    /// In how many minutes the next refresh comes.
    pub(super) next: fn(i64) -> String,
    pub(super) more: fn(usize) -> String,
}

/// What went wrong.
pub(in crate::web) struct ProblemWords {
    /// What happened, in a few words.
    pub(in crate::web) title: fn(&Error) -> String,
    /// Why, and what to do.
    pub(in crate::web) detail: fn(&Error) -> String,
    pub(super) retry: &'static str,
    pub(super) channel: &'static str,
    pub(super) again: &'static str,
    /// `What is kept of @durov`.
    pub(super) kept: fn(&str) -> String,
}

/// A feed that somebody opens in a browser: words of its stylesheet.
pub(super) struct FeedWords {
    /// What it is, and what to do with it.
    pub(super) notice: &'static str,
    /// In front of an enclosure's address.
    pub(super) attachment: &'static str,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Words({})", self.language)
    }
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
mod tests;
