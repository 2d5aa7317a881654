//! English.

use super::{
    ChannelWords, FrameWords, ImportWords, MergedWords, PostWords, SearchWords, StartWords,
    StatusWords, Unit, Words,
};

pub(super) static WORDS: Words = Words {
    language: "en",
    frame: FrameWords { skip: "Skip to the content" },
    start: StartWords {
        title: "feedline: Telegram channels as feeds",
        heading: "Public Telegram channels as feeds",
        lead: "Paste a channel’s name or link, get an address, and subscribe in the reader you already use. No account, no bot.",
        label: "Channels",
        hint: "Several lines, a reader’s OPML file, or addresses of RSSHub and RSS-Bridge give an OPML file.",
        file: "Or a file with them",
        button: "Show the feeds",
        followed: "Followed here",
        collections: "Collections",
        all: "All of them as OPML",
        by_hand: "Or by hand",
        feed_at: "A channel’s feed is at",
        beside: "Beside it are",
        several: "Several channels are read as one by",
    },
    channel: ChannelWords {
        feeds: "Feeds",
        pages: "Pages",
        newest: "Newest posts",
        older: "Older posts",
        show_all: "Show all",
        none: "There are no posts here.",
        none_match: "There are no posts here that match.",
        verified: "verified",
        scam: "scam",
        fake: "fake",
        rhythm: |number, unit| {
            let unit = match unit {
                Unit::Day => "day",
                Unit::Week => "week",
                Unit::Month => "month",
                Unit::Year => "year",
            };
            format!("{number} posts a {unit}")
        },
        checked: |minutes| match minutes {
            ..1 => "checked just now".to_owned(),
            1..60 => format!("checked {minutes} min ago"),
            60..120 => "checked an hour ago".to_owned(),
            120..2880 => format!("checked {} hours ago", minutes / 60),
            _ => format!("checked {} days ago", minutes / 1440),
        },
        subscribers: |number| match number {
            "1" => "1 subscriber".to_owned(),
            _ => format!("{number} subscribers"),
        },
        only: |parts| format!("Only posts {parts}."),
        tagged: |tag| format!("tagged #{tag}"),
        with_words: |words| format!("with “{words}”"),
        partial: "Telegram’s last page came cut; the rest follows with the next one.",
        refreshing: "These are the posts known so far; fresh ones are being fetched.",
        throttled: "Telegram throttles us at the moment; these are the last posts known.",
        busy: "There is a queue for Telegram at the moment; these are the last posts known.",
        unreachable: "Telegram cannot be reached at the moment; these are the last posts known.",
        markup_changed: "Telegram’s page could not be read; these are the last posts known.",
        gone: "Telegram does not show this channel any more; these are the last posts known.",
    },
    post: PostWords {
        edited: "edited",
        in_telegram: "in Telegram",
        share: "Address to share:",
        open_in_app: "open in the app",
        further: "More of this channel",
        more_of: |name| format!("More of @{name}"),
        newer: "newer",
    },
    merged: MergedWords {
        channels: "Channels",
        opml: "the feed of each channel",
        missing: "Not here at the moment:",
        why: |code| match code {
            "not_found" => "nobody has this name",
            "not_a_channel" => "a person or a bot",
            "group" => "a group",
            "preview_off" => "can be read in the app only",
            "throttled" => "Telegram throttles us",
            "busy" => "waits for its turn",
            "unreachable" => "Telegram cannot be reached",
            "markup_changed" => "Telegram’s page could not be read",
            "refreshing" => "is being fetched",
            _ => "Telegram is too slow",
        },
    },
    import: ImportWords {
        title: "Channels read",
        heading: |number| match number {
            1 => "1 channel".to_owned(),
            _ => format!("{number} channels"),
        },
        lead: "Import this file in your reader, or subscribe to what you like.",
        download: "Download the OPML file",
        address: "The same as an address, for readers that load OPML from one:",
        merged: "All of them as one feed:",
        feed: "feed",
        again: "Another list",
        lost: "Asked for by the old addresses, and not to be had here",
        reason: ToString::to_string,
        unread: |number| match number {
            1 => "One line is no channel".to_owned(),
            _ => format!("{number} lines are no channels"),
        },
        line: |number| format!("line {number}"),
        left_out: "There was more than is read at once: the rest was left out.",
    },
    search: SearchWords {
        heading: "Search",
        label: "Words in posts",
        button: "Find",
        ways: [
            ("tea harbour", "both words, in any form"),
            ("\"green tea\"", "exactly these, one behind the other"),
            ("#tea", "a hashtag"),
            ("tele*", "words that begin so"),
            ("tea -coffee", "without a word"),
            (
                "tea channel:durov since:2026-01-31 until:2026-02-28",
                "in a channel, from day to day",
            ),
        ],
        none: "Nothing was found in the posts that are kept here.",
        title: |words| format!("Posts with “{words}”"),
        refusal: ToString::to_string,
    },
    status: StatusWords {
        title: "Status",
        stretched: |factor| {
            format!(
                "There is more to fetch than may be asked of Telegram: all channels are refreshed {factor} times less often than they should be."
            )
        },
        late: "Refreshes begin minutes late at the moment: people go first.",
        all_pause: |minutes| {
            format!("Telegram asks us to slow down: nothing is fetched for {minutes} min.")
        },
        archive_fault: |code| {
            format!(
                "The archive does not work ({code}); the log says what to do. Feeds go on from memory."
            )
        },
        last_hour: "Requests in the last hour",
        waiting: "Requests that wait for their turn",
        outbounds: "Outbound addresses",
        of_which_pause: |all, pausing| format!("{all}, of which {pausing} cool down"),
        kept: "Kept here",
        channels: "Channels",
        posts: "Posts",
        ahead: "Channels that are refreshed ahead of readers",
        histories: "Channels whose history is still to come",
        archive: "The archive’s size",
        followed: "Followed channels",
        none: "No channels are followed: whoever runs this feedline can name some in its settings.",
        never: "not fetched yet",
        next: |minutes| match minutes {
            ..1 => "next one now".to_owned(),
            1..60 => format!("next one in {minutes} min"),
            _ => format!("next one in {} h", (minutes + 30) / 60),
        },
        more: |number| format!("And {number} more, in the JSON."),
    },
};
