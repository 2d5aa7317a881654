//! A list of channels as people have it: an OPML file of any reader, or lines.

use std::collections::HashSet;

use super::subscription::{self, BadSubscription, Subscription};
use super::tree::{self, Found};
use super::{LARGEST, MOST_FEEDS, Outline};
use crate::links::Links;
use crate::model::ChannelName;

/// The most lines that are told to be no channel.
pub const MOST_UNREAD: usize = 500;

/// The longest part of a line that is repeated, in characters.
const LONGEST_ECHO: usize = 120;

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The subscriptions, in order, each feed once.
    pub entries: Vec<Entry>,
    /// Feeds of something else, which stay in the list as they are.
    pub others: Vec<Outline>,
    /// What is no channel, in order; at most [`MOST_UNREAD`] of them.
    pub unread: Vec<Unread>,
    /// Something was left out, for there was too much of it.
    pub is_cut: bool,
}

/// A subscription as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line where it stands, from 1 on.
    pub line: usize,
    /// The folder that it is in; the names of nested ones with ` / ` between.
    pub folder: Option<String>,
    /// What the list calls it.
    pub title: Option<String>,
    /// What it is a subscription to.
    pub subscription: Subscription,
}

/// What is no channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The line where it stands, from 1 on.
    pub line: usize,
    /// What stands there, cut; empty when it is about the file itself.
    pub text: String,
    /// Why it is none.
    pub reason: Reason,
}

/// Why something in a list is no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// By itself.
    #[error(transparent)]
    Subscription(#[from] BadSubscription),
    /// The operator does not let it be read.
    #[error("This feedline does not serve that channel: its operator decides which ones it does.")]
    NotServed,
    /// The file ends in the middle.
    #[error("The file is no XML from here on: what follows was not read.")]
    Broken,
    /// The file declares entities.
    #[error(
        "The file declares entities, as no list of subscriptions does: nothing of it was read."
    )]
    Entities,
}

/// Reads an OPML file (UTF-8, or UTF-16 with its mark) or lines with names and links. Addresses under the links' base are
/// ours.
#[must_use]
pub fn read(bytes: &[u8], links: &Links) -> List {
    let is_cut = bytes.len() > LARGEST;
    let text = decoded(&bytes[..bytes.len().min(LARGEST)]);
    let text = text.trim_start_matches('\u{feff}');
    let mut list = List { is_cut, ..List::default() };
    let mut seen = HashSet::new();
    if text.trim_start().starts_with('<') {
        read_outlines(text, links, &mut list, &mut seen);
    } else {
        read_lines(text, links, &mut list, &mut seen);
    }
    list
}

fn read_outlines(text: &str, links: &Links, list: &mut List, seen: &mut HashSet<String>) {
    let outlines = tree::read(text);
    list.is_cut |= outlines.is_cut;
    for found in outlines.found {
        list.add(found, links, seen);
    }
    if outlines.declares_entities {
        list.refuse(1, "", Reason::Entities);
    }
    if let Some(line) = outlines.broken {
        list.refuse(line, "", Reason::Broken);
    }
}

fn read_lines(text: &str, links: &Links, list: &mut List, seen: &mut HashSet<String>) {
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        // A comment. A hashtag alone is no channel either.
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        for part in parts(line) {
            list.add(
                Found { line: number, address: part.to_owned(), ..Found::default() },
                links,
                seen,
            );
        }
        if list.is_full() {
            list.is_cut = true;
            return;
        }
    }
}

/// A line is one address, perhaps with a reader's remarks behind it, or several. White space alone does not make a list of
/// plain words.
fn parts(line: &str) -> Vec<&str> {
    let first = line.split_whitespace().next().unwrap_or_default();
    let scheme = first.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !scheme.contains([',', ';'])) {
        let further = line.split_whitespace().skip(1).filter(|part| part.contains("://"));
        return std::iter::once(first).chain(further).collect();
    }
    let mut parts = Vec::new();
    for piece in line.split([',', ';']).map(str::trim).filter(|piece| !piece.is_empty()) {
        let is_plain = |word: &str| !word.contains(['@', '.', '/', ':']);
        if piece.split_whitespace().any(is_plain) {
            parts.push(piece);
        } else {
            parts.extend(piece.split_whitespace());
        }
    }
    parts
}

impl List {
    /// Leaves in only what is served here; the rest is told.
    pub fn keep_served(&mut self, serves: impl Fn(&ChannelName) -> bool) {
        let (served, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| entry.subscription.channels().iter().all(&serves));
        self.entries = served;
        for entry in others {
            self.refuse(entry.line, &entry.subscription.title(), Reason::NotServed);
        }
        self.unread.sort_by_key(|unread| unread.line);
    }

    /// Puts another list behind this one.
    pub fn extend(&mut self, other: Self, links: &Links) {
        let feed = |entry: &Entry| entry.subscription.feed(links).to_ascii_lowercase();
        let known: HashSet<String> = self.entries.iter().map(feed).collect();
        self.entries
            .extend(other.entries.into_iter().filter(|entry| !known.contains(&feed(entry))));
        self.others.extend(other.others);
        self.unread.extend(other.unread);
        let most = self.entries.len().max(self.others.len());
        self.is_cut |= other.is_cut || most > MOST_FEEDS;
        self.entries.truncate(MOST_FEEDS);
        self.others.truncate(MOST_FEEDS);
        self.unread.truncate(MOST_UNREAD);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= MOST_FEEDS
    }

    fn add(&mut self, found: Found, links: &Links, seen: &mut HashSet<String>) {
        match Subscription::parse(&found.address, links.base(), links.defaults()) {
            Ok(_) if self.is_full() => self.is_cut = true,
            Ok(subscription) => {
                if seen.insert(subscription.feed(links).to_ascii_lowercase()) {
                    let Found { line, folder, title, .. } = found;
                    self.entries.push(Entry { line, folder, title, subscription });
                }
            }
            Err(BadSubscription::Other) => self.keep(found),
            Err(reason) => self.refuse(found.line, &found.address, reason.into()),
        }
    }

    /// Who takes the list back to a reader must not lose there what is no channel.
    fn keep(&mut self, found: Found) {
        let Found { line, folder, title, address, page } = found;
        let kept = subscription::other(&address).filter(|_| self.others.len() < MOST_FEEDS);
        let is_kept = kept.is_some();
        self.others.extend(kept.map(|feed| Outline {
            folder,
            title: title.unwrap_or_else(|| feed.clone()),
            feed,
            page: page.as_deref().and_then(subscription::other).unwrap_or_default(),
        }));
        // Nothing is left out when it is only not told one by one.
        if !is_kept || self.unread.len() < MOST_UNREAD {
            self.refuse(line, &address, BadSubscription::Other.into());
        }
    }

    fn refuse(&mut self, line: usize, text: &str, reason: Reason) {
        if self.unread.len() >= MOST_UNREAD {
            self.is_cut = true;
            return;
        }
        let text = super::line(text).chars().take(LONGEST_ECHO).collect();
        self.unread.push(Unread { line, text, reason });
    }
}

/// What is broken in a text must not keep the rest from being read: addresses are plain letters.
fn decoded(bytes: &[u8]) -> String {
    let units = |pair: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|two| pair([two[0], two[1]]));
        char::decode_utf16(units).map(|one| one.unwrap_or('\u{fffd}')).collect()
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
