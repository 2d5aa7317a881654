//! Message texts as people type them into Telegram, rendered as Telegram's HTML or as plain text.
//!
//! [`Text::Written`] describes the syntax. Unclosed markers are plain characters. A marker cannot be nested in itself, which
//! bounds the depth.

use unicode_segmentation::UnicodeSegmentation;

use super::message::Text;

/// The attributes of links after `href`: to this page, elsewhere, to a web site, and to a web site with a label.
const SAME_PAGE: &str = "";
const ELSEWHERE: &str = " target=\"_blank\"";
const WEB: &str = " target=\"_blank\" rel=\"noopener\"";
const CONFIRMED: &str = " target=\"_blank\" rel=\"noopener\" \
                         onclick=\"return confirm('Open this link?\\n\\n'+this.href);\"";

/// A marker and its HTML element.
const STYLES: [(&str, &str); 5] =
    [("**", "b"), ("__", "i"), ("++", "u"), ("~~", "s"), ("||", "tg-spoiler")];

/// HTML. Words that begin with a word of `query` are marked, as in Telegram's search.
pub(super) fn html(text: &Text, query: &str) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(text) => Renderer { query: words(query), is_plain: false }.blocks(text),
    }
}

/// Without markup, as in `og:description`.
pub(super) fn plain(text: &Text) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(text) => Renderer { query: Vec::new(), is_plain: true }.blocks(text),
    }
}

/// HTML of a title or name: only emoji become pictures.
pub(super) fn title(text: &str) -> String {
    Renderer { query: Vec::new(), is_plain: false }.words(text)
}

/// HTML of an emoji: a picture with the emoji as text. The picture's name, its UTF-8 bytes, keeps joiners and drops variation
/// selectors; the text does the reverse.
pub(super) fn emoji(emoji: &str) -> String {
    let name: String =
        emoji.replace('\u{fe0f}', "").bytes().map(|byte| format!("{byte:02X}")).collect();
    let shown = escaped(&emoji.replace('\u{200d}', ""));
    format!(
        "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/{name}.png')\"><b>{shown}</b></i>"
    )
}

/// The address of a link with a confirmation.
///
/// UPSTREAM(2026-08): escaped twice since April 2024.
pub(super) fn confirmed(address: &str) -> String {
    address.replace('&', "&amp;")
}

/// Whether `text` contains every hashtag of `query` whole, and every other word as the beginning of a word.
pub(super) fn matches(text: &str, query: &str) -> bool {
    let present = words(text);
    query.split_whitespace().all(|part| {
        if is_tag(part) {
            return tags(text).any(|tag| tag.to_lowercase() == part.to_lowercase());
        }
        words(part).iter().all(|word| present.iter().any(|other| other.starts_with(word)))
    })
}

/// Whether the text contains a custom emoji, for which Telegram wraps the whole message.
pub(super) fn has_custom_emoji(text: &Text) -> bool {
    html(text, "").contains("<tg-emoji")
}

/// Telegram escapes more than HTML needs.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '!' => out.push_str("&#33;"),
            '$' => out.push_str("&#036;"),
            other => out.push(other),
        }
    }
    out
}

struct Renderer {
    /// The words to mark.
    query: Vec<String>,
    /// Without markup.
    is_plain: bool,
}

