//! The door: one pass over the text of a page, before any tree is built.
//!
//! SECURITY: a page made to cost us minutes -> the HTML parser's work is bounded before it begins. It is quadratic
//! and worse in nesting, in formatting elements that it must open again, and in attributes, and it cannot be stopped
//! once it runs. The pass reads tags as the parser's tokenizer does; where the two could disagree about what is a
//! tag, it refuses the page or counts more than there is. Its stack closes an element by its own end tag only, so
//! that it never holds less than the parser's: Telegram's pages are well nested, a page that is not pays for it.

use std::fmt;

use super::error::NotAPage;

/// The largest page, in bytes.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most tags, opening and closing.
pub(super) const MOST_TAGS: usize = 100_000;
/// The most elements open at once.
pub(super) const DEEPEST: usize = 256;
/// The most attributes of one tag.
pub(super) const MOST_ATTRIBUTES: usize = 64;
/// The most steps: each tag, attribute, entity and stray sign is one, and each tag one more for every formatting
/// element that is open round it and each of its attributes, which the parser may copy.
pub(super) const MOST_STEPS: usize = 600_000;

/// Which bound a page goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Its length.
    Bytes,
    /// Its tags.
    Tags,
    /// Elements open at once.
    Nesting,
    /// Attributes of one tag.
    Attributes,
    /// What the parser would have to do.
    Steps,
    /// A construction that Telegram never prints and that hides tags from this pass.
    Ambiguous,
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => write!(formatter, "more than {MOST_BYTES} bytes"),
            Self::Tags => write!(formatter, "more than {MOST_TAGS} tags"),
            Self::Nesting => write!(formatter, "elements nested deeper than {DEEPEST}"),
            Self::Attributes => {
                write!(formatter, "a tag with more than {MOST_ATTRIBUTES} attributes")
            }
            Self::Steps => write!(formatter, "more than {MOST_STEPS} steps of work for the parser"),
            Self::Ambiguous => formatter.write_str("tags hidden in scripts or character data"),
        }
    }
}

/// Elements without content or end tag.
const VOID: [&str; 20] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
    "input", "keygen", "link", "meta", "param", "source", "track", "wbr", "rb",
];

/// Elements that the parser opens again where they were closed out of order.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements whose content is text.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Elements in which `RAW` elements may be ordinary ones.
const NOT_RAW_INSIDE: [&str; 5] = ["svg", "math", "select", "frameset", "template"];

/// Checks a page against all bounds.
pub(super) fn check(html: &str) -> Result<(), NotAPage> {
    if html.len() > MOST_BYTES {
        return Err(NotAPage::Bounds(Bound::Bytes));
    }
    Door::new(html.as_bytes()).pass().map_err(NotAPage::Bounds)
}

struct Door<'a> {
    bytes: &'a [u8],
    at: usize,
    tags: usize,
    steps: usize,
    open: Vec<Open<'a>>,
    /// Formatting elements open, and their attributes.
    formatting: usize,
    /// A frameset was seen: from there on nothing is sure.
    has_frameset: bool,
}

struct Open<'a> {
    name: &'a [u8],
    /// What each tag inside costs for it.
    cost: usize,
}

struct Tag<'a> {
    name: &'a [u8],
    attributes: usize,
}

