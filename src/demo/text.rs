//! Texts as people type them into Telegram, and what Telegram's pages make of them: HTML, or the characters alone.
//!
//! The syntax is described at [`Text::Written`]. Unclosed markers are plain characters. A marker cannot stand inside
//! itself, which bounds the depth.

use unicode_segmentation::UnicodeSegmentation;

use super::message::Text;

/// What follows the address in the tag of a link: in this page, elsewhere, to a web site, and to a web site behind a
/// text of its own.
const SAME_PAGE: &str = "\">";
const ELSEWHERE: &str = "\" target=\"_blank\">";
const WEB: &str = "\" target=\"_blank\" rel=\"noopener\">";
const ASKS_FIRST: &str = "\" target=\"_blank\" rel=\"noopener\" \
                          onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">";

/// The marker around a styled text, and its tag.
const STYLES: [(&str, &str); 5] =
    [("**", "b"), ("__", "i"), ("++", "u"), ("~~", "s"), ("||", "tg-spoiler")];

/// HTML in which the words that begin with one of `query` are marked, as in Telegram's search.
pub(super) fn html(text: &Text, query: &str) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(written) => {
            let mut writer = Writer { out: String::new(), query: words(query), is_plain: false };
            writer.blocks(written);
            writer.out
        }
    }
}

/// The characters alone, as in `og:description`.
pub(super) fn plain(text: &Text) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(written) => {
            let mut writer = Writer { out: String::new(), query: Vec::new(), is_plain: true };
            writer.blocks(written);
            writer.out
        }
    }
}

/// HTML of a title or name: emoji become pictures, nothing else is found in it.
pub(super) fn title(text: &str) -> String {
    let mut writer = Writer { out: String::new(), query: Vec::new(), is_plain: false };
    writer.words(text);
    writer.out
}

/// HTML of an emoji: a picture named by its bytes, and the characters for those who see no picture. The file's name
/// keeps the joiners and drops the variation selectors, the characters do the reverse.
pub(super) fn emoji(emoji: &str) -> String {
    let name: String =
        emoji.replace('\u{fe0f}', "").bytes().map(|byte| format!("{byte:02X}")).collect();
    let shown = escaped(&emoji.replace('\u{200d}', ""));
    format!(
        "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/{name}.png')\"><b>{shown}</b></i>"
    )
}

/// The address of a link that asks first.
///
/// UPSTREAM(2026-08): it is escaped twice, since April 2024.
pub(super) fn confirmed(address: &str) -> String {
    address.replace('&', "&amp;")
}

/// Whether `text` contains every word of `query`, each at the beginning of one of its own, and every hashtag as a whole.
pub(super) fn matches(text: &str, query: &str) -> bool {
    let present = words(text);
    let begins = |word: &String| present.iter().any(|other| other.starts_with(word.as_str()));
    query.split_whitespace().all(|part| {
        if is_tag(part) {
            tags(text).any(|tag| tag.to_lowercase() == part.to_lowercase())
        } else {
            words(part).iter().all(begins)
        }
    })
}

/// Whether the text contains a custom emoji, for which Telegram wraps the whole message.
pub(super) fn has_custom_emoji(text: &Text) -> bool {
    match text {
        Text::Html(raw) => raw.contains("<tg-emoji"),
        Text::Written(written) => written.contains('{') && html(text, "").contains("<tg-emoji"),
    }
}

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Telegram escapes more than HTML needs.
fn escape(out: &mut String, text: &str) {
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
}

struct Writer {
    out: String,
    /// The words to mark.
    query: Vec<String>,
    /// Writes no markup.
    is_plain: bool,
}

