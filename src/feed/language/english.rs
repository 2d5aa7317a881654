//! English.

use super::{Noun, Words};

pub(super) const WORDS: Words = Words {
    form: |number| if number == 1 { 0 } else { 2 },
    photo: Noun { name: "Photo", one: "a photo", counted: ["photo", "photos", "photos"] },
    video: Noun { name: "Video", one: "a video", counted: ["video", "videos", "videos"] },
    gif: Noun { name: "GIF", one: "a GIF", counted: ["GIF", "GIFs", "GIFs"] },
    round_video: Noun {
        name: "Video message",
        one: "a video message",
        counted: ["video message", "video messages", "video messages"],
    },
    voice: Noun {
        name: "Voice message",
        one: "a voice message",
        counted: ["voice message", "voice messages", "voice messages"],
    },
    sticker: Noun {
        name: "Sticker",
        one: "a sticker",
        counted: ["sticker", "stickers", "stickers"],
    },
    views: ["view", "views", "views"],
    votes: ["vote", "votes", "votes"],
    and: " and ",
    more: |number| format!(" and {number} more"),
    one_of: |number, all| format!("{number} of {all}"),
    forwarded_from: "Forwarded from",
    reply_to: "In reply to",
    reply: "In reply",
    via: "via",
    poll: "Poll",
    quiz: "Quiz",
    several_answers: "several answers",
    final_results: ["final results", "final results"],
    anonymous: "anonymous",
    location: "Location",
    contact: "Contact",
    invoice: "Invoice",
    game: "Game",
    service: "Channel news",
    post: "Post",
    app_only: "Post that only Telegram’s app can show",
    open_in_app: "Telegram’s page does not show this: open it in Telegram",
    too_big: "too big for Telegram’s page, open it in Telegram",
};
