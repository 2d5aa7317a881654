//! Reads lists of channels: OPML files of any reader, or plain lines.

use std::collections::HashMap;

use super::encoding::{self, BadFile};
use super::newsboat;
use super::subscription::{self, BadSubscription, Subscription};
use super::tree::{self, Found};
use super::{MOST_FEEDS, Outline};
use crate::links::Links;
use crate::locale::Message;
use crate::model::link::{self, Line, Piece};
use crate::model::{BadName, ChannelName};

/// The maximum number of reported lines.
pub const MOST_UNREAD: usize = 500;

/// The longest part of a line that is reported, in characters.
const LONGEST_ECHO: usize = 120;

/// The content of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In order, each feed once.
    pub entries: Vec<Entry>,
    /// Feeds of other sites. They stay in the list unchanged.
    pub others: Vec<Outline>,
    /// Entries that are not channels, in order; at most [`MOST_UNREAD`].
    pub unread: Vec<Unread>,
    /// The list exceeds a limit, so a part was left out.
    pub is_cut: bool,
}

/// A subscription in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1.
    pub line: usize,
    /// The names of nested folders are joined by ` / `.
    pub folders: Vec<String>,
    pub title: Option<String>,
    pub subscription: Subscription,
}

/// An entry that is not used as a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// From 1.
    pub line: usize,
    /// The entry, truncated; empty if the reason is about the file.
    pub text: String,
    pub reason: Reason,
}

