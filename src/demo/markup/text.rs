//! Texts as people type them into Telegram, and what Telegram's pages make of them.
//!
//! The markup is described at [`Text::Written`]. Unclosed markers are plain characters; depth is bounded because a
//! marker cannot stand inside itself.

use unicode_segmentation::UnicodeSegmentation;

use super::super::message::Text;
use super::html::{FLAG, Html};

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
pub(in super::super) fn plain(text: &Text) -> String {
    match text {
        Text::Html(raw) => raw.clone(),
        Text::Written(written) => {
            let mut out = String::new();
            collect_plain(&parse(written), &mut out);
            out
        }
    }
}

/// Whether every word of `query` begins a word of `text`; ё counts as е.
pub(super) fn matches(text: &str, query: &str) -> bool {
    let present = words(text);
    words(query).iter().all(|word| present.iter().any(|other| other.starts_with(word.as_str())))
}

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('ё', "е"))
        .collect()
}

enum Node {
    Plain(String),
    Break,
    Styled(&'static str, Vec<Node>),
    Link(Vec<Node>, String),
    Code(String),
    Pre(String, String),
    Quote(bool, Vec<Node>),
    CustomEmoji(String, String),
}

/// What stands on both sides of a styled text, and the tag for it.
const MARKERS: [(&str, &str); 5] =
    [("**", "b"), ("__", "i"), ("++", "u"), ("~~", "s"), ("||", "tg-spoiler")];

/// Blocks: code between fences, quotes by their first character, lines.
fn parse(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some((node, after)) = fence(rest) {
            nodes.push(node);
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        if rest.starts_with("> ") || rest.starts_with(">> ") {
            let (node, after) = quote(rest);
            nodes.push(node);
            rest = after;
            continue;
        }
        let end = rest.find('\n').unwrap_or(rest.len());
        nodes.extend(inline(&rest[..end]));
        if end < rest.len() {
            nodes.push(Node::Break);
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    nodes
}

fn fence(text: &str) -> Option<(Node, &str)> {
    let (language, body) = text.strip_prefix("```")?.split_once('\n')?;
    let (code, after) = body.split_once("\n```")?;
    Some((Node::Pre(language.to_owned(), code.to_owned()), after))
}

fn quote(text: &str) -> (Node, &str) {
    let marker = if text.starts_with(">> ") { ">> " } else { "> " };
    let mut rest = text;
    let mut inside = Vec::new();
    while let Some(line) = rest.strip_prefix(marker) {
        if !inside.is_empty() {
            inside.push(Node::Break);
        }
        let end = line.find('\n').unwrap_or(line.len());
        inside.extend(inline(&line[..end]));
        rest = line.get(end + 1..).unwrap_or("");
    }
    (Node::Quote(marker == ">> ", inside), rest)
}

fn inline(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let whole_address = rest.starts_with("http://") || rest.starts_with("https://");
        let found = if whole_address { None } else { spanned(rest) };
        if let Some((node, after)) = found {
            if !plain.is_empty() {
                nodes.push(Node::Plain(std::mem::take(&mut plain)));
            }
            nodes.push(node);
            rest = after;
            continue;
        }
        let length = if whole_address {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    if !plain.is_empty() {
        nodes.push(Node::Plain(plain));
    }
    nodes
}

/// A marked span at the start of `text`, and what follows it.
fn spanned(text: &str) -> Option<(Node, &str)> {
    for (marker, tag) in MARKERS {
        if let Some((inside, after)) =
            text.strip_prefix(marker).and_then(|body| body.split_once(marker))
            && !inside.is_empty()
        {
            return Some((Node::Styled(tag, inline(inside)), after));
        }
    }
    if let Some((code, after)) = text.strip_prefix('`').and_then(|body| body.split_once('`')) {
        return Some((Node::Code(code.to_owned()), after));
    }
    if let Some((label, rest)) = text.strip_prefix('[').and_then(|body| body.split_once("]("))
        && let Some((address, after)) = rest.split_once(')')
    {
        return Some((Node::Link(inline(label), address.to_owned()), after));
    }
    let (number, rest) = text.strip_prefix('{')?.split_once('|')?;
    let (emoji, after) = rest.split_once('}')?;
    number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| (Node::CustomEmoji(number.to_owned(), emoji.to_owned()), after))
}

fn any_custom(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::CustomEmoji(..) => true,
        Node::Styled(_, inside) | Node::Link(inside, _) | Node::Quote(_, inside) => {
            any_custom(inside)
        }
        Node::Plain(_) | Node::Break | Node::Code(_) | Node::Pre(..) => false,
    })
}

fn collect_plain(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Plain(text) | Node::Code(text) => out.push_str(text),
            Node::Break => out.push('\n'),
            Node::Styled(_, inside) | Node::Link(inside, _) => collect_plain(inside, out),
            Node::Quote(_, inside) => {
                collect_plain(inside, out);
                out.push('\n');
            }
            Node::Pre(_, code) => {
                out.push_str(code);
                out.push('\n');
            }
            Node::CustomEmoji(_, emoji) => out.push_str(emoji),
        }
    }
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

