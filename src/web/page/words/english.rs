//! English.

use super::{
    BuilderWords, ChannelWords, FeedWords, FrameWords, ImportWords, MergedWords, PostWords,
    PreviewWords, ProblemWords, SearchWords, StartWords, StatusWords, Unit, Words,
};
use crate::model::{BadName, BadSet, Language};
use crate::service::{self, Outage, Refusal};
use crate::text::counted;
use crate::web::error::Error;

pub(super) static WORDS: Words = Words {
    language: "en",
    own: Language::English,
    day: |date| date.format("%-d %B %Y").to_string(),
    frame: FrameWords { skip: "Skip to the content", status: "Status" },
    start: StartWords {
        title: "feedline: Telegram channels as feeds",
        heading: "Public Telegram channels as feeds",
        lead: "Paste a channel’s name or link and get a feed for the reader you already use: no account, no bot.",
        label: "A channel, or several",
        hint: "Several lines, a reader’s OPML file, or addresses of RSSHub and RSS-Bridge give an OPML file.",
        file: "Or a file with them",
        button: "Show the feed",
        examples: "For example:",
        followed: "Followed here",
        channel: "Channel",
        last_post: "Last post",
        feed: "Feed",
        more: |number| match number {
            1 => "And one more.".to_owned(),
            _ => format!("And {number} more."),
        },
        collections: "Collections",
        all: "The followed channels and collections as OPML",
        by_hand: "Or by hand",
        feed_at: "A channel’s feed is at",
        beside: "Beside it are",
        several: "Several channels are read as one by",
    },
    preview: PreviewWords {
        subscribe: "Copy this address into your reader:",
        newest: "Its newest posts",
        all: "All posts of this channel",
        another: "Another channel",
    },
    builder: BuilderWords {
        summary: "Customise",
        lead: "What is chosen here goes into the address of the feed.",
        include: "Only posts containing",
        exclude: "Leave out posts containing",
        expression: "a word or a regular expression, found in title, text and links",
        tag: "Hashtag",
        kind: "Kind",
        kinds: [
            "all",
            "photos and videos",
            "photos",
            "voice and music",
            "files",
            "polls",
            "all but stickers",
        ],
        kind_names: [
            ("text", "texts", "texts"),
            ("photo", "photos", "photos"),
            ("video", "videos", "videos"),
            ("gif", "GIFs", "GIFs"),
            ("round", "video messages", "video messages"),
            ("voice", "voice messages", "voice messages"),
            ("music", "music", "music"),
            ("file", "files", "files"),
            ("sticker", "stickers", "stickers"),
            ("poll", "polls", "polls"),
            ("location", "locations", "locations"),
            ("contact", "contacts", "contacts"),
            ("link", "links", "links"),
        ],
        without: "no",
        forwards: "Forwarded posts",
        replies: "Replies",
        presence: ["with all others", "only these", "left out"],
        ads: "Advertising",
        ads_choice: ["with all others", "left out where it is marked"],
        title: "Titles",
        titles: ["first line", "with a mark of the kind", "none"],
        content: "Content",
        contents: ["everything", "words only"],
        media: "Files",
        medias: ["shown", "named only"],
        link: "Items lead to",
        links: ["Telegram", "the page here", "the first link in the post"],
        stats: "Views and reactions",
        service: "Posts about the channel itself",
        switch: ["no", "yes"],
        limit: "At most this many posts",
        button: "Show",
        address: "The address of this feed:",
        matches: |matched, all| match (matched, all) {
            (_, 0) => "There are no posts yet.".to_owned(),
            (_, 1) => format!("{matched} of 1 post matches."),
            (1, _) => format!("1 of the last {all} posts matches."),
            _ => format!("{matched} of the last {all} posts match."),
        },
    },
    channel: ChannelWords {
        feeds: "Feeds",
        pages: "Pages",
        newest: "Newest posts",
        newer: "Newer posts",
        by_reader: "Open in your reader",
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
            format!("{} a {unit}", counted(number, "post"))
        },
        checked: |minutes| match minutes {
            ..1 => "checked just now".to_owned(),
            1..60 => format!("checked {minutes} min ago"),
            60..120 => "checked an hour ago".to_owned(),
            120..2880 => format!("checked {} hours ago", minutes / 60),
            _ => format!("checked {} days ago", minutes / 1440),
        },
        subscribers: |number| counted(number, "subscriber"),
        only: |parts| format!("Only posts {parts}."),
        tagged: |tag| format!("tagged #{tag}"),
        with_words: |words| format!("with “{words}”"),
        quoted: |text| format!("“{text}”"),
        service_too: "Posts about the channel itself too",
        older_posts: "older posts",
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
        unfold: "Show all of it",
        read_on: "Read on",
        rest: "The post is longer: read all of it in Telegram",
        published: "Published",
        noticed: "Last edit noticed",
        edited_early: ["Edited", "before it was first read here, or soon after it was published"],
        deleted: |when| format!("Telegram does not show this post any more (noticed {when})."),
        versions: |number| counted(number, "earlier version"),
        version: |since, until| format!("{since} to {until}"),
        channel: "Channel",
        group: "Group",
        share: "Address to share",
        open_in_telegram: "Open in Telegram",
        open_in_app: "Open in the app",
        further: "More of this channel",
        more_of: |name| format!("More of @{name}"),
        newer: "Newer",
        older: "Older",
    },
    merged: MergedWords {
        channels: "Channels",
        opml: "the feed of each channel",
        missing: "Not here at the moment:",
        more: |number| format!("{number} more"),
        why: |code| match code {
            "not_found" => "nobody has this name",
            "not_a_channel" => "a person or a bot",
            "group" => "a group",
            "preview_off" => "can be read in the app only",
            "blocked" => "Telegram does not show it here",
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
        heading: |number| counted(number, "channel"),
        lead: "Import this file in your reader, or subscribe to what you like.",
        download: "Download the OPML file",
        address: "The same as an address, for readers that load OPML from one:",
        merged: "All of them as one feed:",
        feed: "feed",
        again: "Another list",
        lost: "Parsed for by the old addresses, and not to be had here",
        reason: ToString::to_string,
        unread: |number| match number {
            1 => "One line added no channel".to_owned(),
            _ => format!("{number} lines added no channel"),
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
            ("\"green tea\"", "exactly these words in this order"),
            ("#tea", "a hashtag"),
            ("tele*", "words that begin so"),
            ("tea -coffee", "without a word"),
            (
                "tea channel:durov since:2026-01-31 until:2026-02-28",
                "in a channel, from day to day",
            ),
        ],
        none: "Nothing was found in the posts that are kept here.",
        hint: "Try fewer or other words, or only the beginning of one.",
        feeds: "This search as a feed",
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
        archive_undecodable: |rows| {
            let rows = counted(rows, "row");
            format!(
                "The archive has {rows} that cannot be decoded: see the log. Nothing is written over."
            )
        },
        last_hour: "Requests in the last hour",
        waiting: "Requests that wait for their turn",
        outbounds: "Outbound addresses",
        of_which_pause: |all, pausing| match pausing {
            1 => format!("{all}, of which 1 cools down"),
            _ => format!("{all}, of which {pausing} cool down"),
        },
        kept: "Kept here",
        channels: "Channels",
        posts: "Posts",
        ahead: "Channels that are refreshed ahead of readers",
        histories: "Channels whose history is still to come",
        archive: "The archive’s size",
        size: |size| size.to_string(),
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
    problem: ProblemWords {
        title: Error::title,
        detail,
        retry: "Try again",
        channel: "The channel, with all of its posts",
        again: "Try another channel",
        kept: |name| format!("What is kept of {name}"),
    },
    feed: FeedWords {
        notice: "This is a feed: copy its address into your reader.",
        attachment: "File: ",
    },
};

/// Why, and what to do, for whoever looks at the page; what only helps an operator is in the log.
fn detail(error: &Error) -> String {
    match error {
        Error::Name(BadName::Malformed) => MALFORMED.to_owned(),
        Error::Set(BadSet::Name { text, reason: BadName::Malformed }) => {
            format!("“{text}” does not fit. {MALFORMED}")
        }
        Error::Service(service::Error::Refused(refusal) | service::Error::Gone(refusal)) => {
            refused(refusal)
        }
        other => other.detail(),
    }
}

const MALFORMED: &str = "A channel cannot be called this: a name has 2 to 32 Latin letters, digits and underscores and begins with a letter. Paste the channel’s name or its link, such as https://t.me/telegram.";

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable(outage) => {
            let why = match outage {
                Outage::Network { .. } => "This server gets no connection to Telegram".to_owned(),
                Outage::Status(_) | Outage::Cut => outage.to_string(),
            };
            format!("{why}. This usually passes: try again in a minute.")
        }
        Refusal::MarkupChanged(_) => {
            "Telegram answers, but not with a page that can be read here. Try again later; if it stays so, this server may need a newer version of feedline."
                .to_owned()
        }
        other => other.detail(),
    }
}