/// The reason why an entry of a list is not used as a channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub enum Reason {
    /// The address is not a subscription to a channel.
    Subscription(#[from] BadSubscription),
    /// The file is not a text, or not a list.
    File(#[from] BadFile),
    /// The list already has it in the same folder.
    Twice,
    /// An outline without an address and without inner outlines.
    NoAddress,
    /// A feed of another site with a scheme that readers do not accept.
    LeftOut,
    /// The operator's settings exclude it.
    NotServed,
    /// A link in a comment.
    Comment,
    /// A heading of the next lines.
    Heading,
    /// The XML is malformed or truncated.
    Broken,
    Entities,
}

impl Reason {
    pub fn message(&self) -> Message {
        match self {
            Self::Subscription(reason) => reason.message(),
            Self::File(reason) => reason.message(),
            Self::Twice => Message::new("list-twice"),
            Self::NoAddress => Message::new("list-no-address"),
            Self::LeftOut => Message::new("list-left-out"),
            Self::NotServed => Message::new("error-not-served").detail(),
            Self::Comment => Message::new("list-comment"),
            Self::Heading => Message::new("list-heading"),
            Self::Broken => Message::new("list-broken"),
            Self::Entities => Message::new("list-entities"),
        }
    }
}

/// The indexes of known feeds in `entries` and in `others`, by address.
#[derive(Default)]
struct Seen {
    entries: HashMap<String, usize>,
    others: HashMap<String, usize>,
}

/// Reads an OPML file, or lines with names and links; gzipped or not, in any declared encoding. Addresses under the
/// links' base are feedline's own.
pub fn read(bytes: &[u8], links: &Links) -> List {
    let mut list = List::default();
    let text = match encoding::read(bytes) {
        Ok(encoding::Text { text, is_cut }) => {
            list.is_cut = is_cut;
            text
        }
        Err(reason) => {
            list.refuse(1, "", reason.into());
            return list;
        }
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut seen = Seen::default();
    if is_file(text) {
        read_outlines(text, links, &mut list, &mut seen);
    } else {
        read_lines(text, links, &mut list, &mut seen);
    }
    list
}

fn read_outlines(text: &str, links: &Links, list: &mut List, seen: &mut Seen) {
    let outlines = tree::read(text);
    list.is_cut |= outlines.is_cut;
    for found in outlines.found {
        list.add(found, links, seen);
    }
    for (line, name) in outlines.empty {
        list.refuse(line, &name, Reason::NoAddress);
    }
    list.unread.sort_by_key(|unread| unread.line);
    if outlines.declares_entities {
        list.refuse(1, "", Reason::Entities);
    } else if let Some(line) = outlines.broken {
        list.refuse(line, "", Reason::Broken);
    } else if outlines.number == 0 {
        list.refuse(1, "", BadFile::NoOutlines.into());
    }
}

/// Whether a text is an OPML file. Lines may also begin with HTML, or with a link in angle brackets.
pub fn is_file(text: &str) -> bool {
    let text = text.trim_start_matches(|one: char| one.is_whitespace() || one == '\u{feff}');
    let marks: [&[u8]; 4] = [b"<?xml", b"<opml", b"<outline", b":outline"];
    let is_mark = |part: &[u8]| {
        marks
            .iter()
            .any(|mark| part.len() >= mark.len() && part[..mark.len()].eq_ignore_ascii_case(mark))
    };
    text.starts_with('<') && (0..text.len()).any(|at| is_mark(&text.as_bytes()[at..]))
}

/// Reads lines of names, links and tables. Words beside a link are its title; words are names only in a line without a
/// link.
fn read_lines(text: &str, links: &Links, list: &mut List, seen: &mut Seen) {
    let mut lines = link::lines(text).filter(|(_, line)| !line.trim().is_empty()).peekable();
    let (mut is_first, mut head) = (true, None);
    while let Some((number, text)) = lines.next() {
        let line = Line::parse(text);
        let next = lines.peek().map(|(_, next)| *next);
        list.is_cut |= line.is_cut;
        let text = text.trim();
        if is_comment(text) {
            // Comments are skipped, but links in them are reported.
            if line.has_link() {
                list.refuse(number, text, Reason::Comment);
            }
            continue;
        }
        let found = |address: &str, title: Option<&str>| Found {
            line: number,
            title: title.map(super::line),
            address: address.to_owned(),
            ..Found::default()
        };
        if let Some(newsboat::Line { address, tags, title }) = newsboat::Line::parse(text) {
            let found = Found { line: number, folders: tags, title, address, ..Found::default() };
            list.add(found, links, seen);
        } else if line.has_link() {
            let mut last = None;
            for (link, title) in line.links().zip(titles(&line)) {
                // Markdown and HTML write a link twice.
                if last != Some(link) {
                    list.add(found(link, title), links, seen);
                }
                last = Some(link);
            }
        } else if next.is_some() && is_known_heading(&line, is_first) {
            head = Some(line).filter(|line| line.pieces.len() > 1);
        } else if next.is_some_and(|next| is_heading(text, &line, is_first, next)) {
            list.refuse(number, text, Reason::Heading);
        } else if let Some(names) = names(head.as_ref(), &line) {
            for name in names {
                list.add(found(name, None), links, seen);
            }
        } else {
            list.refuse(number, text, BadSubscription::Name(BadName::Malformed).into());
        }
        is_first = false;
        if list.is_full() && lines.peek().is_some() {
            list.is_cut = true;
            return;
        }
    }
}

/// `# words` is a comment, as in newsboat; `#1 words` is a numbered item.
fn is_comment(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|rest| !rest.starts_with(|one: char| one.is_ascii_digit()))
}

/// Whether a line without links is a heading: it ends in a colon, or it is the first line and has cells like the table
/// below.
fn is_heading(text: &str, line: &Line, is_first: bool, next: &str) -> bool {
    let is_table = |next: &str| {
        let next = Line::parse(next);
        next.has_link() && next.pieces.len() > 1
    };
    text.ends_with(':') || (is_first && line.pieces.len() > 1 && is_table(next))
}

/// Whether a line has only names of table columns. A single word is a heading only in the first line, since it can be a
/// name.
fn is_known_heading(line: &Line, is_first: bool) -> bool {
    let is_known = |piece: &Piece| match piece {
        Piece::Text(text) => is_column(text),
        Piece::Link(_) => false,
    };
    (is_first || line.pieces.len() > 1) && line.pieces.iter().all(is_known)
}

/// The names in a line without links: all its words or, in a table, the cell in the column of names.
fn names<'a>(head: Option<&Line>, line: &'a Line) -> Option<Vec<&'a str>> {
    const NAMES: &str = "username handle channel url link address name канал ссылка адрес имя";
    let Some(head) = head.filter(|_| line.pieces.len() > 1) else { return line.names() };
    let is = |piece: &Piece, name: &str| matches!(piece, Piece::Text(text) if text.to_lowercase() == name);
    let column = |name| head.pieces.iter().position(|piece| is(piece, name));
    let cell = line.pieces.get(NAMES.split(' ').find_map(column)?);
    match cell.filter(|_| line.pieces.len() == head.pieces.len()) {
        Some(Piece::Text(name)) => Some(vec![name]),
        _ => None,
    }
}

/// Whether all words are names of table columns.
fn is_column(text: &str) -> bool {
    const COLUMNS: &str = "address canal category channel channels comment comments count date description feed feeds folder group \
        handle href html htmlurl http https id kanal label language link links members name nom nombre note notes rss \
        subscribers tag tags text title titel titre topic type uri url username website xml xmlurl адрес имя канал \
        категория название описание папка подписчики посилання ссылка тема теги назва тип";
    text.split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| COLUMNS.split(' ').any(|known| known == word.to_lowercase()))
}