impl Renderer {
    /// Fenced code, quotes and lines.
    fn blocks(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((language, code, after)) = fence(rest) {
                out += &self.code_block(language, code);
                rest = after.strip_prefix('\n').unwrap_or(after);
            } else if rest.starts_with("> ") {
                out += &self.quote(&mut rest, "> ", "<blockquote>");
            } else if rest.starts_with(">> ") {
                out += &self.quote(&mut rest, ">> ", "<blockquote expandable>");
            } else if let Some((line, after)) = rest.split_once('\n') {
                out += &self.line(line, true);
                out += self.newline("<br/>");
                rest = after;
            } else {
                out += &self.line(rest, true);
                rest = "";
            }
        }
        out
    }

    /// The lines at the start of `rest` that begin with `marker`.
    fn quote(&self, rest: &mut &str, marker: &str, tag: &str) -> String {
        let mut lines = Vec::new();
        while let Some(line) = rest.strip_prefix(marker) {
            let (line, after) = line.split_once('\n').unwrap_or((line, ""));
            lines.push(self.line(line, true));
            *rest = after;
        }
        let lines = lines.join(self.newline("<br/>"));
        self.element(tag, &lines, "") + self.newline("</blockquote>")
    }

    fn code_block(&self, language: &str, code: &str) -> String {
        let lines: Vec<String> = code.split('\n').map(|line| self.text(line)).collect();
        let mut code = lines.join(self.newline("<br/>"));
        if !language.is_empty() {
            let start = format!("<code class=\"language-{}\">", escaped(language));
            code = self.element(&start, &code, "</code>");
        }
        self.element("<pre>", &code, "") + self.newline("</pre>")
    }

    /// Spans, and between them plain text. `links` is off inside links.
    fn line(&self, text: &str, links: bool) -> String {
        let mut out = String::new();
        let (mut from, mut at) = (0, 0);
        while let Some(first) = text[at..].chars().next() {
            let rest = &text[at..];
            if rest.starts_with("http://") || rest.starts_with("https://") {
                // An address contains no markers.
                at += rest.find(char::is_whitespace).unwrap_or(rest.len());
            } else if let Some((span, after)) = self.span(rest, links) {
                out += &self.unmarked(&text[from..at], links);
                out += &span;
                at = text.len() - after.len();
                from = at;
            } else {
                at += first.len_utf8();
            }
        }
        out + &self.unmarked(&text[from..], links)
    }

    /// The span at the start of `text`, rendered, and the text after it.
    fn span<'a>(&self, text: &'a str, links: bool) -> Option<(String, &'a str)> {
        for (marker, tag) in STYLES {
            if let Some((inside, after)) = between(text, marker, marker)
                && !inside.is_empty()
            {
                let inside = self.line(inside, links);
                let (start, end) = (format!("<{tag}>"), format!("</{tag}>"));
                return Some((self.element(&start, &inside, &end), after));
            }
        }
        if let Some((code, after)) = between(text, "`", "`") {
            return Some((self.element("<code>", &self.text(code), "</code>"), after));
        }
        if let Some((label, rest)) = between(text, "[", "](")
            && let Some((address, after)) = rest.split_once(')')
        {
            let label = self.line(label, false);
            let link = if address.starts_with("http") {
                self.link(&confirmed(address), CONFIRMED, &label)
            } else {
                self.link(address, ELSEWHERE, &label)
            };
            return Some((link, after));
        }
        let (id, rest) = between(text, "{", "|")?;
        let (character, after) = rest.split_once('}')?;
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let start = format!("<tg-emoji emoji-id=\"{id}\">");
        Some((self.element(&start, &self.emoji(character), "</tg-emoji>"), after))
    }

    fn unmarked(&self, text: &str, links: bool) -> String {
        if links { self.linked(text) } else { self.words(text) }
    }

    /// Finds addresses, mentions, hashtags and cashtags, word by word. Chinese has no white space between words.
    fn linked(&self, text: &str) -> String {
        let mut out = String::new();
        for word in text.split_inclusive(ends_word) {
            let token = word.trim_end_matches(opens_word);
            let body = token.trim_end_matches(CLOSING);
            let label = self.words(body);
            out += &match link(body) {
                Some((address, attributes)) => self.link(&address, attributes, &label),
                None => label,
            };
            out += &self.words(&token[body.len()..]);
            out += &self.text(&word[token.len()..]);
        }
        out
    }

    /// Text in which emoji become pictures and searched words are marked.
    fn words(&self, text: &str) -> String {
        let mut out = String::new();
        for piece in text.split_word_bounds() {
            if is_emoji(piece) {
                out += &self.emoji(piece);
            } else if self.is_searched(piece) {
                out += &self.element("<mark class=\"highlight\">", &self.text(piece), "</mark>");
            } else {
                out += &self.text(piece);
            }
        }
        out
    }

    fn is_searched(&self, piece: &str) -> bool {
        !self.query.is_empty()
            && words(piece).iter().any(|word| self.query.iter().any(|part| word.starts_with(part)))
    }

    fn emoji(&self, characters: &str) -> String {
        if self.is_plain { characters.to_owned() } else { emoji(characters) }
    }

    fn link(&self, address: &str, attributes: &str, label: &str) -> String {
        let start = format!("<a href=\"{}\"{attributes}>", escaped(address));
        self.element(&start, label, "</a>")
    }

    fn element(&self, start: &str, content: &str, end: &str) -> String {
        if self.is_plain { content.to_owned() } else { format!("{start}{content}{end}") }
    }

    fn text(&self, text: &str) -> String {
        if self.is_plain { text.to_owned() } else { escaped(text) }
    }

    /// A tag that ends a line.
    fn newline<'a>(&self, tag: &'a str) -> &'a str {
        if self.is_plain { "\n" } else { tag }
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(start)?.split_once(end)
}

