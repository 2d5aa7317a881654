//! OPML 2.0: exports and imports lists of subscriptions.
//!
//! Written lists have one level of folders, and for each feed `text`, `title`, `xmlUrl` and `htmlUrl`, with absolute
//! URLs. [`read`] accepts the lists of any reader or person: other levels and letter cases, addresses of other bridges,
//! or plain lines instead of OPML.

mod encoding;
mod list;
mod newsboat;
mod reason;
mod subscription;
mod tree;

pub use list::{Entry, List, MAX_UNREAD, Unread, is_file, read};
pub use reason::Reason;
pub use subscription::Subscription;

use std::collections::{BTreeMap, HashSet};

use super::document::line;
use super::rss::GENERATOR;
use crate::links::Links;
use crate::model::{ChannelName, Format, Source};

/// The maximum size of a list, in bytes.
pub const MAX_SIZE: usize = 4 * 1024 * 1024;

/// The maximum number of feeds of a list.
pub const MAX_FEEDS: usize = 2000;

/// A feed in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub folders: Vec<String>,
    /// Empty if unknown.
    pub title: String,
    pub feed: String,
    /// The page that the feed shows; empty if unknown.
    pub page: String,
    /// The `type`, if it is not `rss`.
    kind: Option<String>,
    /// The `text`, if it differs from the title.
    text: Option<String>,
    /// Further attributes of a feed of another site, by name.
    attributes: Vec<(String, String)>,
    /// The namespaces of `attributes`, by prefix.
    namespaces: BTreeMap<String, String>,
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
            ..Self::default()
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
        ..Outline::default()
    };
    let of_collection = |collection: &Source| Outline {
        title: collection.title(),
        feed: links.feed_of(collection, Format::Rss, options),
        page: links.page(collection, options),
        ..Outline::default()
    };
    channels.iter().map(of_channel).chain(collections.iter().map(of_collection)).collect()
}

/// Writes a list as OPML 2.0. Folders have the order of their first feeds, and feeds without a folder come last. A
/// duplicate address is written once.
pub fn write(title: &str, outlines: &[Outline]) -> Vec<u8> {
    let namespaces = namespaces(outlines);
    let mut seen = HashSet::new();
    let outlines: Vec<&Outline> =
        outlines.iter().filter(|outline| seen.insert(outline.feed.as_str())).collect();
    let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\"".to_owned();
    for (prefix, address) in &namespaces {
        push_attribute(&mut xml, &format!("xmlns:{prefix}"), address);
    }
    xml.push_str(">\n  <head>\n    <title>");
    xml.push_str(&escaped(&line(title)));
    xml.push_str("</title>\n    <docs>https://opml.org/spec2.opml</docs>\n  </head>\n  <body>\n");
    let mut folders = HashSet::new();
    for folder in outlines.iter().flat_map(|outline| &outline.folders) {
        if folders.insert(folder) {
            xml.push_str("    <outline");
            push_attribute(&mut xml, "text", &line(folder));
            push_attribute(&mut xml, "title", &line(folder));
            xml.push_str(">\n");
            for outline in outlines.iter().filter(|outline| outline.folders.contains(folder)) {
                xml.push_str("  ");
                outline.push_to(&mut xml, &namespaces);
            }
            xml.push_str("    </outline>\n");
        }
    }
    for outline in outlines.iter().filter(|outline| outline.folders.is_empty()) {
        outline.push_to(&mut xml, &namespaces);
    }
    if outlines.is_empty() {
        // A body must have at least one outline.
        xml.push_str(&format!("    <outline text=\"{GENERATOR}\"/>\n"));
    }
    xml.push_str("  </body>\n</opml>\n");
    xml.into_bytes()
}

/// The namespaces of a file by prefix. If a prefix has several meanings, the outlines with the others declare it
/// themselves.
type Namespaces<'a> = BTreeMap<&'a str, &'a str>;

fn namespaces(outlines: &[Outline]) -> Namespaces<'_> {
    let mut namespaces = Namespaces::new();
    for (prefix, address) in outlines.iter().flat_map(|outline| &outline.namespaces) {
        namespaces.entry(prefix).or_insert(address);
    }
    namespaces
}

impl Outline {
    /// Readers accept `type="rss"` for any format.
    fn push_to(&self, xml: &mut String, namespaces: &Namespaces<'_>) {
        xml.push_str("    <outline");
        push_attribute(xml, "type", &line(self.kind.as_deref().unwrap_or("rss")));
        push_attribute(xml, "text", &line(self.text.as_deref().unwrap_or(&self.title)));
        push_attribute(xml, "title", &line(&self.title));
        push_attribute(xml, "xmlUrl", &self.feed);
        if !self.page.is_empty() {
            push_attribute(xml, "htmlUrl", &self.page);
        }
        for (prefix, address) in &self.namespaces {
            if namespaces.get(prefix.as_str()) != Some(&address.as_str()) {
                push_attribute(xml, &format!("xmlns:{prefix}"), address);
            }
        }
        for (name, value) in &self.attributes {
            push_attribute(xml, name, value);
        }
        xml.push_str("/>\n");
    }
}

fn push_attribute(xml: &mut String, name: &str, value: &str) {
    xml.push_str(&format!(" {name}=\"{}\"", escaped(value)));
}

/// Escapes a text or an attribute value. Its line breaks survive.
fn escaped(value: &str) -> String {
    let value = quick_xml::escape::escape(value);
    value.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests;
