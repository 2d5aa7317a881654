//! Reads the outlines of an OPML file, as leniently as readers write them.
//!
//! SECURITY: entities that grow (billion laughs) or that name files -> only the predefined names of XML and HTML and
//! numeric references are resolved, and a file that declares entities is refused. Depth, outlines, attributes and sizes
//! are bounded.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{GENERATOR, Outline};
use crate::model::link::entity;

/// The maximum depth of folders in a path; deeper ones are omitted.
const MAX_DEPTH: usize = 16;

/// The maximum number of outlines.
const MAX_OUTLINES: usize = 20_000;

/// The longest name of a folder or feed, in characters.
const MAX_NAME: usize = 200;

/// The maximum number of folders of a feed.
pub(super) const MAX_FOLDERS: usize = 16;

/// The maximum number of stored attributes of an outline, and of namespaces of a file.
const MAX_ATTRIBUTES: usize = 64;

/// The namespace of FreshRSS's attributes, for files that lost its declaration.
const FRESHRSS: (&str, &str) = ("frss", "https://freshrss.org/opml");

/// The result of reading a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlines {
    /// Outlines with an address, and their lines, from 1. Their folders are the path of the enclosing outlines, or else
    /// the categories.
    pub(super) feeds: Vec<(usize, Outline)>,
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

/// The declared namespaces of a file, by prefix.
type Namespaces = BTreeMap<String, String>;

/// The attributes of a tag, with resolved values.
type Attributes = Vec<(String, String)>;

/// Reads a file that begins with a tag.
pub(super) fn read(text: &str) -> Outlines {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.expand_empty_elements = true;
    let mut outlines = Outlines::default();
    let mut open: Vec<Open> = Vec::new();
    let mut namespaces = Namespaces::new();
    let (mut line, mut counted) = (1, 0);
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        line += text.as_bytes()[counted..at].iter().filter(|byte| **byte == b'\n').count();
        counted = at;
        match event {
            Ok(Event::Start(tag)) => {
                let attributes = attributes(&tag);
                declare(&attributes, &mut namespaces);
                if tag.local_name().as_ref().eq_ignore_ascii_case(b"outline") {
                    let outline = outline(attributes, &namespaces);
                    let outline = outlines.add(outline, &mut open, line);
                    open.push(outline);
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
                outlines.broken = Some(line);
                break;
            }
        }
        if outlines.number >= MAX_OUTLINES {
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
    fn add(&mut self, mut outline: Outline, open: &mut [Open], line: usize) -> Open {
        self.number += 1;
        if let Some(parent) = open.last_mut() {
            parent.is_used = true;
        }
        if outline.feed.is_empty() {
            // The outline that feedline writes into an empty list, because a body must have one.
            let is_placeholder = outline.title == GENERATOR && outline.text.is_none();
            let name = Some(outline.title).filter(|name| !name.is_empty());
            return Open { name, line, is_used: is_placeholder };
        }
        let names = open.iter().take(MAX_DEPTH).filter_map(|parent| parent.name.as_deref());
        let folder = cut(&names.collect::<Vec<_>>().join(" / "));
        if !folder.is_empty() {
            outline.folders = vec![folder];
        }
        self.feeds.push((line, outline));
        Open { name: None, line, is_used: true }
    }

    fn close(&mut self, open: Option<Open>) {
        if let Some(open) = open.filter(|open| !open.is_used) {
            self.empty.push((open.line, open.name.unwrap_or_default()));
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Attributes {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = tag.attributes();
    let attributes = attributes.with_checks(false).flatten().take(MAX_ATTRIBUTES);
    attributes.map(|one| (text(one.key.as_ref()), entity::resolve(&text(&one.value)))).collect()
}

/// Stores the namespaces that a tag declares.
fn declare(attributes: &Attributes, namespaces: &mut Namespaces) {
    for (name, address) in attributes {
        let prefix = name.strip_prefix("xmlns:").filter(|prefix| is_plain(prefix));
        let Some(prefix) = prefix.filter(|prefix| !prefix.starts_with("xml")) else { continue };
        let is_sound = matches!(crate::text::clean(address), std::borrow::Cow::Borrowed(_));
        let has_room = namespaces.len() < MAX_ATTRIBUTES || namespaces.contains_key(prefix);
        if !address.is_empty() && is_sound && has_room {
            namespaces.insert(prefix.to_owned(), address.clone());
        }
    }
}

/// An outline from its attributes. The names of those with a meaning here are case-insensitive; the others are stored.
/// The folders are the categories.
fn outline(attributes: Attributes, namespaces: &Namespaces) -> Outline {
    let mut outline = Outline::default();
    let (mut text, mut title, mut url) = (String::new(), String::new(), String::new());
    for (name, value) in attributes {
        let trimmed = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "text" => trimmed.clone_into(&mut text),
            "title" => trimmed.clone_into(&mut title),
            "xmlurl" => trimmed.clone_into(&mut outline.feed),
            "htmlurl" => trimmed.clone_into(&mut outline.page),
            "type" => {
                outline.kind =
                    Some(trimmed.to_owned()).filter(|kind| !matches!(&**kind, "" | "rss"))
            }
            "url" => {
                trimmed.clone_into(&mut url);
                store(&mut outline, &name, &value, namespaces);
            }
            "category" => {
                outline.folders = categories(&value);
                store(&mut outline, &name, &value, namespaces);
            }
            _ => store(&mut outline, &name, &value, namespaces),
        }
    }
    if outline.feed.is_empty() {
        outline.feed = url;
        outline.attributes.retain(|(name, _)| !name.eq_ignore_ascii_case("url"));
    }
    let name = if title.is_empty() { &text } else { &title };
    // A name that was decoded wrongly is worse than none.
    outline.title = Some(cut(name)).filter(|name| !name.contains('\u{fffd}')).unwrap_or_default();
    outline.text = Some(text).filter(|text| !text.is_empty() && *text != outline.title);
    outline
}

/// Stores an attribute that has no meaning here, with the namespace of its name.
fn store(outline: &mut Outline, name: &str, value: &str, namespaces: &Namespaces) {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_declaration = name == "xmlns" || prefix == "xmlns";
    let is_duplicate = outline.attributes.iter().any(|(other, _)| other == name);
    if is_declaration || is_duplicate || !is_plain(local) {
        return;
    }
    if !prefix.is_empty() && prefix != "xml" {
        let default = (prefix == FRESHRSS.0).then_some(FRESHRSS.1);
        let Some(address) = namespaces.get(prefix).map(String::as_str).or(default) else { return };
        outline.namespaces.insert(prefix.to_owned(), address.to_owned());
    }
    outline.attributes.push((name.to_owned(), crate::text::clean(value).into_owned()));
}

/// The folders of an attribute `category`: `Garden,/Fruit/Plums`.
fn categories(value: &str) -> Vec<String> {
    let mut folders = Vec::new();
    for category in value.split(',') {
        let parts = category.split('/').map(str::trim).filter(|part| !part.is_empty());
        let folder = cut(&parts.collect::<Vec<_>>().join(" / "));
        if !folder.is_empty() && !folders.contains(&folder) && folders.len() < MAX_FOLDERS {
            folders.push(folder);
        }
    }
    folders
}

/// Whether this is an XML name in ASCII, without a colon.
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn cut(name: &str) -> String {
    super::line(name).chars().take(MAX_NAME).collect()
}

fn declares_entities(declaration: &[u8]) -> bool {
    declaration.windows(8).any(|part| part.eq_ignore_ascii_case(b"<!entity"))
}
