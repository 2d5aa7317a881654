//! Texts as people type them into Telegram, and what Telegram's pages make of them.

#[cfg(test)]
mod tests;
mod written;

use unicode_segmentation::UnicodeSegmentation;

use super::html::{FLAG, Html};
use crate::demo::message::Text;
use written::{Node, any_custom, collect_plain, parse};

/// The question that Telegram's pages ask before they open a titled link.
const CONFIRM: &str = r"return confirm('Open this link?\n\n'+this.href);";

/// Writes a text into a page; words that begin as one of `query` are marked, as in Telegram's search.
pub(super) fn write(html: &mut Html, text: &Text, query: &str) {
    match text {
        Text::Html(raw) => html.raw(raw),
        Text::Written(written) => {
            let query = words(query);
            write_nodes(html, &parse(written), &query, true);
        }
    }
}

/// A title or name: emoji become pictures, nothing else is looked for.
pub(super) fn write_title(html: &mut Html, title: &str) {
    write_plain(html, title, &[]);
}

/// Whether the text holds a custom emoji, for which Telegram wraps the whole post.
pub(super) fn has_custom_emoji(text: &Text) -> bool {
    match text {
        Text::Html(raw) => raw.contains("<tg-emoji"),
        Text::Written(written) => any_custom(&parse(written)),
    }
}

/// The text without its markup, as in `og:description`.
pub(in crate::demo) fn plain(text: &Text) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(written) => {
            let mut out = String::new();
            collect_plain(&parse(written), &mut out);
            out
        }
    }
}

/// Whether `text` holds all of `query`: each word at the beginning of one of its own, ё as е; each hashtag as it is. (The
/// hashtags of a list page lead to such a search, and it finds the posts that carry them.)
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

/// What may be a hashtag, with its sign.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    text.match_indices(['#', '$']).map(move |(at, sign)| {
        let tag = &text[at + sign.len()..];
        &text[at..at + sign.len() + tag.find(is_end).unwrap_or(tag.len())]
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('ё', "е"))
        .collect()
}

fn write_nodes(html: &mut Html, nodes: &[Node], query: &[String], linked: bool) {
    for node in nodes {
        match node {
            Node::Plain(text) if linked => write_linked(html, text, query),
            Node::Plain(text) => write_plain(html, text, query),
            Node::Break => html.raw("<br/>"),
            Node::Styled(tag, inside) => {
                html.element(tag, &[], |html| write_nodes(html, inside, query, linked));
            }
            Node::Link(label, address) => write_titled_link(html, label, address, query),
            Node::Code(code) => html.element("code", &[], |html| html.text(code)),
            Node::Pre(language, code) => write_pre(html, language, code),
            Node::Quote(opens, inside) => {
                let attributes: &[(&str, &str)] =
                    if *opens { &[("expandable", FLAG)] } else { &[] };
                html.element("blockquote", attributes, |html| {
                    write_nodes(html, inside, query, linked);
                });
            }
            Node::CustomEmoji(number, emoji) => {
                html.element("tg-emoji", &[("emoji-id", number)], |html| write_emoji(html, emoji));
            }
        }
    }
}

fn write_pre(html: &mut Html, language: &str, code: &str) {
    html.element("pre", &[], |html| {
        if language.is_empty() {
            write_lines(html, code);
            return;
        }
        let class = format!("language-{language}");
        html.element("code", &[("class", &class)], |html| write_lines(html, code));
    });
}

fn write_lines(html: &mut Html, text: &str) {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            html.raw("<br/>");
        }
        html.text(line);
    }
}

fn write_titled_link(html: &mut Html, label: &[Node], address: &str, query: &[String]) {
    let inside = |html: &mut Html| write_nodes(html, label, query, false);
    if address.starts_with("http") {
        // UPSTREAM(2026-08): addresses behind the question are escaped twice, since April 2024.
        let address = address.replace('&', "&amp;");
        let attributes = [
            ("href", address.as_str()),
            ("target", "_blank"),
            ("rel", "noopener"),
            ("onclick", CONFIRM),
        ];
        html.element("a", &attributes, inside);
    } else {
        html.element("a", &[("href", address), ("target", "_blank")], inside);
    }
}