impl Writer {
    /// Fenced code, quotes and lines.
    fn blocks(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((language, code, after)) = fence(rest) {
                self.code_block(language, code);
                rest = after.strip_prefix('\n').unwrap_or(after);
            } else if rest.starts_with("> ") {
                rest = self.quote(rest, "> ", "<blockquote>");
            } else if rest.starts_with(">> ") {
                rest = self.quote(rest, ">> ", "<blockquote expandable>");
            } else {
                let (line, after) =
                    rest.split_once('\n').map_or((rest, None), |(line, after)| (line, Some(after)));
                self.line(line, true);
                if after.is_some() {
                    self.end("<br/>");
                }
                rest = after.unwrap_or_default();
            }
        }
    }

    fn quote<'a>(&mut self, text: &'a str, marker: &str, tag: &str) -> &'a str {
        self.tag(tag);
        let mut rest = text;
        while let Some(line) = rest.strip_prefix(marker) {
            if rest.len() < text.len() {
                self.end("<br/>");
            }
            let (line, after) = line.split_once('\n').unwrap_or((line, ""));
            self.line(line, true);
            rest = after;
        }
        self.end("</blockquote>");
        rest
    }

    fn code_block(&mut self, language: &str, code: &str) {
        self.tag("<pre>");
        if !language.is_empty() {
            self.open("<code class=\"language-", language, "\">");
        }
        for (at, line) in code.split('\n').enumerate() {
            if at > 0 {
                self.end("<br/>");
            }
            self.text(line);
        }
        if !language.is_empty() {
            self.tag("</code>");
        }
        self.end("</pre>");
    }

    /// Spans, and between them plain text. `finds_links` is off inside of links.
    fn line(&mut self, text: &str, finds_links: bool) {
        let (mut from, mut at) = (0, 0);
        while let Some(first) = text[at..].chars().next() {
            let rest = &text[at..];
            if rest.starts_with("http://") || rest.starts_with("https://") {
                // Its characters are no markers.
                at += rest.find(char::is_whitespace).unwrap_or(rest.len());
            } else if let Some((span, after)) = span(rest) {
                self.unmarked(&text[from..at], finds_links);
                self.span(&span, finds_links);
                at = text.len() - after.len();
                from = at;
            } else {
                at += first.len_utf8();
            }
        }
        self.unmarked(&text[from..], finds_links);
    }

    fn span(&mut self, span: &Span<'_>, finds_links: bool) {
        match *span {
            Span::Styled(tag, inside) => {
                self.open("<", tag, ">");
                self.line(inside, finds_links);
                self.open("</", tag, ">");
            }
            Span::Code(code) => {
                self.tag("<code>");
                self.text(code);
                self.tag("</code>");
            }
            Span::Link(label, address) => {
                if address.starts_with("http") {
                    self.open("<a href=\"", &confirmed(address), ASKS_FIRST);
                } else {
                    self.open("<a href=\"", address, ELSEWHERE);
                }
                self.line(label, false);
                self.tag("</a>");
            }
            Span::CustomEmoji(id, character) => {
                self.open("<tg-emoji emoji-id=\"", id, "\">");
                self.emoji(character);
                self.tag("</tg-emoji>");
            }
        }
    }

    fn unmarked(&mut self, text: &str, finds_links: bool) {
        if finds_links { self.linked(text) } else { self.words(text) }
    }

    /// Finds addresses, mentions, hashtags and cashtags, word by word. Chinese has no white space between words.
    fn linked(&mut self, text: &str) {
        for word in text.split_inclusive(ends_word) {
            let token = word.trim_end_matches(opens_word);
            let body = token.trim_end_matches(CLOSING);
            match link(body) {
                Some((address, after)) => {
                    self.open("<a href=\"", &address, after);
                    self.words(body);
                    self.tag("</a>");
                }
                None => self.words(body),
            }
            self.words(&token[body.len()..]);
            self.text(&word[token.len()..]);
        }
    }

    /// Text in which emoji become pictures and the searched words are marked.
    fn words(&mut self, text: &str) {
        for piece in text.split_word_bounds() {
            if is_emoji(piece) {
                self.emoji(piece);
            } else if self.is_searched(piece) {
                self.tag("<mark class=\"highlight\">");
                self.text(piece);
                self.tag("</mark>");
            } else {
                self.text(piece);
            }
        }
    }

    fn is_searched(&self, piece: &str) -> bool {
        !self.query.is_empty()
            && words(piece)
                .iter()
                .any(|word| self.query.iter().any(|part| word.starts_with(part.as_str())))
    }

    fn emoji(&mut self, characters: &str) {
        if self.is_plain {
            self.out.push_str(characters);
        } else {
            self.out.push_str(&emoji(characters));
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_plain {
            self.out.push_str(text);
        } else {
            escape(&mut self.out, text);
        }
    }

    fn tag(&mut self, tag: &str) {
        if !self.is_plain {
            self.out.push_str(tag);
        }
    }

    /// A tag with a value in it.
    fn open(&mut self, before: &str, value: &str, after: &str) {
        if !self.is_plain {
            self.out.push_str(before);
            escape(&mut self.out, value);
            self.out.push_str(after);
        }
    }

    /// A tag that ends a line.
    fn end(&mut self, tag: &str) {
        self.out.push_str(if self.is_plain { "\n" } else { tag });
    }
}

