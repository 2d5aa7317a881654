//! Pages made to be expensive, at an input limit or over it.
//!
//! The input limits have their own tests; these pages test the reading of the tree and the writing of feeds.

/// A page with one message that has this body in its bubble.
pub(super) fn message(body: &str) -> String {
    page(&block(5, body))
}

/// A list page with these message blocks.
pub(super) fn page(blocks: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta property=\"og:title\" content=\"Tea\"></head><body>\
         <main class=\"tgme_main\" data-url=\"/tea\"><section class=\"tgme_channel_history\">{blocks}</section></main></body></html>"
    )
}

/// A message with the elements around it.
pub(super) fn block(id: u32, body: &str) -> String {
    format!(
        "<div class=\"tgme_widget_message_wrap\"><div class=\"tgme_widget_message\" data-post=\"tea/{id}\">\
         <div class=\"tgme_widget_message_bubble\">{body}<a class=\"tgme_widget_message_date\" href=\"https://t.me/tea/{id}\">\
         <time datetime=\"2026-08-01T09:30:00+00:00\">12:30</time></a></div></div></div>"
    )
}

pub(super) fn text(words: &str) -> String {
    format!("<div class=\"tgme_widget_message_text js-message_text\" dir=\"auto\">{words}</div>")
}

/// An ordinary message: formatted text, a photo, reactions.
pub(super) fn ordinary(id: u32) -> String {
    let words = text(
        "<b>The ferry is late</b><br/><br/>Fog over the bay; the <a href=\"https://harbour.example/times\">next one</a> \
         leaves at 10:40.<br/>Tickets stay valid. <a href=\"?q=%23ferry\">#ferry</a> <i class=\"emoji\" \
         style=\"background-image:url('//telegram.org/img/emoji/40/F09F9AA2.png')\"><b>🚢</b></i>",
    );
    block(
        id,
        &format!(
            "<a class=\"tgme_widget_message_photo_wrap 537001\" href=\"https://t.me/tea/{id}\" \
             style=\"width:800px;background-image:url('https://cdn.example/{id}.jpg')\"><div style=\"padding-top:66%\"></div></a>\
             {words}<div class=\"tgme_widget_message_reactions\"><span class=\"tgme_reaction\"><i class=\"emoji\"><b>👍</b></i>40</span></div>"
        ),
    )
}

/// The largest ordinary page within the input limits. Anybody can make feedline parse one.
pub(super) fn largest_ordinary() -> String {
    page(&(1..=1600).map(ordinary).collect::<String>())
}

/// Pages with a cost that the input limits do not bound.
pub(super) fn all() -> Vec<(&'static str, String)> {
    [nested(), repeated(), split(), long(), copied(), strange()].concat()
}

/// Elements nested as deep as the limit allows, around as much content as fits.
fn nested() -> Vec<(&'static str, String)> {
    let inside = |open: &str, close: &str, filling: &str| {
        let (open, close) = (open.repeat(230), close.repeat(230));
        format!("{open}{filling}{close}")
    };
    let div = |class: &str| format!("<div class=\"{class}\">");
    let words = "tea leaves ".repeat(300_000);
    let elements = "<s></s>".repeat(12_000);
    let mut pages: Vec<(&str, String)> = [
        ("descriptions", "tgme_channel_info_description"),
        ("titles", "tgme_channel_info_header_title"),
        ("labels", "tgme_channel_info_header_labels"),
        ("counters", "tgme_channel_info_counter"),
        ("card descriptions", "tgme_page tgme_page_description"),
        ("card titles", "tgme_page tgme_page_title"),
        ("card extras", "tgme_page tgme_page_extra"),
        ("frames", "tgme_widget_message_wrap"),
    ]
    .into_iter()
    .flat_map(|(name, class)| {
        [&words, &elements].map(|filling| (name, page(&inside(&div(class), "</div>", filling))))
    })
    .collect();
    pages.extend(
        [
            ("texts", "js-message_text"),
            ("reactions", "tgme_widget_message_reactions tgme_reaction emoji"),
            ("metas", "tgme_widget_message_meta"),
            ("keyboards", "tgme_widget_message_inline_keyboard"),
            ("polls", "tgme_widget_message_poll"),
            ("replies", "tgme_widget_message_reply"),
            ("authors", "tgme_widget_message_author"),
            ("unknown", "tgme_widget_message_nobody_knows"),
        ]
        .map(|(name, class)| (name, message(&inside(&div(class), "</div>", &words)))),
    );
    let reactions = format!(
        "<div class=\"tgme_widget_message_reactions\">{}</div>",
        inside(
            "<span class=\"tgme_reaction\">7",
            "</span>",
            &format!("<i class=\"emoji\">{words}</i>")
        )
    );
    let scoped = inside("<object><a href=\"https://t.me/tea\">", "</a></object>", &words);
    let scoped = scoped.replacen("<object><a href=\"https://t.me/tea\">", "", 115);
    let marks = format!(
        "<div class=\"tgme_channel_info_header_labels\">{}</div>",
        inside("<mark>", "</mark>", &words)
    );
    pages.extend([
        ("reactions round one emoji", message(&reactions)),
        ("links in links", message(&text(&scoped))),
        ("marks", page(&marks)),
        ("quotes", message(&text(&inside("<blockquote>", "</blockquote>", &elements)))),
        ("spans", message(&text(&inside("<span>", "</span>", &"<s>x</s>".repeat(15_000))))),
    ]);
    pages
}

