//! OPML 2.0: exports and imports lists of subscriptions.
//!
//! Written lists have one level of folders, and for each feed `text`, `title`, `xmlUrl` and `htmlUrl`, with absolute
//! URLs. [`read`] accepts the lists of any reader or person: other levels and letter cases, addresses of other bridges,
//! or plain lines instead of OPML.

mod encoding;
mod list;
mod newsboat;
mod subscription;
mod tree;

pub use encoding::BadFile;
pub use list::{Entry, List, MOST_UNREAD, Reason, Unread, is_file, read};
pub use subscription::{BadSubscription, Subscription};

use std::collections::BTreeMap;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::document::line;
use super::rss::{GENERATOR, written};
use crate::links::Links;
use crate::model::{ChannelName, Format, Source};

/// The maximum size of a list, in bytes.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// The maximum number of feeds of a list.
pub const MOST_FEEDS: usize = 2000;

/// A feed in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub folders: Vec<String>,
    pub title: String,
    pub feed: String,
    /// The page that the feed shows; empty if unknown.
    pub page: String,
    /// Further attributes, if it is a feed of another site.
    pub extra: Extra,
}

/// The attributes of an outline apart from titles and addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The `type`, if it is not `rss`.
    pub kind: Option<String>,
    /// The `text`, if it differs from the title.
    pub text: Option<String>,
    /// All other attributes, by name.
    pub attributes: Vec<(String, String)>,
    /// The namespaces of `attributes`, by prefix.
    pub namespaces: Vec<(String, String)>,
}

impl Outline {
    /// An entry of a list with feedline's addresses. Its title is that of the list, or else of the channel.
    pub fn new(
        entry: &Entry,
        titles: &dyn Fn(&ChannelName) -> Option<String>,
        links: &Links,
    ) -> Self {
        let subscription = &entry.subscription;
        let own =
            || subscription.channel().and_then(titles).unwrap_or_else(|| subscription.title());
        Self {
            folders: entry.folders.clone(),
            title: entry.title.clone().unwrap_or_else(own),
            feed: subscription.feed(links),
            page: subscription.page(links),
            extra: Extra::default(),
        }
    }
}

/// The folder of followed channels, if there are also collections.
const FOLLOWED: &str = "feedline";

/// The followed channels, then the collections as one feed each.
pub fn followed(
    channels: &[ChannelName],
    collections: &[Source],
    titles: &dyn Fn(&ChannelName) -> Option<String>,
    links: &Links,
) -> Vec<Outline> {
    let options = links.defaults();
    let of_channel = |name: &ChannelName| Outline {
        folders: collections.first().map(|_| FOLLOWED.to_owned()).into_iter().collect(),
        title: titles(name).unwrap_or_else(|| name.to_string()),
        feed: links.feed(name, Format::Rss, options),
        page: links.channel(name, options),
        extra: Extra::default(),
    };
    let of_collection = |collection: &Source| Outline {
        folders: Vec::new(),
        title: collection.title(),
        feed: links.feed_of(collection, Format::Rss, options),
        page: links.page(collection, options),
        extra: Extra::default(),
    };
    channels.iter().map(of_channel).chain(collections.iter().map(of_collection)).collect()
}

/// Writes a list as OPML 2.0. Folders have the order of their first feeds, and feeds without a folder come last. A
/// duplicate address is written once.
pub fn write(title: &str, outlines: &[Outline]) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    written(write_document(&mut writer, title, outlines));
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    bytes
}

