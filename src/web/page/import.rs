//! What came of a list of channels: their feeds, the file, and the lines that are none.

use std::borrow::Cow;

use askama::Template;

use super::{Error, Frame, render};
use crate::feed::opml::{List, Outline};
use crate::links::Links;
use crate::locale::Words;
use crate::model::{ChannelName, ChannelSet, FeedOptions, Source};

/// The longest address that is offered, in bytes: longer ones do not fit into every head of a request.
const LONGEST_ADDRESS: usize = 6000;

/// The most channels, and lines that are none, that the page lists: the file has all of them.
const MOST_LISTED: usize = 100;
const MOST_UNREAD: usize = 50;

#[derive(Template)]
#[template(path = "import.html")]
struct Page<'a> {
    frame: Frame,
    heading: String,
    import: String,
    /// The list once more, for the file: as it can be read again.
    list: Cow<'a, str>,
    address: Option<String>,
    merged: Option<String>,
    outlines: &'a [Outline],
    /// How many more channels the file has.
    more: Option<String>,
    unread_heading: String,
    unread: Vec<Line>,
    lost: Vec<Line>,
    is_cut: bool,
}

/// A line that is told about; `reason` is empty where the heading says it.
struct Line {
    number: String,
    text: String,
    reason: String,
}

/// The page of a list; `file` is the list as OPML.
pub(in crate::web) fn import(
    words: &'static Words,
    links: &Links,
    list: &List,
    outlines: &[Outline],
    file: &[u8],
) -> Result<String, Error> {
    let unread = list.unread.iter().take(MOST_UNREAD).map(|unread| Line {
        number: words.tr_count("import-line", unread.line),
        text: unread.text.clone(),
        reason: words.message(&unread.reason.message()),
    });
    let lost = list.entries.iter().filter(|entry| !entry.subscription.lost.is_empty());
    let lost = lost.take(MOST_UNREAD).map(|entry| Line {
        number: words.tr_count("import-line", entry.line),
        text: entry.subscription.lost.join(", "),
        reason: String::new(),
    });
    let page = Page {
        frame: Frame::new(words, links, format!("{} · feedline", words.tr("import-title"))),
        heading: words.tr_count("import-heading", outlines.len()),
        import: links.import(),
        list: again(links, list, file),
        address: address(links, list),
        merged: merged(links, list),
        outlines: outlines.get(..MOST_LISTED).unwrap_or(outlines),
        more: (outlines.len() > MOST_LISTED)
            .then(|| words.tr_count("start-more", outlines.len() - MOST_LISTED)),
        unread_heading: words.tr_count("import-unread", list.unread.len()),
        unread: unread.collect(),
        lost: lost.collect(),
        is_cut: list.is_cut,
    };
    render(&page)
}

/// What the button sends: names where they say all of it, which is much shorter, else the file.
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

/// The list as an address, when one can say all of it.
fn address(links: &Links, list: &List) -> Option<String> {
    let names = plain(links, list).filter(|_| has_no_words(list))?;
    Some(links.opml(&names)).filter(|address| address.len() <= LONGEST_ADDRESS)
}

/// All channels as one.
fn merged(links: &Links, list: &List) -> Option<String> {
    let set = ChannelSet::new(plain(links, list)?).ok().filter(|set| set.only().is_none())?;
    Some(links.page(&Source::Channels(set), &FeedOptions::default()))
}

/// Whether names say all of a list: it has no titles and folders of its own.
fn has_no_words(list: &List) -> bool {
    list.entries.iter().all(|entry| entry.title.is_none() && entry.folders.is_empty())
}

/// The channels of a list in which nothing else is asked for.
fn plain(links: &Links, list: &List) -> Option<Vec<ChannelName>> {
    let name = |entry: &crate::feed::opml::Entry| {
        let is_plain = entry.subscription.is_plain(links.defaults());
        entry.subscription.channel().filter(|_| is_plain).cloned()
    };
    let names: Vec<ChannelName> = list.entries.iter().map(name).collect::<Option<_>>()?;
    (!names.is_empty()).then_some(names)
}
