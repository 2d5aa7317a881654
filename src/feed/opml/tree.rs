//! The outlines of an OPML file, as loosely as readers write them.
//!
//! SECURITY: entities that grow (a billion laughs), entities that name files -> nothing is ever expanded but XML's own five
//! and numbers, and a file that declares entities is refused. Depth, outlines and sizes are bounded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// The deepest nesting of outlines that makes folders; deeper ones are read without theirs.
const DEEPEST: usize = 16;

/// The most outlines that are looked at.
const MOST_OUTLINES: usize = 20_000;

/// The longest name of a folder or feed, in characters.
const LONGEST_NAME: usize = 200;

/// An outline with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The line of the file, from 1 on.
    pub(super) line: usize,
    /// Names of the outlines around it.
    pub(super) folder: Option<String>,
    pub(super) title: Option<String>,
    pub(super) address: String,
    /// The page of what the feed shows.
    pub(super) page: Option<String>,
}

/// What was found, and why not more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlines {
    pub(super) found: Vec<Found>,
    /// The line where the file is no XML any more.
    pub(super) broken: Option<usize>,
    /// The file declares entities, and nothing of it is believed.
    pub(super) declares_entities: bool,
    /// There were more than are looked at.
    pub(super) is_cut: bool,
}

/// Reads a file that begins with a tag.
pub(super) fn read(text: &str) -> Outlines {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut outlines = Outlines::default();
    let mut folders: Vec<Option<String>> = Vec::new();
    let (mut number, mut lines) = (0, Lines::new(text));
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Ok(Event::Start(tag)) if is_outline(&tag) => {
                number += 1;
                let outline = Outline::of(&tag);
                folders.push(outline.name().filter(|_| outline.address.is_none()));
                outlines.add(outline, &folders, lines.of(at));
            }
            Ok(Event::Empty(tag)) if is_outline(&tag) => {
                number += 1;
                outlines.add(Outline::of(&tag), &folders, lines.of(at));
            }
            Ok(Event::End(tag)) if tag.local_name().as_ref().eq_ignore_ascii_case(b"outline") => {
                folders.pop();
            }
            Ok(Event::DocType(declaration)) if declares_entities(&declaration) => {
                return Outlines { declares_entities: true, ..Outlines::default() };
            }
            Ok(Event::Eof) => return outlines,
            Ok(_) => {}
            Err(_) => {
                outlines.broken = Some(lines.of(at));
                return outlines;
            }
        }
        if number >= MOST_OUTLINES {
            outlines.is_cut = true;
            return outlines;
        }
    }
}

impl Outlines {
    fn add(&mut self, outline: Outline, folders: &[Option<String>], line: usize) {
        let title = outline.name();
        let Some(address) = outline.address else { return };
        let names: Vec<&str> = folders.iter().take(DEEPEST).flatten().map(String::as_str).collect();
        let folder = (!names.is_empty()).then(|| cut(&names.join(" / ")));
        self.found.push(Found { line, folder, title, address, page: outline.page });
    }
}

/// The attributes that we read, in whatever case they are written.
#[derive(Default)]
struct Outline {
    text: Option<String>,
    title: Option<String>,
    address: Option<String>,
    page: Option<String>,
}

impl Outline {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut outline = Self::default();
        let mut other = None;
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = || {
                let raw = String::from_utf8_lossy(&attribute.value).into_owned();
                let value = attribute.normalized_value(quick_xml::XmlVersion::default());
                let value = value.map_or(raw, Cow::into_owned).trim().to_owned();
                Some(value).filter(|value| !value.is_empty())
            };
            match attribute.key.as_ref().to_ascii_lowercase().as_slice() {
                b"text" => outline.text = value(),
                b"title" => outline.title = value(),
                b"xmlurl" => outline.address = value(),
                b"htmlurl" => outline.page = value(),
                b"url" => other = value(),
                _ => {}
            }
        }
        outline.address = outline.address.or(other);
        outline
    }

    /// A name whose encoding was not UTF-8 is none.
    fn name(&self) -> Option<String> {
        let name = self.title.as_ref().or(self.text.as_ref())?;
        Some(cut(name)).filter(|name| !name.is_empty() && !name.contains('\u{fffd}'))
    }
}

fn cut(name: &str) -> String {
    super::line(name).chars().take(LONGEST_NAME).collect()
}

fn is_outline(tag: &BytesStart<'_>) -> bool {
    tag.local_name().as_ref().eq_ignore_ascii_case(b"outline")
}

fn declares_entities(declaration: &[u8]) -> bool {
    declaration.windows(8).any(|part| part.eq_ignore_ascii_case(b"<!entity"))
}

/// Lines by places that only grow.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    fn of(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        if let Some(passed) = self.text.get(self.at..at) {
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.at = at;
        }
        self.line
    }
}