/// The language and code of a fenced block at the start of `text`, and the text after it.
fn fence(text: &str) -> Option<(&str, &str, &str)> {
    let (language, body) = between(text, "```", "\n")?;
    let (code, after) = body.split_once("\n```")?;
    Some((language, code, after))
}

/// Closing punctuation, which ends a link.
const CLOSING: [char; 22] = [
    '.', ',', '!', '?', ':', ';', ')', '»', '”', '؟', '،', '؛', '。', '，', '！', '？', '、', '：',
    '；', '）', '」', '》',
];

/// White space, and opening punctuation before a word.
fn opens_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '(' | '（' | '«' | '“' | '「' | '《')
}

fn ends_word(letter: char) -> bool {
    let is_wide = u32::from(letter) >= 0x3000;
    opens_word(letter) || (is_wide && CLOSING.contains(&letter))
}

/// The address that a word links to, and the link's other attributes.
fn link(word: &str) -> Option<(String, &'static str)> {
    if word.starts_with("http://") || word.starts_with("https://") {
        return Some((word.to_owned(), WEB));
    }
    if let Some(name) = word.strip_prefix('@')
        && name.len() >= 2
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Some((format!("https://t.me/{name}"), ELSEWHERE));
    }
    if is_tag(word) {
        let tag = percent_encoding::utf8_percent_encode(word, percent_encoding::NON_ALPHANUMERIC);
        return Some((format!("?q={}", tag.to_string().replace("%5F", "_")), SAME_PAGE));
    }
    if word.starts_with("tg://") {
        return Some((word.to_owned(), ELSEWHERE));
    }
    is_mail(word).then(|| (format!("mailto:{word}"), ELSEWHERE))
}

/// `#тег`, `#茶`, `$USD`.
fn is_tag(word: &str) -> bool {
    if let Some(tag) = word.strip_prefix('#') {
        return tag.chars().any(char::is_alphabetic)
            && tag.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    }
    word.strip_prefix('$').is_some_and(|tag| {
        (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

fn is_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@._+-".contains(&byte))
    })
}

fn is_emoji(piece: &str) -> bool {
    let Some(first) = piece.chars().next() else { return false };
    let has_selector = piece.contains('\u{fe0f}');
    matches!(u32::from(first),
        0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b05..=0x2b55 | 0x231a..=0x23ff)
        || (has_selector && !first.is_alphabetic())
}

/// Hashtags and cashtags, with their sign.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(['#', '$']).map(move |(at, _)| {
        let tag = text[at + 1..].find(|letter: char| !letter.is_alphanumeric() && letter != '_');
        tag.map_or(&text[at..], |length| &text[at..=at + length])
    })
}

