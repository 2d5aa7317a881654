//! Reads lists of channels: OPML files of any reader, or plain lines.

use std::collections::HashMap;

use super::subscription::{self, Subscription};
use super::{MAX_FEEDS, Outline, Reason, encoding, newsboat, tree};
use crate::links::Links;
use crate::model::link::{self, Line, Piece};
use crate::model::{BadName, ChannelName};

/// The maximum number of reported lines.
pub const MAX_UNREAD: usize = 500;

/// The longest part of a line that is reported, in characters.
const MAX_ECHO: usize = 120;

/// The content of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In order, each feed once.
    pub entries: Vec<Entry>,
    /// Feeds of other sites. They stay in the list unchanged.
    pub others: Vec<Outline>,
    /// Entries that are not channels, in order; at most [`MAX_UNREAD`].
    pub unread: Vec<Unread>,
    /// The number of feeds beyond [`MAX_FEEDS`], which are not in the list.
    pub left_out: usize,
    /// The list exceeds another limit, so a part was not read.
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

/// Reads OPML files, or lines with names and links, into one list; gzipped or not, in any declared encoding. Addresses
/// under the links' base are feedline's own.
pub fn read(files: &[&[u8]], links: &Links) -> List {
    let mut reader =
        Reader { links, list: List::default(), entries: HashMap::new(), others: HashMap::new() };
    for file in files {
        reader.read(file);
    }
    reader.list
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
fn is_table_head(line: &Line, is_first: bool) -> bool {
    let is_column = |piece: &Piece| matches!(piece, Piece::Text(text) if is_column(text));
    (is_first || line.pieces.len() > 1) && line.pieces.iter().all(is_column)
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
        .all(|word| COLUMNS.split(' ').any(|column| column == word.to_lowercase()))
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

    /// Whether the whole list was used, apart from duplicates.
    pub fn is_used(&self) -> bool {
        self.unread.iter().all(|unread| unread.reason == Reason::Twice)
    }

    /// Reports an entry that stays in the list. Beyond the limit, the report is dropped, and the list does not count as
    /// truncated.
    fn mention(&mut self, line: usize, text: &str, reason: Reason) {
        if self.unread.len() < MAX_UNREAD {
            self.refuse(line, text, reason);
        }
    }

    fn refuse(&mut self, line: usize, text: &str, reason: Reason) {
        if self.unread.len() >= MAX_UNREAD {
            self.is_cut = true;
            return;
        }
        let text = super::line(text).chars().take(MAX_ECHO).collect();
        self.unread.push(Unread { line, text, reason });
    }
}

struct Reader<'a> {
    links: &'a Links,
    list: List,
    /// The indexes of the list's entries and of its other feeds, by address.
    entries: HashMap<String, usize>,
    others: HashMap<String, usize>,
}

