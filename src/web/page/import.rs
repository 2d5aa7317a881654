//! The result of an import: feeds, the OPML file, and the lines that were not understood.

use std::borrow::Cow;

use askama::Template;

use super::context::Context;
use super::{Error, Frame, render};
use crate::feed::opml::{Entry, List, MAX_FEEDS, Outline};
use crate::links::Links;
use crate::locale::Message;
use crate::model::{ChannelName, ChannelSet, FeedOptions, Source};

/// The longest offered URL, in bytes. Longer ones may exceed a server's limit for request heads.
const MAX_ADDRESS: usize = 6000;

/// The most channels, and the most invalid lines, on the page. The file has all channels.
const MAX_OUTLINES: usize = 100;
const MAX_UNREAD: usize = 50;

#[derive(Template)]
#[template(path = "import.html")]
struct Page<'a> {
    frame: Frame<'a>,
    heading: String,
    /// The list again, as the form's input for the file.
    list: Cow<'a, str>,
    address: Option<String>,
    merged: Option<String>,
    outlines: &'a [Outline],
    /// The number of further channels, which only the file has.
    more: Option<String>,
    unread_heading: String,
    unread: Vec<Line>,
    lost: Vec<Line>,
    /// The number of feeds that are not in the list.
    left_out: Option<String>,
    is_cut: bool,
}

/// A reported line. `reason` is empty if the heading states it.
struct Line {
    number: String,
    text: String,
    reason: String,
}

/// The page of an imported list; `file` is the list as OPML.
pub(in crate::web) fn import(
    context: &Context<'_>,
    list: &List,
    outlines: &[Outline],
    file: &[u8],
) -> Result<String, Error> {
    let (words, links) = (context.words, context.links);
    let unread = list.unread.iter().take(MAX_UNREAD).map(|unread| Line {
        number: words.tr_count("import-line", unread.line),
        text: unread.text.clone(),
        reason: words.message(&unread.reason.message()),
    });
    let lost = list.entries.iter().filter(|entry| !entry.subscription.lost.is_empty());
    let lost = lost.take(MAX_UNREAD).map(|entry| Line {
        number: words.tr_count("import-line", entry.line),
        text: entry.subscription.lost.join(", "),
        reason: String::new(),
    });
    let page = Page {
        frame: Frame::new(context, format!("{} · feedline", words.tr("import-title"))),
        heading: words.tr_count("import-heading", outlines.len()),
        list: again(links, list, file),
        address: address(links, list),
        merged: merged(links, list),
        outlines: outlines.get(..MAX_OUTLINES).unwrap_or(outlines),
        more: (outlines.len() > MAX_OUTLINES)
            .then(|| words.tr_count("start-more", outlines.len() - MAX_OUTLINES)),
        unread_heading: words.tr_count("import-unread", list.unread.len()),
        unread: unread.collect(),
        lost: lost.collect(),
        left_out: (list.left_out > 0).then(|| {
            let message = Message::new("import-left-out").with("number", list.left_out);
            words.message(&message.with("max", MAX_FEEDS))
        }),
        is_cut: list.is_cut,
    };
    render(&page)
}

/// The value that the form submits: the names if nothing else is in the list, which is much shorter, else the file.
fn again<'a>(links: &Links, list: &List, file: &'a [u8]) -> Cow<'a, str> {
    let is_bare = list.others.is_empty() && has_no_words(list);
    match plain(links, list).filter(|_| is_bare) {
        Some(names) => {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            Cow::Owned(names.join("\n"))
        }
        None => Cow::Borrowed(std::str::from_utf8(file).unwrap_or_default()),
    }
}

/// The list as a URL, if a URL can express all of it.
fn address(links: &Links, list: &List) -> Option<String> {
    let names = plain(links, list).filter(|_| has_no_words(list))?;
    Some(links.opml(&names)).filter(|address| address.len() <= MAX_ADDRESS)
}

/// The merged page of all channels.
fn merged(links: &Links, list: &List) -> Option<String> {
    let set = ChannelSet::new(plain(links, list)?).ok().filter(|set| set.only().is_none())?;
    Some(links.page(&Source::Channels(set), &FeedOptions::default()))
}

/// Whether names express all of the list: it has no titles or folders.
fn has_no_words(list: &List) -> bool {
    list.entries.iter().all(|entry| entry.title.is_none() && entry.folders.is_empty())
}

/// The channels of a list without options; `None` if an entry has options or is no channel.
fn plain(links: &Links, list: &List) -> Option<Vec<ChannelName>> {
    let name = |entry: &Entry| {
        let is_plain = entry.subscription.is_plain(links.defaults());
        entry.subscription.channel().filter(|_| is_plain).cloned()
    };
    let names: Vec<ChannelName> = list.entries.iter().map(name).collect::<Option<_>>()?;
    (!names.is_empty()).then_some(names)
}