/// The title of each link in a line: the words before it, or after it if the line begins with a link. If a link has no
/// words, no link has a title.
fn titles(line: &Line) -> Vec<Option<&str>> {
    let is_title = |text: &str| text.contains(char::is_alphabetic) && !is_column(text);
    let is_behind = matches!(line.pieces.first(), Some(Piece::Link(_)));
    let (mut titles, mut before) = (Vec::new(), None);
    for piece in &line.pieces {
        match piece {
            Piece::Link(_) => titles.push(if is_behind { None } else { before.take() }),
            // newsboat's syntax for a title.
            Piece::Text(text) if is_behind && text.starts_with('~') => {
                if let Some(title) = titles.last_mut() {
                    *title = Some(text.trim_start_matches('~'));
                }
            }
            Piece::Text(text) if is_title(text) && is_behind => {
                if let Some(title) = titles.last_mut() {
                    title.get_or_insert(text);
                }
            }
            Piece::Text(text) if is_title(text) => before = Some(text.as_str()),
            Piece::Text(_) => {}
        }
    }
    if titles.len() > 1 && titles.iter().any(Option::is_none) {
        titles.fill(None);
    }
    titles
}

impl List {
    /// Removes and reports the subscriptions that are not served.
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

    /// Appends another list.
    pub fn extend(&mut self, other: Self, links: &Links) {
        let feed = |entry: &Entry| entry.subscription.feed(links).to_ascii_lowercase();
        let mut seen = Seen::default();
        seen.entries.extend(self.entries.iter().map(feed).zip(0..));
        seen.others.extend(self.others.iter().map(|other| other.feed.clone()).zip(0..));
        self.unread.extend(other.unread);
        self.is_cut |= other.is_cut;
        for entry in other.entries {
            self.put(entry, links, &mut seen);
        }
        for outline in other.others {
            // The other list has reported it already.
            if let Some(at) = seen.others.get(&outline.feed) {
                add_folders(&mut self.others[*at].folders, outline.folders);
            } else if self.others.len() < MOST_FEEDS {
                seen.others.insert(outline.feed.clone(), self.others.len());
                self.others.push(outline);
            } else {
                self.is_cut = true;
            }
        }
        self.is_cut |= self.unread.len() > MOST_UNREAD;
        self.unread.truncate(MOST_UNREAD);
    }

    /// Whether the whole list was used, apart from duplicates.
    pub fn is_used(&self) -> bool {
        self.unread.iter().all(|unread| unread.reason == Reason::Twice)
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= MOST_FEEDS
    }

    fn add(&mut self, found: Found, links: &Links, seen: &mut Seen) {
        match Subscription::parse(&found.address, links.base(), links.defaults()) {
            Ok(subscription) => {
                let Found { line, folders, title, .. } = found;
                self.put(Entry { line, folders, title, subscription }, links, seen);
            }
            Err(BadSubscription::Other) => self.keep(found, seen),
            Err(reason) => self.refuse(found.line, &found.address, reason.into()),
        }
    }

    /// Appends a subscription. A known one is added to further folders.
    fn put(&mut self, entry: Entry, links: &Links, seen: &mut Seen) {
        let feed = entry.subscription.feed(links).to_ascii_lowercase();
        if let Some(at) = seen.entries.get(&feed) {
            let known = &mut self.entries[*at];
            // People write a name and its link in one line.
            let is_beside = known.line == entry.line && entry.folders.is_empty();
            if !is_beside && !add_folders(&mut known.folders, entry.folders) {
                self.mention(entry.line, &entry.subscription.title(), Reason::Twice);
            }
        } else if self.is_full() {
            self.is_cut = true;
        } else {
            seen.entries.insert(feed, self.entries.len());
            self.entries.push(entry);
        }
    }

    /// Stores a feed of another site, so that a reader that imports the list does not lose it.
    fn keep(&mut self, found: Found, seen: &mut Seen) {
        let Found { line, folders, title, address, page, extra } = found;
        let Some(feed) = subscription::other(&address) else {
            return self.refuse(line, &address, Reason::LeftOut);
        };
        if let Some(at) = seen.others.get(&feed) {
            if !add_folders(&mut self.others[*at].folders, folders) {
                self.mention(line, &address, Reason::Twice);
            }
        } else if self.others.len() < MOST_FEEDS {
            seen.others.insert(feed.clone(), self.others.len());
            self.others.push(Outline {
                folders,
                title: title.unwrap_or_else(|| feed.clone()),
                feed,
                page: page.as_deref().and_then(subscription::other).unwrap_or_default(),
                extra,
            });
            self.mention(line, &address, BadSubscription::Other.into());
        } else {
            self.is_cut = true;
        }
    }

    /// Reports an entry that stays in the list. Beyond the limit, the report is dropped, and the list does not count as
    /// truncated.
    fn mention(&mut self, line: usize, text: &str, reason: Reason) {
        if self.unread.len() < MOST_UNREAD {
            self.refuse(line, text, reason);
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

/// Adds new folders; returns whether there were any.
fn add_folders(folders: &mut Vec<String>, others: Vec<String>) -> bool {
    let before = folders.len();
    for folder in others {
        if !folders.contains(&folder) && folders.len() < tree::MOST_FOLDERS {
            folders.push(folder);
        }
    }
    folders.len() > before
}
