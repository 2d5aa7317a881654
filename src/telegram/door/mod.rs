//! The door: one pass over the text of a page, before any tree is built.
//!
//! SECURITY: a page made to cost us minutes -> the HTML parser's work is bounded before it begins. It is quadratic
//! and worse in nesting, in formatting elements that it must open again, and in attributes, and it cannot be stopped
//! once it runs. The pass reads tags as the parser's tokenizer does; where the two could disagree about what is a
//! tag, it counts more than there is, and refuses a page where something that only one of them takes for a tag could
//! hide tags from it. Its stack closes an element by its own end tag only, so that it never holds less than the
//! parser's: Telegram's pages are well nested, a page that is not pays for it.

mod element;

use std::fmt;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use super::error::NotAPage;
use element::{Kind, NEVER_NESTED, NO_DRAWING, is_one_of};

/// The largest page, in bytes.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// The most tags, opening and closing.
pub(super) const MOST_TAGS: usize = 100_000;
/// The most elements open at once.
pub(super) const DEEPEST: usize = 256;
/// The most attributes of one tag.
pub(super) const MOST_ATTRIBUTES: usize = 64;
/// The most steps. Each tag, attribute and stray `<` is one, each `&` is two, as is each `<` in a script. A tag costs one
/// more for every formatting element that is open round it and each of its attributes, which the parser may copy, and
/// for every 32 elements that it stands in, through which the parser may search. A real page takes
/// some 5,000 to 20,000.
pub(super) const MOST_STEPS: usize = 300_000;
/// What an entity costs, and whatever else makes the parser stop within a text, in steps.
const ENTITY: usize = 2;

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
            Self::Ambiguous => {
                formatter.write_str("what may be tags, hidden in scripts, attributes or comments")
            }
        }
    }
}

/// Checks a page against all bounds.
pub(super) fn check(html: &str) -> Result<(), NotAPage> {
    if html.len() > MOST_BYTES {
        return Err(NotAPage::Bounds(Bound::Bytes));
    }
    Door::new(html).pass().map_err(NotAPage::Bounds)
}

struct Door<'a> {
    bytes: &'a [u8],
    at: usize,
    tags: usize,
    steps: usize,
    open: Vec<Open<'a>>,
    /// Formatting elements open, and their attributes.
    formatting: usize,
    /// Drawings open.
    drawings: usize,
    /// Elements open inside which content may not be text.
    strange: usize,
    /// Attributes of `html` and `body`, which the parser gathers from all such tags in one list each.
    gathered: usize,
    /// Something was seen after which the parser may not be where this pass thinks it is: from there on no content is
    /// taken for text, and no slash closes an element.
    is_unsure: bool,
}

struct Open<'a> {
    name: &'a [u8],
    kind: Kind,
    is_svg: bool,
    /// What each tag inside costs for it.
    cost: usize,
}

struct Tag<'a> {
    name: &'a [u8],
    attributes: usize,
    /// It ends with a slash that is no part of an attribute's value.
    has_slash: bool,
}

impl<'a> Door<'a> {
    fn new(html: &'a str) -> Self {
        Self {
            bytes: html.as_bytes(),
            at: 0,
            tags: 0,
            steps: 0,
            open: Vec::new(),
            formatting: 0,
            drawings: 0,
            strange: 0,
            gathered: 0,
            is_unsure: false,
        }
    }

    fn pass(&mut self) -> Result<(), Bound> {
        while let Some(found) = memchr3(b'<', b'&', 0, &self.bytes[self.at..]) {
            let byte = self.bytes[self.at + found];
            self.at += found + 1;
            self.step(if byte == b'<' { 1 } else { ENTITY })?;
            if byte == b'<' {
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
            [b'!', b'-', b'-', ..] => {
                self.count_tag()?;
                self.comment()?;
            }
            [b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] if self.is_strange() => {
                return Err(Bound::Ambiguous);
            }
            [b'!' | b'?', ..] => {
                self.count_tag()?;
                self.skip_past(b'>');
            }
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                self.at += 1;
                self.end_tag()?;
            }
            [b'/', ..] => {
                self.count_tag()?;
                self.skip_past(b'>');
            }
            [letter, ..] if letter.is_ascii_alphabetic() => self.start_tag()?,
            _ => {}
        }
        Ok(())
    }

    /// A tag, or a comment, which is a node of the tree too.
    fn count_tag(&mut self) -> Result<(), Bound> {
        self.tags += 1;
        if self.tags > MOST_TAGS { Err(Bound::Tags) } else { Ok(()) }
    }

    fn skip_past(&mut self, byte: u8) {
        let rest = &self.bytes[self.at..];
        self.at += memchr(byte, rest).map_or(rest.len(), |found| found + 1);
    }

    /// A comment ends with `-->` or `--!>`, and at once with `>` or `->`.
    fn comment(&mut self) -> Result<(), Bound> {
        self.at += 3;
        let start = self.at;
        let rest = &self.bytes[start..];
        if rest.starts_with(b">") || rest.starts_with(b"->") {
            self.skip_past(b'>');
            return Ok(());
        }
        let end = (0..rest.len())
            .find(|at| rest[*at..].starts_with(b"-->") || rest[*at..].starts_with(b"--!>"));
        self.at = end.map_or(self.bytes.len(), |end| start + end);
        self.skip_past(b'>');
        self.hides_nothing(start)
    }

