//! Properties that hold for every input.

use proptest::prelude::*;

use super::*;

/// Valid and broken pieces of Telegram's pages.
const PIECES: &[&str] = &[
    OWNER,
    REPLY,
    MORE,
    "<div class=\"tgme_widget_message\" data-post=\"tea/5\">",
    "<div class=\"tgme_widget_message_bubble\">",
    "<div class=\"js-message_text\">",
    "<div class=\"tgme_widget_message_poll\">",
    "<div class=\"tgme_widget_message_poll_question\">",
    "<div class=\"tgme_widget_message_meta\">",
    "<a class=\"tgme_widget_message_date\">",
    "<time datetime=\"2026-08-01T09:30:00+00:00\">",
    "<a class=\"tgme_widget_message_video_player\">",
    "<video src=\"https://cdn.example/f\">",
    "<i style=\"background-image:url('//x/é",
    "')\">",
    "<a class=\"tgme_widget_message_document_wrap\" href=\"https://t.me/tea/6?single\">",
    "<i class=\"emoji\">",
    "<tg-emoji emoji-id=\"5\">",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<tg-spoiler>",
    "</tg-spoiler>",
    "<blockquote expandable>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<br/>",
    "<a href=\"?q=%23tea\">",
    "<a href=\"https://e.example/\" onclick=\"confirm(1)\">",
    "</a>",
    "</div>",
    "</span>",
    "x",
    " ",
    "&amp;",
    "\u{0}",
    "\u{202e}",
    "<table><tr><td>",
    "<select>",
    "<svg>",
    "<template>",
    "<div class=\"tgme_page\">",
    "<div class=\"tgme_page_title\">",
    "<div class=\"tgme_channel_info\">",
    "<main class=\"tgme_main\" data-url=\"/tea\">",
    "<div class=\"tgme_widget_message_inline_keyboard\">",
    "<a class=\"tgme_widget_message_link_preview\" href=\"//e.example\">",
    "<div class=\"tgme_widget_message_forwarded_from\">",
    "</html>",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

/// Pages of every kind.
const PAGES: &[&str] = &[
    include_str!("../../../tests/fixtures/telegram/list-newest.html"),
    include_str!("../../../tests/fixtures/telegram/texts.html"),
    include_str!("../../../tests/fixtures/telegram/albums.html"),
    include_str!("../../../tests/fixtures/telegram/videos.html"),
    include_str!("../../../tests/fixtures/telegram/polls.html"),
    include_str!("../../../tests/fixtures/telegram/cards.html"),
    include_str!("../../../tests/fixtures/telegram/replies.html"),
    include_str!("../../../tests/fixtures/telegram/buttons-and-reactions.html"),
    include_str!("../../../tests/fixtures/telegram/link-previews.html"),
    include_str!("../../../tests/fixtures/telegram/embed-group.html"),
    include_str!("../../../tests/fixtures/telegram/landing-channel.html"),
];

/// Damage to a page: where, how much, and of which kind.
#[derive(Clone, Debug)]
enum Damage {
    Lost(usize, usize),
    Repeated(usize, usize),
    Moved(usize, usize, usize),
    Inserted(usize, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = 0_usize..40_000;
    prop_oneof![
        (at.clone(), 1_usize..400).prop_map(|(at, length)| Damage::Lost(at, length)),
        (at.clone(), 1_usize..400).prop_map(|(at, length)| Damage::Repeated(at, length)),
        (at.clone(), 1_usize..400, at.clone())
            .prop_map(|(at, length, to)| Damage::Moved(at, length, to)),
        (at, piece()).prop_map(|(at, piece)| Damage::Inserted(at, piece)),
    ]
}

impl Damage {
    fn to(&self, page: &mut String) {
        let place = |page: &str, at: usize| page.floor_char_boundary(at % (page.len() + 1));
        let range = |page: &str, at: usize, length: usize| {
            let start = place(page, at);
            start..page.floor_char_boundary((start + length).min(page.len()))
        };
        match self {
            Self::Lost(at, length) => page.replace_range(range(page, *at, *length), ""),
            Self::Repeated(at, length) => {
                let range = range(page, *at, *length);
                let again = page[range.clone()].to_owned();
                page.insert_str(range.end, &again);
            }
            Self::Moved(at, length, to) => {
                let range = range(page, *at, *length);
                let part = page[range.clone()].to_owned();
                page.replace_range(range, "");
                page.insert_str(place(page, *to), &part);
            }
            Self::Inserted(at, piece) => page.insert_str(place(page, *at), piece),
        }
    }
}

fn every_text(post: &Post) -> Vec<&RichText> {
    let mut texts = vec![&post.text];
    texts.extend(post.documents.iter().map(|document| &document.caption));
    texts.extend(post.reply.iter().map(|reply| &reply.text));
    texts.extend(post.link_preview.iter().map(|preview| &preview.description));
    texts
}

/// The HTML as an XML fragment, without void elements.
fn is_well_formed(html: &str) -> bool {
    let xml = format!("<x>{}</x>", html.replace("<br>", "<br/>"));
    let mut reader = quick_xml::Reader::from_str(&xml);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn parsers_never_panic_and_text_is_well_formed(pieces in prop::collection::vec(piece(), 0..60)) {
        let page = pieces.concat();
        if let Ok(parsed) = preview::parse(&page) {
            for text in parsed.page.posts.iter().flat_map(every_text) {
                let html = html(text);
                prop_assert!(is_well_formed(&html), "{html}");
            }
        }
        let _ = embed::parse(&page);
        let _ = landing::parse(&page);
        let _ = recognise(&page);
    }

    /// Whatever is missing, repeated or misplaced on a page, the result is valid.
    #[test]
    fn page_with_misplaced_parts_is_parsed_or_refused(page in prop::sample::select(PAGES), damages in prop::collection::vec(damage(), 1..8)) {
        let mut page = page.to_owned();
        damages.iter().for_each(|damage| damage.to(&mut page));
        let _ = landing::parse(&page);
        let _ = recognise(&page);
        let embedded = match embed::parse(&page) {
            Ok(Answer::Post { post, .. }) => Some(*post),
            _ => None,
        };
        let listed = preview::parse(&page).map(|parsed| parsed.page.posts).unwrap_or_default();
        for post in listed.iter().chain(&embedded) {
            prop_assert!(post.members.is_sorted() && post.members.contains(&post.id));
            for text in every_text(post) {
                prop_assert!(is_well_formed(&html(text)));
            }
        }
    }

    /// A page that was cut, or had a character changed, is parsed or rejected.
    #[test]
    fn damaged_page_is_parsed_or_refused(cut in 0_usize..4000, at in 0_usize..4000, character in any::<char>()) {
        let mut page = format!("<html>{MORE}{}{}</html>", block(8, &format!("{REPLY}{}{}", photo(8), text("a <b>b</b><br/><i>c</i>"))), block(9, &text("d")));
        let place = |at: usize, page: &str| (0..=at % (page.len() + 1)).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0);
        page.truncate(place(cut, &page));
        let at = place(at, &page);
        page.insert(at, character);
        if let Ok(parsed) = recognise(&page)
            && let Recognised::List(parsed) = parsed
        {
            for text in parsed.page.posts.iter().flat_map(every_text) {
                prop_assert!(is_well_formed(&html(text)));
            }
        }
    }
}