/// What a word may stand behind, beside white space.
const OPENING: [char; 6] = ['(', '（', '«', '“', '「', '《'];

/// What may stand behind a word, white space or not.
const CLOSING: [char; 22] = [
    '.', ',', '!', '?', ':', ';', ')', '»', '”', '؟', '،', '؛', '。', '，', '！', '？', '、', '：',
    '；', '）', '」', '》',
];

/// Finds addresses, mentions, hashtags and cashtags, word by word. Chinese needs no white space between words.
fn write_linked(html: &mut Html, text: &str, query: &[String]) {
    let ends = |letter: char| {
        letter.is_whitespace()
            || OPENING.contains(&letter)
            || (CLOSING.contains(&letter) && u32::from(letter) >= 0x3000)
    };
    for word in text.split_inclusive(ends) {
        let between = |letter: char| letter.is_whitespace() || OPENING.contains(&letter);
        let token = word.trim_end_matches(between);
        let body = token.trim_end_matches(CLOSING);
        if !write_link(html, body, query) {
            write_plain(html, body, query);
        }
        write_plain(html, &token[body.len()..], query);
        html.text(&word[token.len()..]);
    }
}

/// Writes `word` as a link when it is one.
fn write_link(html: &mut Html, word: &str, query: &[String]) -> bool {
    let blank = ("target", "_blank");
    let inside = |html: &mut Html| write_plain(html, word, query);
    if word.starts_with("http://") || word.starts_with("https://") {
        html.element("a", &[("href", word), blank, ("rel", "noopener")], inside);
    } else if let Some(name) = word.strip_prefix('@')
        && name.len() >= 2
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        html.element("a", &[("href", &format!("https://t.me/{name}")), blank], inside);
    } else if is_tag(word) {
        let address =
            percent_encoding::utf8_percent_encode(word, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
                .replace("%5F", "_");
        html.element("a", &[("href", &format!("?q={address}"))], inside);
    } else if word.starts_with("tg://") {
        html.element("a", &[("href", word), blank], inside);
    } else if is_mail(word) {
        html.element("a", &[("href", &format!("mailto:{word}")), blank], inside);
    } else {
        return false;
    }
    true
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

/// Text in which only emoji are something special, and found words are marked.
fn write_plain(html: &mut Html, text: &str, query: &[String]) {
    for piece in text.split_word_bounds() {
        if is_emoji(piece) {
            write_emoji(html, piece);
        } else if found(piece, query) {
            html.element("mark", &[("class", "highlight")], |html| html.text(piece));
        } else {
            html.text(piece);
        }
    }
}

fn found(piece: &str, query: &[String]) -> bool {
    !query.is_empty()
        && words(piece).iter().any(|word| query.iter().any(|part| word.starts_with(part.as_str())))
}

fn is_emoji(piece: &str) -> bool {
    let mut letters = piece.chars();
    let Some(first) = letters.next() else { return false };
    let pictured = piece.contains('\u{fe0f}');
    matches!(u32::from(first),
        0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b05..=0x2b55 | 0x231a..=0x23ff)
        || (pictured && !first.is_alphabetic())
}

/// An emoji as Telegram writes it: a picture named by its bytes, and the characters for those who see no picture.
/// The file's name keeps the joiners and drops the variation selectors, the characters do the reverse.
pub(super) fn write_emoji(html: &mut Html, emoji: &str) {
    let name: String =
        emoji.replace('\u{fe0f}', "").bytes().map(|byte| format!("{byte:02X}")).collect();
    let style = format!("background-image:url('//telegram.org/img/emoji/40/{name}.png')");
    let shown = emoji.replace('\u{200d}', "");
    html.element("i", &[("class", "emoji"), ("style", &style)], |html| {
        html.element("b", &[], |html| html.text(&shown));
    });
}