enum Span<'a> {
    /// Tag and text.
    Styled(&'static str, &'a str),
    Code(&'a str),
    /// Label and address.
    Link(&'a str, &'a str),
    /// Id and character.
    CustomEmoji(&'a str, &'a str),
}

/// The span at the start of `text`, and what follows it.
fn span(text: &str) -> Option<(Span<'_>, &str)> {
    for (marker, tag) in STYLES {
        if let Some((inside, after)) = between(text, marker, marker)
            && !inside.is_empty()
        {
            return Some((Span::Styled(tag, inside), after));
        }
    }
    if let Some((code, after)) = between(text, "`", "`") {
        return Some((Span::Code(code), after));
    }
    if let Some((label, rest)) = between(text, "[", "](")
        && let Some((address, after)) = rest.split_once(')')
    {
        return Some((Span::Link(label, address), after));
    }
    let (id, rest) = between(text, "{", "|")?;
    let (character, after) = rest.split_once('}')?;
    let is_id = id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then_some((Span::CustomEmoji(id, character), after))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(start)?.split_once(end)
}

/// The language and code of a fenced block at the start of `text`, and what follows it.
fn fence(text: &str) -> Option<(&str, &str, &str)> {
    let (language, body) = between(text, "```", "\n")?;
    let (code, after) = body.split_once("\n```")?;
    Some((language, code, after))
}

/// Closing punctuation, which does not belong to the link before it.
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

/// The address that a word links to, and what follows it in the tag.
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

/// What may be a hashtag or cashtag, with its sign.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    text.match_indices(['#', '$']).map(move |(at, sign)| {
        let tag = &text[at + sign.len()..];
        &text[at..at + sign.len() + tag.find(is_end).unwrap_or(tag.len())]
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
    fn every_entity_becomes_telegrams_markup() {
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
    fn only_links_with_a_label_ask_first_and_are_escaped_twice() {
        assert_eq!(
            html(&"[more](https://x.org/?a=1&b=2) https://x.org/?a=1&b=2".into(), ""),
            "<a href=\"https://x.org/?a=1&amp;amp;b=2\" target=\"_blank\" rel=\"noopener\" \
             onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">more</a> \
             <a href=\"https://x.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\">https://x.org/?a=1&amp;b=2</a>"
        );
    }

    #[test]
    fn emoji_files_keep_the_joiner_that_the_text_loses() {
        assert_eq!(
            html(&"❤️\u{200d}🔥".into(), ""),
            "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/E29DA4E2808DF09F94A5.png')\">\
             <b>❤\u{fe0f}🔥</b></i>"
        );
        let custom = html(&"{5389|⌚️}".into(), "");
        assert!(custom.starts_with("<tg-emoji emoji-id=\"5389\"><i class=\"emoji\""), "{custom}");
    }

    #[test]
    fn search_finds_the_beginnings_of_words_and_marks_them() {
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
    fn a_plain_text_has_lines_and_no_markup() {
        let text = Text::from("**Tide**\n> low\nat [noon](https://x.org) {5|⌚️}");
        assert_eq!(plain(&text), "Tide\nlow\nat noon ⌚️");
    }
}