/// The bytes are in the writer; the empty result only fits the signature of `written`.
fn write_document(
    writer: &mut Writer<Vec<u8>>,
    title: &str,
    outlines: &[Outline],
) -> std::io::Result<Vec<u8>> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let namespaces = namespaces(outlines);
    let declarations: Vec<(String, &str)> =
        namespaces.iter().map(|(prefix, address)| (format!("xmlns:{prefix}"), *address)).collect();
    let opml = writer.create_element("opml").with_attribute(("version", "2.0"));
    let declared = declarations.iter().map(|(name, address)| (name.as_str(), *address));
    opml.with_attributes(declared).write_inner_content(|writer| {
        writer.create_element("head").write_inner_content(|writer| {
            writer.create_element("title").write_text_content(BytesText::new(&line(title)))?;
            writer
                .create_element("docs")
                .write_text_content(BytesText::new("https://opml.org/spec2.opml"))?;
            Ok(())
        })?;
        writer
            .create_element("body")
            .write_inner_content(|writer| body(writer, outlines, &namespaces))?;
        Ok(())
    })?;
    Ok(Vec::new())
}

/// The namespaces of a file by prefix. If a prefix has several meanings, the outlines with the others declare it
/// themselves.
type Namespaces<'a> = BTreeMap<&'a str, &'a str>;

fn namespaces(outlines: &[Outline]) -> Namespaces<'_> {
    let mut namespaces = Namespaces::new();
    for (prefix, address) in outlines.iter().flat_map(|outline| &outline.extra.namespaces) {
        namespaces.entry(prefix).or_insert(address);
    }
    namespaces
}

fn body(
    writer: &mut Writer<Vec<u8>>,
    outlines: &[Outline],
    namespaces: &Namespaces<'_>,
) -> std::io::Result<()> {
    let mut seen = std::collections::HashSet::new();
    let outlines: Vec<&Outline> =
        outlines.iter().filter(|outline| seen.insert(outline.feed.as_str())).collect();
    let mut folders: Vec<&str> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for folder in outlines.iter().flat_map(|outline| &outline.folders) {
        if known.insert(folder) {
            folders.push(folder);
        }
    }
    for folder in folders {
        let text = line(folder);
        let element = writer
            .create_element("outline")
            .with_attributes([("text", text.as_str()), ("title", text.as_str())]);
        element.write_inner_content(|writer| {
            let is_inside = |outline: &&&Outline| outline.folders.iter().any(|name| name == folder);
            let mut inside = outlines.iter().filter(is_inside);
            inside.try_for_each(|outline| write_outline(writer, outline, namespaces))
        })?;
    }
    let mut outside = outlines.iter().filter(|outline| outline.folders.is_empty());
    outside.try_for_each(|outline| write_outline(writer, outline, namespaces))?;
    if outlines.is_empty() {
        // A body must have at least one outline.
        writer.create_element("outline").with_attribute(("text", GENERATOR)).write_empty()?;
    }
    Ok(())
}

/// Readers accept `type="rss"` for any format.
fn write_outline(
    writer: &mut Writer<Vec<u8>>,
    outline: &Outline,
    namespaces: &Namespaces<'_>,
) -> std::io::Result<()> {
    let Extra { kind, text, attributes, namespaces: own } = &outline.extra;
    let title = line(&outline.title);
    let text = text.as_deref().map_or_else(|| title.clone(), line);
    let kind = kind.as_deref().map_or_else(|| "rss".to_owned(), line);
    let page = Some(("htmlUrl", outline.page.as_str())).filter(|(_, page)| !page.is_empty());
    let element = writer
        .create_element("outline")
        .with_attributes([("type", &*kind), ("text", &text), ("title", &title)])
        .with_attribute(("xmlUrl", outline.feed.as_str()))
        .with_attributes(page);
    let is_taken = |(prefix, address): &&(String, String)| {
        namespaces.get(prefix.as_str()) != Some(&address.as_str())
    };
    let declarations = own
        .iter()
        .filter(is_taken)
        .map(|(prefix, address)| (format!("xmlns:{prefix}"), escaped(address)));
    let others = attributes.iter().map(|(name, value)| (name.clone(), escaped(value)));
    let others: Vec<(String, String)> = declarations.chain(others).collect();
    let others = others.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    element.with_attributes(others).write_empty()?;
    Ok(())
}

/// Escapes an attribute value so that its line breaks survive.
fn escaped(value: &str) -> String {
    let value = quick_xml::escape::escape(value);
    value.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests;