/// One element that matches the same selector many times.
fn repeated() -> Vec<(&'static str, String)> {
    let many = |class: &str, body: &str| {
        format!("<div class=\"{}\">{body}</div>", format!("{class} ").repeat(8_000))
    };
    let words = "tea leaves ".repeat(100_000);
    vec![
        ("a description many times", page(&many("tgme_channel_info_description", &words))),
        ("a title many times", page(&many("tgme_channel_info_header_title", &words))),
        ("labels many times", page(&many("tgme_channel_info_header_labels", &words))),
        ("a card many times", page(&many("tgme_page tgme_page_description", &words))),
        ("unknown classes", message(&unknown())),
        (
            "a class of a million letters",
            message(&format!("<div class=\"{}\">x</div>", "tgme_".repeat(500_000))),
        ),
        (
            "spaces in a class",
            message(&format!(
                "{}{}",
                format!("<div class=\"{}\">", " ".repeat(10_000)).repeat(200),
                "x"
            )),
        ),
        ("attributes of the body", page(&bodies())),
    ]
}

fn unknown() -> String {
    let classes =
        |element: usize| -> String { (0..30).map(|n| format!("tgme_x{element}_{n} ")).collect() };
    (0..8_000).map(|element| format!("<div class=\"{}\"></div>", classes(element))).collect()
}

/// Every `body` tag adds its attributes to the one body element.
fn bodies() -> String {
    (0..4_200)
        .rev()
        .map(|tag| {
            let attributes: String = (0..60).map(|n| format!(" a{tag:04}{n:02}")).collect();
            format!("<body{attributes}></body>")
        })
        .collect()
}

/// Text in as many pieces as fit.
fn split() -> Vec<(&'static str, String)> {
    let tags: String = (0..24_000).map(|n| format!("<a href=\"?q=%23t{n}\">x</a>")).collect();
    vec![
        (
            "text split by comments",
            message(&text(&"forty characters of text between comments<!---->".repeat(80_000))),
        ),
        (
            "text split by spans",
            message(&text(&"many characters of text between spans<span>x</span>".repeat(40_000))),
        ),
        ("text split by entities", message(&text(&"x&amp;".repeat(140_000)))),
        ("text split by breaks", message(&text(&"x<br><br>".repeat(45_000)))),
        ("hashtags", message(&text(&tags))),
        ("mentions", message(&text(&"<a href=\"https://t.me/tea\">@tea</a>".repeat(20_000)))),
        ("custom emoji", message(&text(&"<tg-emoji emoji-id=\"5\">x</tg-emoji>".repeat(20_000)))),
        ("spoilers", message(&text(&"<tg-spoiler>x</tg-spoiler> ".repeat(40_000)))),
        ("quotes in a row", message(&text(&"<blockquote>x</blockquote>".repeat(40_000)))),
        ("code in a row", message(&text(&"<pre>x</pre>".repeat(40_000)))),
    ]
}

/// One value as long as fits.
fn long() -> Vec<(&'static str, String)> {
    let words = "tea ".repeat(900_000);
    let word = "t".repeat(3_500_000);
    // An attribute has a stricter limit on spaces.
    let long_words = format!("{} ", "t".repeat(239)).repeat(15_000);
    let part = |class: &str, words: &str| format!("<div class=\"{class}\">{words}</div>");
    let poll = format!("{}{}", part("tgme_widget_message_poll_question", &words), "");
    let title = |words: &str| {
        page(&format!(
            "<div class=\"tgme_channel_info\"><div class=\"tgme_channel_info_header_title\">{words}</div></div>{}",
            ordinary(1)
        ))
    };
    let urls = format!("<a href=\"https://{}.example/\">x</a>", "ы".repeat(900)).repeat(2_000);
    vec![
        ("a long word", message(&text(&word))),
        ("a long text", message(&text(&words))),
        ("a long line of code", message(&text(&format!("<code>{word}</code>")))),
        (
            "a long block of code",
            message(&text(&format!("<pre>{}</pre>", "x\n".repeat(1_700_000)))),
        ),
        ("a long question", message(&part("tgme_widget_message_poll", &poll))),
        ("a long title", title(&words)),
        (
            "a long name of a file",
            message(&part(
                "tgme_widget_message_document_wrap",
                &part("tgme_widget_message_document_title", &words),
            )),
        ),
        (
            "a long signature",
            message(&format!(
                "<span class=\"tgme_widget_message_meta\">{}</span>",
                part("tgme_widget_message_from_author", &words)
            )),
        ),
        (
            "a long label",
            message(&part(
                "message_media_not_supported_wrap",
                &part("message_media_not_supported_label", &words),
            )),
        ),
        ("a long address", message(&text(&format!("<a href=\"https://x.example/{word}\">x</a>")))),
        ("long names of hosts", message(&text(&urls))),
        (
            "a long style",
            message(&format!(
                "<a class=\"tgme_widget_message_photo_wrap\" style=\"{}\"></a>",
                "width:;".repeat(500_000)
            )),
        ),
        ("long invisible text", message(&text(&"\u{200b}".repeat(1_200_000)))),
        ("long marks on a letter", message(&text(&format!("a{}", "\u{301}".repeat(1_700_000))))),
        (
            "a long summary",
            page("").replace("content=\"Tea\"", &format!("content=\"{long_words}\"")),
        ),
    ]
}

