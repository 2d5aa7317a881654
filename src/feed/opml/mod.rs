//! OPML 2.0: lists of subscriptions, out and in.
//!
//! What is written has one level of folders, and for each feed `text` and `title`, `xmlUrl` and `htmlUrl`, all absolute.
//! What is read ([`read`]) may be what any reader or person writes: other levels, other cases, other bridges' addresses, or
//! no OPML at all but a line for each channel.

mod list;
mod subscription;
mod tree;

pub use list::{Entry, List, MOST_UNREAD, Reason, Unread, is_file, read};
pub use subscription::{BadSubscription, Subscription};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::document::line;
use super::rss::{GENERATOR, written};
use crate::links::Links;
use crate::model::{ChannelName, Format, Merged, MergedOptions};

/// The largest list that is read, in bytes.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// The most feeds of a list that are read.
pub const MOST_FEEDS: usize = 2000;

/// A feed in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The folder that it is in.
    pub folder: Option<String>,
    /// What people call it.
    pub title: String,
    /// Its address.
    pub feed: String,
    /// The page of what it shows; empty where it is not known.
    pub page: String,
}

impl Outline {
    /// What was read, with our addresses; called as the list calls it, else as the channel calls itself.
    #[must_use]
    pub fn new(
        entry: &Entry,
        titles: &dyn Fn(&ChannelName) -> Option<String>,
        links: &Links,
    ) -> Self {
        let subscription = &entry.subscription;
        let own =
            || subscription.channel().and_then(titles).unwrap_or_else(|| subscription.title());
        Self {
            folder: entry.folder.clone(),
            title: entry.title.clone().unwrap_or_else(own),
            feed: subscription.feed(links),
            page: subscription.page(links),
        }
    }
}

/// The folder of followed channels, when there are collections beside them.
const FOLLOWED: &str = "feedline";

/// What a feedline follows: its channels, and behind them its collections, each as one feed.
#[must_use]
pub fn followed(
    channels: &[ChannelName],
    collections: &[Merged],
    titles: &dyn Fn(&ChannelName) -> Option<String>,
    links: &Links,
) -> Vec<Outline> {
    let options = links.defaults();
    let of_channel = |name: &ChannelName| Outline {
        folder: (!collections.is_empty()).then(|| FOLLOWED.to_owned()),
        title: titles(name).unwrap_or_else(|| name.to_string()),
        feed: links.feed(name, Format::Rss, options),
        page: links.channel(name, options),
    };
    let asked = MergedOptions { before: None, options: options.clone() };
    let of_collection = |merged: &Merged| Outline {
        folder: None,
        title: merged.title().to_owned(),
        feed: links.merged_feed(merged, Format::Rss, &asked),
        page: links.merged(merged, &asked),
    };
    channels.iter().map(of_channel).chain(collections.iter().map(of_collection)).collect()
}

/// The list as OPML 2.0. Folders come in the order of their first feed, feeds without one at the end; an address that comes
/// twice is written once.
#[must_use]
pub fn write(title: &str, outlines: &[Outline]) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    written(write_document(&mut writer, title, outlines));
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    bytes
}

/// `written` gives bytes back, the writer holds them: nothing is given back here.
fn write_document(
    writer: &mut Writer<Vec<u8>>,
    title: &str,
    outlines: &[Outline],
) -> std::io::Result<Vec<u8>> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let opml = writer.create_element("opml").with_attribute(("version", "2.0"));
    opml.write_inner_content(|writer| {
        writer.create_element("head").write_inner_content(|writer| {
            writer.create_element("title").write_text_content(BytesText::new(&line(title)))?;
            writer
                .create_element("docs")
                .write_text_content(BytesText::new("https://opml.org/spec2.opml"))?;
            Ok(())
        })?;
        writer.create_element("body").write_inner_content(|writer| body(writer, outlines))?;
        Ok(())
    })?;
    Ok(Vec::new())
}

fn body(writer: &mut Writer<Vec<u8>>, outlines: &[Outline]) -> std::io::Result<()> {
    let mut seen = std::collections::HashSet::new();
    let outlines: Vec<&Outline> =
        outlines.iter().filter(|outline| seen.insert(outline.feed.as_str())).collect();
    let mut folders: Vec<&str> = Vec::new();
    for folder in outlines.iter().filter_map(|outline| outline.folder.as_deref()) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    for folder in folders {
        let text = line(folder);
        let element = writer
            .create_element("outline")
            .with_attributes([("text", text.as_str()), ("title", text.as_str())]);
        element.write_inner_content(|writer| {
            let inside =
                outlines.iter().filter(|outline| outline.folder.as_deref() == Some(folder));
            inside.copied().try_for_each(|outline| write_outline(writer, outline))
        })?;
    }
    let mut outside = outlines.iter().filter(|outline| outline.folder.is_none());
    outside.try_for_each(|outline| write_outline(writer, outline))?;
    if outlines.is_empty() {
        // A body has at least one outline.
        writer.create_element("outline").with_attribute(("text", GENERATOR)).write_empty()?;
    }
    Ok(())
}

/// Readers take `type="rss"` for any format.
fn write_outline(writer: &mut Writer<Vec<u8>>, outline: &Outline) -> std::io::Result<()> {
    let title = line(&outline.title);
    let attributes =
        [("type", "rss"), ("text", &title), ("title", &title), ("xmlUrl", &outline.feed)];
    let page = Some(("htmlUrl", outline.page.as_str())).filter(|(_, page)| !page.is_empty());
    let attributes = attributes.into_iter().chain(page);
    writer.create_element("outline").with_attributes(attributes).write_empty()?;
    Ok(())
}

#[cfg(test)]
mod tests;