/// Finds addresses, mentions, hashtags and cashtags, word by word.
fn write_linked(html: &mut Html, text: &str, query: &[String]) {
    for word in text.split_inclusive(|letter: char| letter.is_whitespace() || letter == '(') {
        let token = word.trim_end_matches(|letter: char| letter.is_whitespace() || letter == '(');
        let tail = &word[token.len()..];
        let body = token.trim_end_matches([
            '.', ',', '!', '?', ':', ';', ')', '。', '，', '！', '、', '»', '؟', '،',
        ]);
        let closing = &token[body.len()..];
        if !write_link(html, body, query) {
            write_plain(html, body, query);
        }
        write_plain(html, closing, query);
        html.text(tail);
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

#[cfg(test)]
mod tests {
    use super::{Html, Text, has_custom_emoji, matches, plain, write};

    fn html(text: &str) -> String {
        let mut html = Html::default();
        write(&mut html, &Text::from(text), "");
        html.into_string()
    }

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
            ("$TIDE", "<a href=\"?q=%24TIDE\">&#036;TIDE</a>"),
            ("a@b.org", "<a href=\"mailto:a@b.org\" target=\"_blank\">a@b.org</a>"),
            ("[call](tel:+4930123)", "<a href=\"tel:+4930123\" target=\"_blank\">call</a>"),
            ("tg://settings", "<a href=\"tg://settings\" target=\"_blank\">tg://settings</a>"),
            ("2 * 3 ** 4", "2 * 3 ** 4"),
        ] {
            assert_eq!(html(text), expected, "{text}");
        }
    }

    #[test]
    fn only_titled_links_ask_first_and_are_escaped_twice() {
        assert_eq!(
            html("[more](https://x.org/?a=1&b=2) https://x.org/?a=1&b=2"),
            "<a href=\"https://x.org/?a=1&amp;amp;b=2\" target=\"_blank\" rel=\"noopener\" \
             onclick=\"return confirm('Open this link?\\n\\n'+this.href);\">more</a> \
             <a href=\"https://x.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\">https://x.org/?a=1&amp;b=2</a>"
        );
    }

    #[test]
    fn emoji_files_keep_the_joiner_that_the_text_loses() {
        assert_eq!(
            html("❤️\u{200d}🔥"),
            "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/E29DA4E2808DF09F94A5.png')\">\
             <b>❤\u{fe0f}🔥</b></i>"
        );
        assert!(html("{5389|⌚️}").starts_with("<tg-emoji emoji-id=\"5389\"><i class=\"emoji\""));
        assert!(has_custom_emoji(&Text::from("**{5|⌚️}**")));
    }

    #[test]
    fn search_finds_the_beginnings_of_words_and_marks_them() {
        assert!(matches("Полёт к звёздам", "звезд полет"));
        assert!(!matches("Полёт к звёздам", "луна"));
        let mut page = Html::default();
        write(&mut page, &Text::from("The lamps are lit"), "lamp");
        assert_eq!(page.into_string(), "The <mark class=\"highlight\">lamps</mark> are lit");
    }

    #[test]
    fn a_plain_text_has_lines_and_no_markup() {
        assert_eq!(
            plain(&Text::from("**Tide**\n> low\nat [noon](https://x.org)")),
            "Tide\nlow\nat noon"
        );
    }
}