impl<'a> Door<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            tags: 0,
            steps: 0,
            open: Vec::new(),
            formatting: 0,
            has_frameset: false,
        }
    }

    fn pass(&mut self) -> Result<(), Bound> {
        while let Some(found) =
            self.bytes[self.at..].iter().position(|byte| matches!(byte, b'<' | b'&' | 0))
        {
            self.at += found;
            self.step(1)?;
            let is_tag = self.bytes[self.at] == b'<';
            self.at += 1;
            if is_tag {
                self.markup()?;
            }
        }
        Ok(())
    }

    fn step(&mut self, steps: usize) -> Result<(), Bound> {
        self.steps += steps;
        if self.steps > MOST_STEPS { Err(Bound::Steps) } else { Ok(()) }
    }

    /// What follows `<`.
    fn markup(&mut self) -> Result<(), Bound> {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'!', b'-', b'-', ..] => self.comment(),
            [b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..]
                if self.is_inside(&NOT_RAW_INSIDE) =>
            {
                return Err(Bound::Ambiguous);
            }
            [b'!' | b'?', ..] => self.skip_past(b'>'),
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                self.at += 1;
                self.end_tag()?;
            }
            [b'/', ..] => self.skip_past(b'>'),
            [letter, ..] if letter.is_ascii_alphabetic() => self.start_tag()?,
            _ => {}
        }
        Ok(())
    }

    fn skip_past(&mut self, byte: u8) {
        let found = self.bytes[self.at..].iter().position(|known| *known == byte);
        self.at = found.map_or(self.bytes.len(), |found| self.at + found + 1);
    }

    /// A comment ends with `-->` or `--!>`, and at once with `>` or `->`.
    fn comment(&mut self) {
        self.at += 3;
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b">") || rest.starts_with(b"->") {
            return self.skip_past(b'>');
        }
        let end = (0..rest.len())
            .find(|at| rest[*at..].starts_with(b"-->") || rest[*at..].starts_with(b"--!>"));
        self.at = end.map_or(self.bytes.len(), |end| self.at + end);
        self.skip_past(b'>');
    }

    fn start_tag(&mut self) -> Result<(), Bound> {
        let tag = self.tag()?;
        if is_any(tag.name, &VOID) {
            return Ok(());
        }
        if self.open.len() >= DEEPEST {
            return Err(Bound::Nesting);
        }
        self.has_frameset |= is_any(tag.name, &["frameset"]);
        if is_any(tag.name, &RAW) && !self.has_frameset && !self.is_inside(&NOT_RAW_INSIDE) {
            return self.raw_text(tag.name);
        }
        let cost = if is_any(tag.name, &FORMATTING) { 1 + tag.attributes } else { 0 };
        self.formatting += cost;
        // The slash of `<path/>` closes elements of drawings only; elsewhere the parser does not heed it.
        let is_closed =
            self.bytes[..self.at].ends_with(b"/>") && self.is_inside(&["svg", "math"]) && cost == 0;
        if !is_closed {
            self.open.push(Open { name: tag.name, cost });
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), Bound> {
        let tag = self.tag()?;
        if let Some(open) = self.open.pop_if(|open| open.name.eq_ignore_ascii_case(tag.name)) {
            self.formatting -= open.cost;
        }
        Ok(())
    }

    /// The name and attributes of a tag, as the parser's tokenizer takes them apart; stands behind its `>` then.
    fn tag(&mut self) -> Result<Tag<'a>, Bound> {
        self.tags += 1;
        if self.tags > MOST_TAGS {
            return Err(Bound::Tags);
        }
        let name = self.take_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        let mut attributes = 0;
        loop {
            self.take_until(|byte| !is_space(byte) && byte != b'/');
            match self.bytes.get(self.at) {
                None => break,
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(_) => self.attribute(),
            }
            attributes += 1;
            if attributes > MOST_ATTRIBUTES {
                return Err(Bound::Attributes);
            }
        }
        self.step(attributes + self.formatting)?;
        Ok(Tag { name, attributes })
    }

    fn attribute(&mut self) {
        // An equals sign that comes first belongs to the name.
        self.at += 1;
        self.take_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let behind_name = self.at;
        self.take_until(|byte| !is_space(byte));
        if self.bytes.get(self.at) != Some(&b'=') {
            self.at = behind_name;
            return;
        }
        self.at += 1;
        self.take_until(|byte| !is_space(byte));
        match self.bytes.get(self.at) {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                self.skip_past(*quote);
            }
            Some(b'>') | None => {}
            Some(_) => {
                self.take_until(|byte| is_space(byte) || byte == b'>');
            }
        }
    }

    /// Everything up to the element's own end tag.
    fn raw_text(&mut self, name: &[u8]) -> Result<(), Bound> {
        let start = self.at;
        let mut from = start;
        while let Some(found) = self.bytes[from..].iter().position(|byte| *byte == b'<') {
            let at = from + found;
            let rest = &self.bytes[at + 1..];
            let is_end = rest.first() == Some(&b'/')
                && rest.get(1..=name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name))
                && rest
                    .get(name.len() + 1)
                    .is_none_or(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'));
            if is_end {
                self.at = at + 2;
                // A script inside a comment inside a script has an end tag of its own.
                let content = &self.bytes[start..at];
                let nests = find(content, b"<!--")
                    .is_some_and(|comment| find(&content[comment..], b"<script").is_some());
                if is_any(name, &["script"]) && nests {
                    return Err(Bound::Ambiguous);
                }
                self.tag()?;
                return Ok(());
            }
            from = at + 1;
        }
        self.at = self.bytes.len();
        Ok(())
    }

    fn take_until(&mut self, stop: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let taken = rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len());
        self.at += taken;
        &rest[..taken]
    }

    fn is_inside(&self, names: &[&str]) -> bool {
        self.open.iter().any(|open| is_any(open.name, names))
    }
}

fn is_any(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// ASCII, whatever its case.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests;