impl Reader<'_> {
    fn read(&mut self, file: &[u8]) {
        let (text, is_cut) = match encoding::read(file) {
            Ok(text) => text,
            Err(reason) => return self.list.refuse(1, "", reason),
        };
        self.list.is_cut |= is_cut;
        let text = text.trim_start_matches('\u{feff}');
        if is_file(text) { self.read_outlines(text) } else { self.read_lines(text) }
    }

    fn read_outlines(&mut self, text: &str) {
        let outlines = tree::read(text);
        self.list.is_cut |= outlines.is_cut;
        let reported = self.list.unread.len();
        for (line, outline) in outlines.feeds {
            self.add(line, outline);
        }
        for (line, name) in outlines.empty {
            self.list.refuse(line, &name, Reason::NoAddress);
        }
        self.list.unread[reported..].sort_by_key(|unread| unread.line);
        if outlines.declares_entities {
            self.list.refuse(1, "", Reason::Entities);
        } else if let Some(line) = outlines.broken {
            self.list.refuse(line, "", Reason::Broken);
        } else if outlines.number == 0 {
            self.list.refuse(1, "", Reason::NoOutlines);
        }
    }

    /// Reads lines of names, links and tables. Words beside a link are its title; words are names only in a line
    /// without a link.
    fn read_lines(&mut self, text: &str) {
        let mut lines = link::lines(text).filter(|(_, line)| !line.trim().is_empty()).peekable();
        let (mut is_first, mut head) = (true, None);
        while let Some((number, text)) = lines.next() {
            let line = Line::parse(text);
            let next = lines.peek().map(|(_, next)| *next);
            self.list.is_cut |= line.is_cut;
            let text = text.trim();
            if is_comment(text) {
                // Comments are skipped, but links in them are reported.
                if line.has_link() {
                    self.list.refuse(number, text, Reason::Comment);
                }
                continue;
            }
            let feed = |address: &str, title: Option<&str>| Outline {
                title: title.map(super::line).unwrap_or_default(),
                feed: address.to_owned(),
                ..Outline::default()
            };
            if let Some(outline) = newsboat::parse(text) {
                self.add(number, outline);
            } else if line.has_link() {
                let mut last = None;
                for (link, title) in line.links().zip(titles(&line)) {
                    // Markdown and HTML write a link twice.
                    if last != Some(link) {
                        self.add(number, feed(link, title));
                    }
                    last = Some(link);
                }
            } else if next.is_some() && is_table_head(&line, is_first) {
                head = Some(line).filter(|line| line.pieces.len() > 1);
            } else if next.is_some_and(|next| is_heading(text, &line, is_first, next)) {
                self.list.refuse(number, text, Reason::Heading);
            } else if let Some(names) = names(head.as_ref(), &line) {
                for name in names {
                    self.add(number, feed(name, None));
                }
            } else {
                self.list.refuse(number, text, BadName::Malformed.into());
            }
            is_first = false;
        }
    }

    fn add(&mut self, line: usize, outline: Outline) {
        match Subscription::parse(&outline.feed, self.links.base(), self.links.defaults()) {
            Ok(subscription) => {
                let title = Some(outline.title).filter(|title| !title.is_empty());
                self.subscribe(Entry { line, folders: outline.folders, title, subscription });
            }
            Err(Reason::OtherSite) => self.add_other(line, outline),
            Err(reason) => self.list.refuse(line, &outline.feed, reason),
        }
    }

    /// Appends a subscription. A duplicate is added to further folders.
    fn subscribe(&mut self, entry: Entry) {
        let feed = entry.subscription.feed(self.links).to_ascii_lowercase();
        let list = &mut self.list;
        if let Some(at) = self.entries.get(&feed) {
            let first = &mut list.entries[*at];
            // People write a name and its link in one line.
            let is_beside = first.line == entry.line && entry.folders.is_empty();
            if !is_beside && !add_folders(&mut first.folders, entry.folders) {
                list.mention(entry.line, &entry.subscription.title(), Reason::Twice);
            }
        } else if list.entries.len() >= MAX_FEEDS {
            list.left_out += 1;
        } else {
            self.entries.insert(feed, list.entries.len());
            list.entries.push(entry);
        }
    }

    /// Stores a feed of another site, so that a reader that imports the list does not lose it.
    fn add_other(&mut self, line: usize, mut outline: Outline) {
        let list = &mut self.list;
        let Some(feed) = subscription::other(&outline.feed) else {
            return list.refuse(line, &outline.feed, Reason::LeftOut);
        };
        if let Some(at) = self.others.get(&feed) {
            if !add_folders(&mut list.others[*at].folders, outline.folders) {
                list.mention(line, &outline.feed, Reason::Twice);
            }
        } else if list.others.len() >= MAX_FEEDS {
            list.left_out += 1;
        } else {
            list.mention(line, &outline.feed, Reason::OtherSite);
            self.others.insert(feed.clone(), list.others.len());
            outline.page = subscription::other(&outline.page).unwrap_or_default();
            if outline.title.is_empty() {
                outline.title.clone_from(&feed);
            }
            list.others.push(Outline { feed, ..outline });
        }
    }
}

/// Adds new folders; returns whether there were any.
fn add_folders(folders: &mut Vec<String>, others: Vec<String>) -> bool {
    let before = folders.len();
    for folder in others {
        if !folders.contains(&folder) && folders.len() < tree::MAX_FOLDERS {
            folders.push(folder);
        }
    }
    folders.len() > before
}
