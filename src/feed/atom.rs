//! Atom 1.0 (RFC 4287).

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry, Generator, Link, Person, Text, WriteConfig};

use super::document::{Addresses, Author, Feed, Item, ItemSource, of};
use super::rss::{GENERATOR, MEDIA, with_style, written};
use crate::model::Format;

/// The writer's own declaration lacks the encoding.
const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>";

pub fn write(feed: &Feed) -> Vec<u8> {
    let has_thumbnail = feed.items.iter().any(|item| item.thumbnail.is_some());
    let namespaces = has_thumbnail.then(|| ("media".to_owned(), MEDIA.to_owned()));
    let document = atom_syndication::Feed {
        title: Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: feed.updated.fixed_offset(),
        authors: feed.author.iter().map(person).collect(),
        generator: Some(Generator { value: GENERATOR.to_owned(), uri: None, version: None }),
        icon: feed.icon.clone(),
        links: links(feed),
        subtitle: feed.description.clone().map(Text::plain),
        entries: feed.items.iter().map(entry).collect(),
        namespaces: namespaces.into_iter().collect(),
        lang: feed.language.map(str::to_owned),
        ..atom_syndication::Feed::default()
    };
    let config = WriteConfig { write_document_declaration: false, indent_size: None };
    with_style(written(document.write_with_config(DECLARATION.to_vec(), config)), feed)
}

/// The feed's own address, its page, and the pages of RFC 5005, section 3.
fn links(feed: &Feed) -> Vec<Link> {
    let link = |rel: &str, addresses: &[String; 3]| Link {
        href: of(addresses, Format::Atom).to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(Format::Atom.media_type().to_owned()),
        ..Link::default()
    };
    let home = alternate(&feed.home);
    let Some(Addresses { own, first, next, .. }) = &feed.addresses else { return vec![home] };
    let first = first.iter().map(|addresses| link("first", addresses));
    let next = next.iter().map(|addresses| link("next", addresses));
    [link("self", own), home].into_iter().chain(first).chain(next).collect()
}

fn alternate(address: &str) -> Link {
    Link {
        href: address.to_owned(),
        rel: "alternate".to_owned(),
        mime_type: Some("text/html".to_owned()),
        ..Link::default()
    }
}

fn entry(item: &Item) -> Entry {
    let enclosure = item.attachment.as_ref().map(|attachment| Link {
        href: attachment.url.clone(),
        rel: "enclosure".to_owned(),
        mime_type: Some(attachment.media_type.to_owned()),
        length: Some(attachment.length.to_string()),
        ..Link::default()
    });
    Entry {
        title: Text::plain(item.title.clone()),
        id: item.id.clone(),
        updated: item.updated.fixed_offset(),
        authors: vec![person(&item.author)],
        categories: item
            .categories
            .iter()
            .map(|term| Category { term: term.clone(), scheme: None, label: None })
            .collect(),
        links: std::iter::once(alternate(&item.link)).chain(enclosure).collect(),
        published: Some(item.published.fixed_offset()),
        content: Some(Content {
            value: Some(item.html.clone()),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        source: item.source.as_ref().map(|from| source(from, item)),
        extensions: item.thumbnail.as_deref().map(thumbnail).unwrap_or_default(),
        ..Entry::default()
    }
}

/// The channel's feed as of the item's last change. A later date would change items whose content is unchanged.
fn source(source: &ItemSource, item: &Item) -> atom_syndication::Source {
    let own = Link {
        href: of(&source.addresses, Format::Atom).to_owned(),
        rel: "self".to_owned(),
        mime_type: Some(Format::Atom.media_type().to_owned()),
        ..Link::default()
    };
    atom_syndication::Source {
        title: Text::plain(source.channel.name.clone()),
        id: source.id.clone(),
        updated: item.updated.fixed_offset(),
        authors: vec![person(&source.channel)],
        links: source.channel.url.iter().map(|page| alternate(page)).chain([own]).collect(),
        ..atom_syndication::Source::default()
    }
}

fn person(author: &Author) -> Person {
    Person { name: author.name.clone(), uri: author.url.clone(), ..Person::default() }
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