/// Elements that the parser reopens in every paragraph.
fn copied() -> Vec<(&'static str, String)> {
    let lines = "x<br><br>".repeat(9_000);
    let address = format!("<a href=\"https://x.example/{}\">", "y".repeat(4_000));
    let styles = "<b><i><u><s><tg-spoiler>".repeat(3);
    let posts: String = (1..400)
        .map(|id| block(id, &text(&format!("{address}{}</a>", "x<br><br>".repeat(100)))))
        .collect();
    vec![
        ("a link over many paragraphs", message(&text(&format!("{address}{lines}</a>")))),
        ("styles over many paragraphs", message(&text(&format!("{styles}{lines}")))),
        ("links over many paragraphs of many posts", page(&posts)),
        ("many posts", page(&(1..4_000).map(|id| block(id, &text("x"))).collect::<String>())),
        ("many pictures", message(&"<a class=\"tgme_widget_message_photo_wrap\" style=\"background-image:url('https://x.example/y')\"></a>".repeat(20_000))),
        ("many files", message(&"<a class=\"tgme_widget_message_document_wrap\"><b class=\"tgme_widget_message_document_title\">x</b></a>".repeat(15_000))),
        ("many buttons", message(&format!("<div class=\"tgme_widget_message_inline_keyboard\">{}</div>", "<a class=\"tgme_widget_message_inline_button\">x</a>".repeat(20_000)))),
        ("many rows of buttons", message(&format!("<div class=\"tgme_widget_message_inline_keyboard\">{}</div>", "<div class=\"tgme_widget_message_inline_row\"><a class=\"tgme_widget_message_inline_button\">x</a></div>".repeat(15_000)))),
        ("many answers", message(&format!("<div class=\"tgme_widget_message_poll\"><b class=\"tgme_widget_message_poll_question\">?</b>{}</div>", "<div class=\"tgme_widget_message_poll_option\"><b class=\"tgme_widget_message_poll_option_text\">x</b></div>".repeat(15_000)))),
        ("many reactions", message(&format!("<div class=\"tgme_widget_message_reactions\">{}</div>", "<span class=\"tgme_reaction\"><i class=\"emoji\"><b>x</b></i>5</span>".repeat(10_000)))),
        ("many members", message(&(1..20_000).map(|id| format!("<a class=\"tgme_widget_message_photo_wrap grouped_media_wrap\" href=\"https://t.me/tea/{id}?single\" style=\"background-image:url('https://x.example/{id}')\"></a>")).collect::<String>())),
    ]
}

/// Unusual elements in unexpected places.
pub(super) fn strange() -> Vec<(&'static str, String)> {
    let good = block(9, &text("The last word"));
    [
        ("the end in the middle", "</body></html>"),
        ("plain text", "<plaintext>"),
        ("a template", "<template>"),
        ("a drawing", "<svg>"),
        ("a formula", "<math>"),
        ("a choice", "<select>"),
        ("a frameset", "<frameset>"),
        ("tables in tables", "<table><tr><td><table><tr><td><table>"),
        ("an open comment", "<!-- "),
        ("open character data", "<![CDATA["),
        ("an open attribute", "<p title=\""),
        ("an open script", "<script>"),
        ("an open title", "<title>"),
        ("a zero", "\0\0<\0p>\0"),
        ("controls", "\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{85}\u{9b}\u{fdd0}\u{fffe}\u{ffff}"),
        ("what turns letters round", "\u{202e}\u{2066}\u{202b}\u{200f}"),
        ("what was broken on the way", "\u{fffd}\u{fffd}\u{fffd}"),
        ("a form", "<form><button><form>"),
        ("headings in links", "<a href=\"x\"><h1><a><li><a>"),
    ]
    .map(|(name, odd)| {
        (name, page(&format!("{}{good}", block(5, &text(&format!("before {odd} after"))))))
    })
    .to_vec()
}
