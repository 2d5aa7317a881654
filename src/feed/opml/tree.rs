//! Reads the outlines of an OPML file, as leniently as readers write them.
//!
//! SECURITY: entities that grow (billion laughs) or that name files -> only the predefined names of XML and HTML and
//! numeric references are resolved, and a file that declares entities is refused. Depth, outlines, attributes and sizes
//! are bounded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Extra, GENERATOR};
use crate::model::link::entity;

/// The maximum depth of folders in a path; deeper ones are omitted.
const DEEPEST: usize = 16;

/// The maximum number of outlines.
const MOST_OUTLINES: usize = 20_000;

/// The longest name of a folder or feed, in characters.
const LONGEST_NAME: usize = 200;

/// The maximum number of folders of a feed.
pub(super) const MOST_FOLDERS: usize = 16;

/// The maximum number of stored attributes of an outline, and of namespaces of a file.
const MOST_ATTRIBUTES: usize = 64;

/// The namespace of FreshRSS's attributes, for files that lost its declaration.
const FRESHRSS: (&str, &str) = ("frss", "https://freshrss.org/opml");

/// An outline with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// From 1.
    pub(super) line: usize,
    /// The path of the enclosing outlines, or else the categories.
    pub(super) folders: Vec<String>,
    pub(super) title: Option<String>,
    pub(super) address: String,
    /// The page that the feed shows.
    pub(super) page: Option<String>,
    pub(super) extra: Extra,
}

/// The result of reading a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlines {
    pub(super) found: Vec<Found>,
    /// The lines and names of outlines that have neither an address nor inner outlines.
    pub(super) empty: Vec<(usize, String)>,
    /// The number of all outlines.
    pub(super) number: usize,
    /// The line of the first XML error.
    pub(super) broken: Option<usize>,
    /// The file declares entities, so its outlines are ignored.
    pub(super) declares_entities: bool,
    /// The file exceeds a limit.
    pub(super) is_cut: bool,
}

/// An outline whose end tag is still to come.
struct Open {
    /// The name, if it is a folder.
    name: Option<String>,
    line: usize,
    /// It has an address or an inner outline.
    is_used: bool,
}

/// Reads a file that begins with a tag.
pub(super) fn read(text: &str) -> Outlines {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.expand_empty_elements = true;
    let mut outlines = Outlines::default();
    let mut open: Vec<Open> = Vec::new();
    let mut namespaces = Namespaces::default();
    let mut lines = Lines::new(text);
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Ok(Event::Start(tag)) => {
                namespaces.declare(&tag);
                if is_outline(&tag) {
                    let line = lines.of(at);
                    let outline = Outline::of(&tag, &namespaces);
                    let name = outline.name().filter(|_| outline.address.is_none());
                    let is_used = outline.address.is_some() || outline.is_placeholder();
                    outlines.add(outline, &mut open, line);
                    open.push(Open { name, line, is_used });
                }
            }
            Ok(Event::End(tag)) if tag.local_name().as_ref().eq_ignore_ascii_case(b"outline") => {
                outlines.close(open.pop());
            }
            Ok(Event::DocType(declaration)) if declares_entities(&declaration) => {
                return Outlines { declares_entities: true, ..Outlines::default() };
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                outlines.broken = Some(lines.of(at));
                break;
            }
        }
        if outlines.number >= MOST_OUTLINES {
            outlines.is_cut = true;
            break;
        }
    }
    while let Some(left) = open.pop() {
        outlines.close(Some(left));
    }
    outlines.empty.sort();
    outlines
}

impl Outlines {
    fn add(&mut self, outline: Outline, open: &mut [Open], line: usize) {
        self.number += 1;
        if let Some(around) = open.last_mut() {
            around.is_used = true;
        }
        let title = outline.name();
        let Some(address) = outline.address else { return };
        let names = open.iter().take(DEEPEST).filter_map(|around| around.name.as_deref());
        let folder = cut(&names.collect::<Vec<_>>().join(" / "));
        let folders = if folder.is_empty() { outline.categories } else { vec![folder] };
        let (page, mut extra) = (outline.page, outline.extra);
        extra.text = outline.text.filter(|text| title.as_ref() != Some(text));
        self.found.push(Found { line, folders, title, address, page, extra });
    }

    fn close(&mut self, open: Option<Open>) {
        if let Some(open) = open.filter(|open| !open.is_used) {
            self.empty.push((open.line, open.name.unwrap_or_default()));
        }
    }
}

