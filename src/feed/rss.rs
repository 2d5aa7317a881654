//! RSS 2.0 (spec 2.0.11 and the RSS Advisory Board's profile).
//!
//! The content is in `description` only: readers that know `content:encoded` must cope without it, and both would
//! double the size.

use std::collections::BTreeMap;

use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::itunes::{self, ITunesItemExtension};
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Image, Source};

use super::document::{Addresses, Attachment, Feed, Item, of};
use crate::model::Format;

/// The namespace of Media RSS. The slash at the end is part of it.
pub(super) const MEDIA: &str = "http://search.yahoo.com/mrss/";

pub(super) const GENERATOR: &str = "feedline";

pub fn write(feed: &Feed) -> Vec<u8> {
    let mut channel = Channel {
        title: feed.title.clone(),
        link: feed.home.clone(),
        description: feed.description.clone().unwrap_or_else(|| feed.title.clone()),
        language: feed.language.map(str::to_owned),
        last_build_date: Some(feed.updated.to_rfc2822()),
        generator: Some(GENERATOR.to_owned()),
        ttl: Some(feed.minutes.to_string()),
        image: feed.icon.as_ref().map(|icon| Image {
            url: icon.clone(),
            title: feed.title.clone(),
            link: feed.home.clone(),
            ..Image::default()
        }),
        atom_ext: feed
            .addresses
            .as_ref()
            .map(|addresses| AtomExtension { links: links(addresses) }),
        items: feed.items.iter().map(item).collect(),
        ..Channel::default()
    };
    if feed.items.iter().any(|item| item.thumbnail.is_some()) {
        channel.namespaces.insert("media".to_owned(), MEDIA.to_owned());
    }
    if channel.items.iter().any(|item| item.itunes_ext.is_some()) {
        channel.namespaces.insert("itunes".to_owned(), itunes::NAMESPACE.to_owned());
    }
    with_style(written(channel.write_to(Vec::new())), feed)
}

/// Inserts the stylesheet instruction (W3C, "Associating Style Sheets with XML documents") after the XML declaration.
/// The address is feedline's own: it has no spaces and cannot end the instruction.
pub(super) fn with_style(mut document: Vec<u8>, feed: &Feed) -> Vec<u8> {
    const END: &[u8] = b"?>";
    let Some(Addresses { style, .. }) = &feed.addresses else { return document };
    let declared = document.windows(END.len()).position(|window| window == END);
    let at = declared.map_or(0, |at| at + END.len());
    let address = style.replace('&', "&amp;");
    let style = format!("<?xml-stylesheet type=\"text/css\" href=\"{address}\"?>");
    document.splice(at..at, style.into_bytes());
    document
}

/// Bytes written to memory, which cannot fail.
pub(super) fn written<E: std::fmt::Debug>(result: Result<Vec<u8>, E>) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "the writers fail only where the destination does")]
    result.expect("memory takes what is written to it")
}

/// The addresses of the feed and its pages (RFC 5005, section 3). There is no `previous`: a page is identified by its
/// end, and the end of the previous page is not known here.
fn links(feed: &Addresses) -> Vec<Link> {
    let link = |rel: &str, addresses: &[String; 3]| Link {
        href: of(addresses, Format::Rss).to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(Format::Rss.media_type().to_owned()),
        ..Link::default()
    };
    let own = std::iter::once(link("self", &feed.own));
    let first = feed.first.iter().map(|addresses| link("first", addresses));
    let next = feed.next.iter().map(|addresses| link("next", addresses));
    own.chain(first).chain(next).collect()
}

fn item(item: &Item) -> rss::Item {
    rss::Item {
        title: (!item.is_untitled).then(|| item.title.clone()),
        link: Some(item.link.clone()),
        description: Some(item.html.clone()),
        categories: item
            .categories
            .iter()
            .map(|name| Category { name: name.clone(), domain: None })
            .collect(),
        enclosure: item.attachment.as_ref().map(|attachment| Enclosure {
            url: attachment.url.clone(),
            length: attachment.length.to_string(),
            mime_type: attachment.media_type.to_owned(),
        }),
        guid: Some(Guid { value: item.id.clone(), permalink: item.id == item.link }),
        pub_date: Some(item.published.to_rfc2822()),
        source: item.source.as_ref().map(|source| Source {
            url: of(&source.addresses, Format::Rss).to_owned(),
            title: Some(source.channel.name.clone()),
        }),
        extensions: item.thumbnail.as_deref().map(thumbnail).unwrap_or_default(),
        itunes_ext: item.attachment.as_ref().and_then(duration),
        // `author` requires an e-mail address.
        dublin_core_ext: Some(DublinCoreExtension {
            creators: vec![item.author.name.clone()],
            ..DublinCoreExtension::default()
        }),
        ..rss::Item::default()
    }
}

/// The playing time, as an iTunes element: RSS has none for it.
fn duration(attachment: &Attachment) -> Option<ITunesItemExtension> {
    let duration = Some(attachment.seconds?.to_string());
    Some(ITunesItemExtension { duration, ..ITunesItemExtension::default() })
}

fn thumbnail(address: &str) -> ExtensionMap {
    let extension = Extension {
        name: "media:thumbnail".to_owned(),
        attrs: BTreeMap::from([("url".to_owned(), address.to_owned())]),
        ..Extension::default()
    };
    let named = BTreeMap::from([("thumbnail".to_owned(), vec![extension])]);
    BTreeMap::from([("media".to_owned(), named)])
}
