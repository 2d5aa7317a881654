//! Telegram's formatted text to [`RichText`], by an allow-list of elements.

use scraper::ElementRef;

use super::emoji;
use crate::telegram::address;
use crate::telegram::selectors::{EMOJI, TEXT};
use crate::telegram::tree::{Event, Step, attribute, classes, has_class, walk};
use crate::telegram::warning::{WarningKind, Warnings};
use crate::text::{self, Builder, RichText, Span, Style, clean};

/// The longest name, title or label, in bytes.
const LONGEST_LINE: usize = 4096;

/// The formatted text inside an element.
pub(crate) fn rich(element: ElementRef<'_>, warnings: &mut Warnings) -> RichText {
    rich_without(element, |_| false, warnings)
}

/// The same without some elements.
pub(super) fn rich_without(
    element: ElementRef<'_>,
    is_left_out: impl Fn(ElementRef<'_>) -> bool,
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
        Event::Open(element) if is_left_out(element) => Step::Over,
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
                Some(Closing::Edge(edge)) => edge.tell(&mut builder),
                Some(Closing::Nothing) | None => {}
            }
            Step::Into
        }
    });
    if builder.is_full() {
        warnings.tell(WarningKind::TooLong, element.value().name(), "");
    }
    builder.finish()
}

/// The characters inside an element as one line: names, titles, labels. A line without end ends with an ellipsis.
pub(crate) fn line(element: ElementRef<'_>) -> String {
    let lines = lines(element, LONGEST_LINE);
    clean(&lines).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is to be closed when an element ends.
enum Closing {
    Span,
    Quote,
    Edge(Edge),
    Nothing,
}

/// What separates an element's words from those round it.
#[derive(Clone, Copy)]
enum Edge {
    Paragraph,
    Line,
    Space,
}

impl Edge {
    /// That of an element of HTML; `None` for what runs within a line.
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

    fn tell(self, builder: &mut Builder) {
        match self {
            Self::Paragraph => builder.new_paragraph(),
            Self::Line => builder.new_line(),
            Self::Space => builder.text(" "),
        }
    }
}

/// Tells the builder of an element; `None` when its children are not to be looked at any more.
fn begin(
    element: ElementRef<'_>,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    let name = element.value().name();
    let style = match name {
        "b" | "strong" => Style::Bold,
        "i" if has_class(element, EMOJI) => {
            builder.text(&emoji::character(element));
            return None;
        }
        "i" | "em" if attribute(element, "class").is_none() => Style::Italic,
        "u" | "ins" => Style::Underline,
        "s" | "strike" | "del" => Style::Strike,
        "tg-spoiler" => Style::Spoiler,
        "span" if has_class(element, "tg-spoiler") => Style::Spoiler,
        _ => return begin_other(element, name, builder, warnings),
    };
    builder.open(Span::Style(style));
    Some(Closing::Span)
}

fn begin_other(
    element: ElementRef<'_>,
    name: &str,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    match name {
        "br" => {
            builder.line_break();
            None
        }
        "a" => begin_link(element, builder, warnings),
        "code" => {
            builder.code(&lines(element, text::LARGEST));
            None
        }
        "pre" => {
            builder.preformatted(language(element), &lines(element, text::LARGEST));
            None
        }
        "blockquote" => {
            builder.open_quote(attribute(element, "expandable").is_some());
            Some(Closing::Quote)
        }
        "tg-emoji" => {
            custom_emoji(element, builder);
            None
        }
        // `mark` shows the words that were searched for; `i` with a class is an icon; a text may hold another.
        "span" | "mark" | "i" | "em" => Some(Closing::Nothing),
        "div" if has_class(element, TEXT) => Some(Closing::Nothing),
        "script" | "style" | "svg" | "template" | "noscript" => None,
        other => {
            warnings.count(WarningKind::UnknownElement, other);
            let Some(edge) = Edge::of(other) else { return Some(Closing::Nothing) };
            edge.tell(builder);
            Some(Closing::Edge(edge))
        }
    }
}

/// A tag, a mention, or a link.
fn begin_link(
    element: ElementRef<'_>,
    builder: &mut Builder,
    warnings: &mut Warnings,
) -> Option<Closing> {
    let Some(href) = address::href(element) else { return Some(Closing::Nothing) };
    if let Some(tag) = address::tag_of(&href, || line(element)) {
        begin_tag(&tag, &line(element), builder);
        return None;
    }
    let Some(address) = address::normalise(&href) else {
        // A search for words that are no tag is an address on the page itself.
        if !href.starts_with('?') {
            warnings.tell(WarningKind::BadValue, "a[href]", &href);
        }
        return Some(Closing::Nothing);
    };
    if let Some(name) = address::name_of(&address) {
        let shown = line(element);
        if let Some(mentioned) = shown.strip_prefix('@')
            && mentioned.eq_ignore_ascii_case(name)
        {
            builder.mention(mentioned);
            return None;
        }
    }
    builder.open(Span::Link(address));
    Some(Closing::Span)
}

/// A tag. One that is bound to a channel (`#tea@pot`) is the tag, and then a mention of the channel.
fn begin_tag(linked: &str, shown: &str, builder: &mut Builder) {
    let (tag, channel) = linked.split_once('@').unwrap_or((linked, ""));
    builder.tag(tag);
    let channel =
        shown.strip_prefix(tag).and_then(|rest| rest.strip_prefix('@')).unwrap_or(channel);
    if !channel.is_empty() {
        builder.mention(channel);
    }
}

fn custom_emoji(element: ElementRef<'_>, builder: &mut Builder) {
    let shown = line(element);
    match custom_emoji_id(element) {
        Some(id) => builder.custom_emoji(id, &shown),
        None => builder.text(&shown),
    }
}

/// Telegram's number of a custom emoji.
pub(super) fn custom_emoji_id(element: ElementRef<'_>) -> Option<u64> {
    let id = attribute(element, "emoji-id")?;
    if id.bytes().all(|byte| byte.is_ascii_digit()) { id.parse().ok() } else { None }
}

/// The language of a block of code: `language-rust` on the block or on the `code` that is all of it.
fn language(pre: ElementRef<'_>) -> Option<&str> {
    let of = |element| classes(element).find_map(|class| class.strip_prefix("language-"));
    of(pre)
        .or_else(|| pre.child_elements().find(|child| child.value().name() == "code").and_then(of))
}

/// The characters inside an element, `br` as line feeds, emoji as characters: `longest` bytes of them at most, from as many
/// elements.
///
/// SECURITY: names in names, two hundred deep, round all that fits on a page -> each would be read as a whole.
fn lines(element: ElementRef<'_>, longest: usize) -> String {
    let mut lines = String::new();
    let mut elements = 0;
    // Whether each open element stands apart from what is round it.
    let mut edges: Vec<bool> = Vec::new();
    walk(element, |event| {
        elements += usize::from(matches!(event, Event::Open(_)));
        if lines.len() > longest || elements > longest {
            return Step::End;
        }
        match event {
            Event::Text(text) => {
                lines.push_str(&text[..text.floor_char_boundary(longest + 4)]);
            }
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
                    edges.push(Edge::of(name).is_some());
                    separate(&mut lines, edges.last());
                    return Step::Into;
                }
            },
            Event::Close => separate(&mut lines, edges.pop().as_ref()),
        }
        Step::Into
    });
    if lines.len() > longest {
        lines.truncate(lines.floor_char_boundary(longest));
        lines.push('…');
    }
    lines
}

/// Begins a line at the edge of a block, unless one begins there anyway.
fn separate(lines: &mut String, is_edge: Option<&bool>) {
    if is_edge == Some(&true) && !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
}