/// Lower-case words, with `ё` as `е`.
fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('ё', "е"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Text, html, matches, plain};

    #[test]
    fn text_entities_become_telegram_markup() {
        for (text, expected) in [
            (
                "**a** __b__ ++c++ ~~d~~ ||e||",
                "<b>a</b> <i>b</i> <u>c</u> <s>d</s> <tg-spoiler>e</tg-spoiler>",
            ),
            ("**a __b__**", "<b>a <i>b</i></b>"),
            ("`x < 1`", "<code>x &lt; 1</code>"),
            (
                "```rust\nfn a() {}\nb\n```\nend",
                "<pre><code class=\"language-rust\">fn a() {}<br/>b</code></pre>end",
            ),
            ("> one\n> two\nafter", "<blockquote>one<br/>two</blockquote>after"),
            (">> long", "<blockquote expandable>long</blockquote>"),
            ("one\n\ntwo", "one<br/><br/>two"),
            ("@keeper, hi", "<a href=\"https://t.me/keeper\" target=\"_blank\">@keeper</a>, hi"),
            ("#небо.", "<a href=\"?q=%23%D0%BD%D0%B5%D0%B1%D0%BE\">#небо</a>."),
            ("晚安。#晚安", "晚安。<a href=\"?q=%23%E6%99%9A%E5%AE%89\">#晚安</a>"),
            ("(@keeper)", "(<a href=\"https://t.me/keeper\" target=\"_blank\">@keeper</a>)"),
            ("$TIDE", "<a href=\"?q=%24TIDE\">&#036;TIDE</a>"),
            ("a@b.org", "<a href=\"mailto:a@b.org\" target=\"_blank\">a@b.org</a>"),
            ("[call](tel:+4930123)", "<a href=\"tel:+4930123\" target=\"_blank\">call</a>"),
            ("tg://settings", "<a href=\"tg://settings\" target=\"_blank\">tg://settings</a>"),
            ("2 * 3 ** 4", "2 * 3 ** 4"),
        ] {
            assert_eq!(html(&text.into(), ""), expected, "{text}");
        }
    }

    #[test]
    fn labelled_links_confirm_and_are_escaped_twice() {
        assert_eq!(
            html(&"[more](https://x.org/?a=1&b=2) https://x.org/?a=1&b=2".into(), ""),
            "<a href=\"https://x.org/?a=1&amp;amp;b=2\" target=\"_blank\" rel=\"noopener\" \
             onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">more</a> \
             <a href=\"https://x.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\">https://x.org/?a=1&amp;b=2</a>"
        );
    }

    #[test]
    fn emoji_file_names_keep_joiners() {
        assert_eq!(
            html(&"❤️\u{200d}🔥".into(), ""),
            "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/E29DA4E2808DF09F94A5.png')\">\
             <b>❤\u{fe0f}🔥</b></i>"
        );
        let custom = html(&"{5389|⌚️}".into(), "");
        assert!(custom.starts_with("<tg-emoji emoji-id=\"5389\"><i class=\"emoji\""), "{custom}");
    }

    #[test]
    fn demo_search_matches_and_highlights_word_prefixes() {
        assert!(matches("Полёт к звёздам", "звезд полет"));
        assert!(!matches("Полёт к звёздам", "луна"));
        assert!(matches("The horn is on. #Fog, #tides", "horn #fog"));
        assert!(!matches("The fog is here. #foghorn", "#fog"));
        assert!(matches("Рейс отменён. #погода", "#Погода"));
        assert_eq!(
            html(&"The lamps are lit".into(), "lamp"),
            "The <mark class=\"highlight\">lamps</mark> are lit"
        );
    }

    #[test]
    fn plain_text_has_lines_but_no_markup() {
        let text = Text::from("**Tide**\n> low\nat [noon](https://x.org) {5|⌚️}");
        assert_eq!(plain(&text), "Tide\nlow\nat noon ⌚️");
    }
}