/// The attributes of an outline. The names of known ones are case-insensitive.
#[derive(Default)]
struct Outline {
    text: Option<String>,
    title: Option<String>,
    address: Option<String>,
    page: Option<String>,
    categories: Vec<String>,
    extra: Extra,
}

impl Outline {
    fn of(tag: &BytesStart<'_>, namespaces: &Namespaces) -> Self {
        let mut outline = Self::default();
        let mut other = None;
        for attribute in tag.attributes().with_checks(false).flatten().take(MOST_ATTRIBUTES) {
            let value = entity::resolve(&String::from_utf8_lossy(&attribute.value));
            let trimmed = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            let name = String::from_utf8_lossy(attribute.key.as_ref());
            match name.to_ascii_lowercase().as_str() {
                "text" => outline.text = trimmed,
                "title" => outline.title = trimmed,
                "xmlurl" => outline.address = trimmed,
                "htmlurl" => outline.page = trimmed,
                "type" => outline.extra.kind = trimmed.filter(|kind| kind != "rss"),
                "url" => {
                    outline.keep(&name, &value, namespaces);
                    other = trimmed;
                }
                "category" => {
                    outline.categories = categories(&value);
                    outline.keep(&name, &value, namespaces);
                }
                _ => outline.keep(&name, &value, namespaces),
            }
        }
        if outline.address.is_none() {
            outline.address = other;
            outline.extra.attributes.retain(|(name, _)| !name.eq_ignore_ascii_case("url"));
        }
        outline
    }

    /// Stores an attribute that has no meaning here, with the namespace of its name.
    fn keep(&mut self, name: &str, value: &str, namespaces: &Namespaces) {
        let Extra { attributes, namespaces: used, .. } = &mut self.extra;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let is_declaration = name == "xmlns" || prefix == "xmlns";
        let is_known = attributes.iter().any(|(known, _)| known == name);
        if is_declaration || is_known || !is_plain(local) {
            return;
        }
        if !prefix.is_empty() && prefix != "xml" {
            let Some(address) = namespaces.get(prefix) else { return };
            if !used.iter().any(|(known, _)| known == prefix) {
                used.push((prefix.to_owned(), address.to_owned()));
            }
        }
        let value = crate::text::clean(value).into_owned();
        attributes.push((name.to_owned(), value));
    }

    /// The title or text; `None` if it was decoded wrongly.
    fn name(&self) -> Option<String> {
        let name = self.title.as_ref().or(self.text.as_ref())?;
        Some(cut(name)).filter(|name| !name.is_empty() && !name.contains('\u{fffd}'))
    }

    /// The outline that feedline writes into an empty list, because a body must have one.
    fn is_placeholder(&self) -> bool {
        self.text.as_deref() == Some(GENERATOR) && self.title.is_none()
    }
}

/// The folders of an attribute `category`: `Garden,/Fruit/Plums`.
fn categories(value: &str) -> Vec<String> {
    let mut folders = Vec::new();
    for category in value.split(',') {
        let parts = category.split('/').map(str::trim).filter(|part| !part.is_empty());
        let folder = cut(&parts.collect::<Vec<_>>().join(" / "));
        if !folder.is_empty() && !folders.contains(&folder) && folders.len() < MOST_FOLDERS {
            folders.push(folder);
        }
    }
    folders
}

/// The declared namespaces of a file, by prefix.
#[derive(Default)]
struct Namespaces(Vec<(String, String)>);

impl Namespaces {
    fn declare(&mut self, tag: &BytesStart<'_>) {
        for attribute in tag.attributes().with_checks(false).flatten().take(MOST_ATTRIBUTES) {
            let name = String::from_utf8_lossy(attribute.key.as_ref());
            let Some(prefix) = name.strip_prefix("xmlns:").filter(|prefix| is_plain(prefix)) else {
                continue;
            };
            let address = entity::resolve(&String::from_utf8_lossy(&attribute.value));
            let is_sound = matches!(crate::text::clean(&address), std::borrow::Cow::Borrowed(_));
            if address.is_empty() || !is_sound || prefix.starts_with("xml") {
                continue;
            }
            if let Some((_, known)) = self.0.iter_mut().find(|(known, _)| known == prefix) {
                *known = address;
            } else if self.0.len() < MOST_ATTRIBUTES {
                self.0.push((prefix.to_owned(), address));
            }
        }
    }

    fn get(&self, prefix: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == prefix);
        let found = found.map(|(_, address)| address.as_str());
        found.or_else(|| (prefix == FRESHRSS.0).then_some(FRESHRSS.1))
    }
}

/// Whether this is an XML name in ASCII, without a colon.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
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

/// Line numbers of increasing offsets.
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
