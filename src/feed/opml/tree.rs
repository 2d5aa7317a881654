//! The outlines of an OPML file, as loosely as readers write them.
//!
//! SECURITY: entities that grow (a billion laughs), entities that name files -> nothing is ever expanded but names that XML and
//! HTML fix and numbers, and a file that declares entities is refused. Depth, outlines, attributes and sizes are bounded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Extra, GENERATOR};
use crate::model::link::entity;

/// The deepest nesting of outlines that makes folders; deeper ones are read without theirs.
const DEEPEST: usize = 16;

/// The most outlines that are looked at.
const MOST_OUTLINES: usize = 20_000;

/// The longest name of a folder or feed, in characters.
const LONGEST_NAME: usize = 200;

/// The most folders of one feed.
pub(super) const MOST_FOLDERS: usize = 16;

/// The most attributes of an outline that are kept, and of namespaces of a file.
const MOST_ATTRIBUTES: usize = 64;

/// The namespace of FreshRSS's own attributes, for files that lost its declaration.
const FRESHRSS: (&str, &str) = ("frss", "https://freshrss.org/opml");

/// An outline with an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The line of the file, from 1 on.
    pub(super) line: usize,
    /// The outlines around it as one name, or its categories.
    pub(super) folders: Vec<String>,
    pub(super) title: Option<String>,
    pub(super) address: String,
    /// The page of what the feed shows.
    pub(super) page: Option<String>,
    /// What it has besides.
    pub(super) extra: Extra,
}

/// What was found, and why not more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlines {
    pub(super) found: Vec<Found>,
    /// Lines and names of outlines that have neither an address nor outlines in them.
    pub(super) empty: Vec<(usize, String)>,
    /// How many outlines there are.
    pub(super) number: usize,
    /// The line where the file is no XML any more.
    pub(super) broken: Option<usize>,
    /// The file declares entities, and nothing of it is believed.
    pub(super) declares_entities: bool,
    /// There were more than are looked at.
    pub(super) is_cut: bool,
}

/// An outline that is open.
struct Open {
    /// Its name, if it is a folder.
    name: Option<String>,
    line: usize,
    /// Whether it has an address, or an outline in it.
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

/// The attributes of an outline; those that we read in whatever case they are written.
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

    /// Keeps an attribute that nothing is read from, with the namespace of its name.
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

    /// A name whose encoding was not known is none.
    fn name(&self) -> Option<String> {
        let name = self.title.as_ref().or(self.text.as_ref())?;
        Some(cut(name)).filter(|name| !name.is_empty() && !name.contains('\u{fffd}'))
    }

    /// What stands in a list without feeds, because a body has at least one outline.
    fn is_placeholder(&self) -> bool {
        self.text.as_deref() == Some(GENERATOR) && self.title.is_none()
    }
}

/// The folders that an attribute `category` names: `Garden,/Fruit/Plums`.
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

/// The namespaces that a file declares, by their prefixes.
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

/// Whether this is a name of XML, without a colon, in ASCII.
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
