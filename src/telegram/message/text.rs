//! Converts Telegram's formatted text to [`RichText`], by an allow-list of elements.

use scraper::ElementRef;

use super::emoji;
use crate::telegram::address;
use crate::telegram::selectors::{EMOJI, TEXT};
use crate::telegram::tree::{Event, Step, attribute, classes, find, has_class, walk};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{self, Builder, RichText, Span, Style, clean, is_blank};

/// Longest name, title or label, in bytes.
const MAX_LINE: usize = 4096;

pub(crate) fn rich(element: ElementRef<'_>, warnings: &mut Warnings) -> RichText {
    rich_without(element, |_| false, warnings)
}

/// The formatted text inside an element, without some elements.
pub(super) fn rich_without(
    element: ElementRef<'_>,
    is_skipped: impl Fn(ElementRef<'_>) -> bool,
    warnings: &mut Warnings,
) -> RichText {
    let mut builder = Builder::new();
    let mut open: Vec<Closing> = Vec::new();
    walk(element, |event| match event {
        _ if builder.is_full() => Step::End,
        Event::Text(text) => {
            builder.text(text);
            Step::Into
        }
        Event::Open(element) if is_skipped(element) => Step::Over,
        Event::Open(element) => match begin(element, &mut builder, warnings) {
            Some(closing) => {
                open.push(closing);
                Step::Into
            }
            None => Step::Over,
        },
        Event::Close => {
            match open.pop() {
                Some(Closing::Span) => builder.close(),
                Some(Closing::Quote) => builder.close_quote(),
                Some(Closing::Edge(edge)) => edge.write(&mut builder),
                Some(Closing::Nothing) | None => {}
            }
            Step::Into
        }
    });
    if builder.is_full() {
        warnings.add(WarningKind::TooLong, element.value().name(), "");
    }
    builder.finish()
}

/// The text inside an element on one line, for names, titles and labels. Truncated with an ellipsis.
pub(crate) fn line(element: ElementRef<'_>) -> String {
    let lines = lines(element, MAX_LINE);
    clean(&lines).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn nonblank_line(element: ElementRef<'_>) -> Option<String> {
    Some(line(element)).filter(|line| !is_blank(line))
}

/// The line of the first element inside with a class.
pub(super) fn line_of(element: ElementRef<'_>, class: &str) -> Option<String> {
    find(element, class).and_then(nonblank_line)
}

/// What the end of an element closes.
enum Closing {
    Span,
    Quote,
    Edge(Edge),
    Nothing,
}

/// The separator around the text of an element.
#[derive(Clone, Copy)]
enum Edge {
    Paragraph,
    Line,
    Space,
}

impl Edge {
    /// `None` for inline elements.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "address" | "article" | "aside" | "blockquote" | "center" | "details" | "dialog"
            | "div" | "dl" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "h1"
            | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hr" | "legend" | "main" | "menu"
            | "nav" | "ol" | "p" | "pre" | "section" | "summary" | "table" | "ul" => {
                Self::Paragraph
            }
            "caption" | "dd" | "dt" | "li" | "option" | "tbody" | "tfoot" | "thead" | "tr" => {
                Self::Line
            }
            "td" | "th" => Self::Space,
            _ => return None,
        })
    }

    fn write(self, builder: &mut Builder) {
        match self {
            Self::Paragraph => builder.new_paragraph(),
            Self::Line => builder.new_line(),
            Self::Space => builder.text(" "),
        }
    }
}

/// Begins an element; `None` if its children are to be skipped.
fn begin(
    element: ElementRef<'_>,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    let style = match element.value().name() {
        "b" | "strong" => Style::Bold,
        "i" | "em" if attribute(element, "class").is_none() => Style::Italic,
        "u" | "ins" => Style::Underline,
        "s" | "strike" | "del" => Style::Strike,
        "tg-spoiler" => Style::Spoiler,
        "span" if has_class(element, "tg-spoiler") => Style::Spoiler,
        _ => return begin_unstyled(element, builder, warnings),
    };
    builder.open(Span::Style(style));
    Some(Closing::Span)
}