    /// Refuses what may hide an end tag from this pass: where content may be text to the parser, and is not taken for
    /// text here, an attribute or comment that holds such a tag may be none.
    fn hides_nothing(&self, start: usize) -> Result<(), Bound> {
        if !self.is_strange() {
            return Ok(());
        }
        let hidden = &self.bytes[start..self.at];
        let has_end =
            hidden.windows(3).any(|part| part.starts_with(b"</") && part[2].is_ascii_alphabetic());
        if has_end { Err(Bound::Ambiguous) } else { Ok(()) }
    }

    fn start_tag(&mut self) -> Result<(), Bound> {
        let tag = self.tag()?;
        let kind = Kind::of(tag.name);
        self.heed(tag.name, kind);
        if is_one_of(tag.name, "html body") {
            self.gathered += tag.attributes;
            if self.gathered > MOST_ATTRIBUTES {
                return Err(Bound::Attributes);
            }
        }
        if kind == Kind::Void && (!self.is_strange() || is_one_of(tag.name, NEVER_NESTED)) {
            return Ok(());
        }
        if self.open.len() >= DEEPEST {
            return Err(Bound::Nesting);
        }
        if kind == Kind::Text && !self.is_strange() {
            return self.raw_text(tag.name);
        }
        if tag.has_slash && !self.is_unsure && self.drawings > 0 {
            return Ok(());
        }
        let cost = if kind == Kind::Formatting { 1 + tag.attributes } else { 0 };
        let is_svg = tag.name.eq_ignore_ascii_case(b"svg");
        self.formatting += cost;
        self.drawings += usize::from(is_svg);
        self.strange += usize::from(kind == Kind::Strange);
        self.open.push(Open { name: tag.name, kind, is_svg, cost });
        Ok(())
    }

    /// Notes whether a start tag may take the parser out of where this pass thinks it is: a frameset, a formula, and
    /// what ends a drawing or is HTML inside it.
    fn heed(&mut self, name: &[u8], kind: Kind) {
        self.is_unsure |= kind == Kind::Strange
            && !name.eq_ignore_ascii_case(b"template")
            && !name.eq_ignore_ascii_case(b"select");
        if self.drawings > 0 {
            let holds_text = self.open.last().is_some_and(|open| open.kind == Kind::Text);
            self.is_unsure |= holds_text || is_one_of(name, NO_DRAWING);
        }
    }

    fn end_tag(&mut self) -> Result<(), Bound> {
        let tag = self.tag()?;
        match self.open.pop_if(|open| open.name.eq_ignore_ascii_case(tag.name)) {
            Some(open) => {
                self.formatting -= open.cost;
                self.drawings -= usize::from(open.is_svg);
                self.strange -= usize::from(open.kind == Kind::Strange);
            }
            None => self.is_unsure |= self.drawings > 0,
        }
        Ok(())
    }

    /// Whether elements whose content is text may be ordinary ones here.
    fn is_strange(&self) -> bool {
        self.is_unsure || self.drawings > 0 || self.strange > 0
    }

    /// The name and attributes of a tag, as the parser's tokenizer takes them apart; stands behind its `>` then.
    fn tag(&mut self) -> Result<Tag<'a>, Bound> {
        self.count_tag()?;
        let name = self.take_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        let mut attributes = 0;
        let mut has_slash;
        loop {
            has_slash = self.take_until(|byte| !is_space(byte) && byte != b'/').ends_with(b"/");
            match self.bytes.get(self.at) {
                None => break,
                Some(b'>') => {
                    self.at += 1;
                    break;
                }
                Some(_) => self.attribute()?,
            }
            attributes += 1;
            if attributes > MOST_ATTRIBUTES {
                return Err(Bound::Attributes);
            }
        }
        self.step(attributes + self.formatting + self.open.len() / 32)?;
        Ok(Tag { name, attributes, has_slash })
    }

    fn attribute(&mut self) -> Result<(), Bound> {
        let start = self.at;
        // An equals sign that comes first belongs to the name.
        self.at += 1;
        self.take_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='));
        let behind_name = self.at;
        self.take_until(|byte| !is_space(byte));
        if self.bytes.get(self.at) != Some(&b'=') {
            self.at = behind_name;
            return Ok(());
        }
        self.at += 1;
        self.take_until(|byte| !is_space(byte));
        match self.bytes.get(self.at) {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                let start = self.at;
                self.skip_past(*quote);
                self.hides_nothing(start)?;
            }
            Some(b'>') | None => {}
            Some(_) => {
                self.take_until(|byte| is_space(byte) || byte == b'>');
            }
        }
        let entities = memchr_iter(b'&', &self.bytes[start..self.at]).count();
        self.step(entities * ENTITY)
    }

    /// Everything up to the element's own end tag.
    fn raw_text(&mut self, name: &[u8]) -> Result<(), Bound> {
        let start = self.at;
        let mut from = start;
        while let Some(found) = memchr2(b'<', b'&', &self.bytes[from..]) {
            let at = from + found;
            self.step(ENTITY)?;
            if self.bytes[at] == b'&' {
                from = at + 1;
                continue;
            }
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
                if name.eq_ignore_ascii_case(b"script") && nests {
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