fn begin_unstyled(
    element: ElementRef<'_>,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    match element.value().name() {
        "br" => builder.line_break(),
        "i" if has_class(element, EMOJI) => builder.text(&emoji::character(element)),
        "tg-emoji" => {
            let emoji = line(element);
            match custom_emoji_id(element) {
                Some(id) => builder.custom_emoji(id, &emoji),
                None => builder.text(&emoji),
            }
        }
        "code" => builder.code(&lines(element, text::MAX_WEIGHT)),
        "pre" => builder.preformatted(language(element), &lines(element, text::MAX_WEIGHT)),
        "script" | "style" | "svg" | "template" | "noscript" => {}
        "a" => return begin_link(element, builder, warnings),
        "blockquote" => {
            builder.open_quote(attribute(element, "expandable").is_some());
            return Some(Closing::Quote);
        }
        // `mark` is a search hit; `i` with a class is an icon.
        "span" | "mark" | "i" | "em" => return Some(Closing::Nothing),
        // A text inside a text.
        "div" if has_class(element, TEXT) => return Some(Closing::Nothing),
        other => {
            warnings.count(WarningKind::UnknownElement, other);
            let Some(edge) = Edge::of(other) else { return Some(Closing::Nothing) };
            edge.write(builder);
            return Some(Closing::Edge(edge));
        }
    }
    None
}

/// Begins a tag, mention or link.
fn begin_link(
    element: ElementRef<'_>,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    let Some(href) = address::href(element) else { return Some(Closing::Nothing) };
    if let Some(tag) = address::tag_of(&href, || line(element)) {
        add_tag(&tag, &line(element), builder);
        return None;
    }
    let Some(address) = address::normalise(&href) else {
        // `?q=words` is a search on the page itself.
        if !href.starts_with('?') {
            warnings.add(WarningKind::BadValue, "a[href]", &href);
        }
        return Some(Closing::Nothing);
    };
    if let Some(name) = address::name_of(&address)
        && let Some(mentioned) = line(element).strip_prefix('@')
        && mentioned.eq_ignore_ascii_case(name)
    {
        builder.mention(mentioned);
        return None;
    }
    builder.open(Span::Link(address));
    Some(Closing::Span)
}

/// Adds a tag. A tag that is bound to a channel (`#tea@pot`) becomes the tag and a mention of the channel.
fn add_tag(linked: &str, shown: &str, builder: &mut Builder) {
    let (tag, channel) = linked.split_once('@').unwrap_or((linked, ""));
    builder.tag(tag);
    let channel =
        shown.strip_prefix(tag).and_then(|rest| rest.strip_prefix('@')).unwrap_or(channel);
    if !channel.is_empty() {
        builder.mention(channel);
    }
}

pub(super) fn custom_emoji_id(element: ElementRef<'_>) -> Option<u64> {
    let id = attribute(element, "emoji-id")?;
    if id.bytes().all(|byte| byte.is_ascii_digit()) { id.parse().ok() } else { None }
}

/// `language-rust` on the block or on a `code` child.
fn language(pre: ElementRef<'_>) -> Option<&str> {
    let code = pre.child_elements().filter(|child| child.value().name() == "code").take(1);
    std::iter::once(pre)
        .chain(code)
        .find_map(|element| classes(element).find_map(|class| class.strip_prefix("language-")))
}

/// The text inside an element, with line feeds for `br` and characters for emoji, from at most `max` elements; truncated to
/// `max` bytes.
///
/// SECURITY: names nested two hundred deep around a whole page, each read with all its text -> limit.
fn lines(element: ElementRef<'_>, max: usize) -> String {
    let mut lines = String::new();
    let mut elements = 0;
    // For each open element, whether it begins and ends a line.
    let mut blocks: Vec<bool> = Vec::new();
    walk(element, |event| {
        elements += usize::from(matches!(event, Event::Open(_)));
        if lines.len() > max || elements > max {
            return Step::End;
        }
        match event {
            Event::Text(text) => lines.push_str(&text[..text.floor_char_boundary(max + 4)]),
            Event::Open(element) => match element.value().name() {
                "br" => {
                    lines.push('\n');
                    return Step::Over;
                }
                "i" if has_class(element, EMOJI) => {
                    lines.push_str(&emoji::character(element));
                    return Step::Over;
                }
                "script" | "style" | "svg" | "template" => return Step::Over,
                name => {
                    let is_block = Edge::of(name).is_some();
                    blocks.push(is_block);
                    if is_block {
                        begin_line(&mut lines);
                    }
                }
            },
            Event::Close => {
                if blocks.pop() == Some(true) {
                    begin_line(&mut lines);
                }
            }
        }
        Step::Into
    });
    if lines.len() > max {
        lines.truncate(lines.floor_char_boundary(max));
        lines.push('…');
    }
    lines
}

fn begin_line(lines: &mut String) {
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
}
