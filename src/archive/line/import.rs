//! Lines are taken in.
//!
//! What is here already stays, unless a line knows a later version of it; so a file can be read twice, and into an archive
//! that is in use. A line that cannot be read is told and passed over.
//!
//! SECURITY: lines that somebody else wrote -> they pass the same doors as Telegram's pages; their characters, their length
//! and their depth are bounded.

use std::io::{BufRead, Read as _};
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use serde_json::Value;

use super::{Amount, ChannelLine, Line, PostLine, VERSION};
use crate::archive::channel;
use crate::archive::health::Health;
use crate::archive::post::{self, Writing};
use crate::archive::session::Session;
use crate::archive::{Archive, ChannelId, Error, PostRow, Settings, range, retention};
use crate::text::clean;

/// The longest line, in bytes.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Posts that go in with one transaction.
const BATCH: usize = 200;

/// The most faults that are told one by one.
const MOST_FAULTS: usize = 20;

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that were read.
    pub amount: Amount,
    /// Posts that were here already, as late or later.
    pub known: u64,
    /// Lines that could not be read.
    pub refused: u64,
    /// The first of them.
    pub faults: Vec<Fault>,
}

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// Lines of an archive, up to where they were read.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    line: u64,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads the first line, which says whether these are lines of an archive; so a wrong file is known for one before an
    /// archive is made for it.
    ///
    /// # Errors
    /// [`Error::Unreadable`]
    pub fn begin(from: R) -> Result<Self, Error> {
        let mut lines = Self { from, line: 0, bytes: 0 };
        match lines.next()? {
            Some(Ok(Line::FeedlineArchive(VERSION))) => Ok(lines),
            Some(Ok(Line::FeedlineArchive(other))) => Err(unreadable(&format!(
                "a newer feedline wrote it (version {other}, this one knows {VERSION})"
            ))),
            _ => Err(unreadable("it does not begin as an export of an archive does")),
        }
    }

    /// The next line that is not blank.
    fn next(&mut self) -> Result<Option<Result<Line, Bad>>, Error> {
        loop {
            let mut bytes = Vec::new();
            let read = (&mut self.from).take(LONGEST).read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| unreadable(&error.to_string()))? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.bytes += read;
            if read == LONGEST && !bytes.ends_with(b"\n") {
                self.skip_line()?;
                let why = format!("it is longer than {LONGEST} bytes");
                return Ok(Some(Err(Bad { why, is_channel: true })));
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(parse(&bytes)));
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), Error> {
        loop {
            let buffer = self.from.fill_buf().map_err(|error| unreadable(&error.to_string()))?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.from.consume(length);
            self.bytes += length as u64;
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }
}

impl Archive {
    /// Takes in lines that [`Archive::export`] wrote. `progress` hears of what is read.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unreadable`] when they break off. What was read before is in.
    pub async fn import(
        &self,
        lines: Lines<impl BufRead + Send + 'static>,
        progress: impl FnMut(Amount) + Send + 'static,
    ) -> Result<Imported, Error> {
        let archive = self.clone();
        let work = move || {
            let mut reading = Reading {
                archive,
                lines,
                progress,
                imported: Imported::default(),
                channel: None,
                posts: Vec::new(),
            };
            reading.read_all()?;
            Ok(reading.imported)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
    }
}

struct Reading<R, P> {
    archive: Archive,
    lines: Lines<R>,
    progress: P,
    imported: Imported,
    /// The channel whose posts follow.
    channel: Option<Arc<ChannelLine>>,
    posts: Vec<PostLine>,
}

impl<R: BufRead, P: FnMut(Amount)> Reading<R, P> {
    fn read_all(&mut self) -> Result<(), Error> {
        while let Some(line) = self.lines.next()? {
            self.imported.amount.bytes = self.lines.bytes;
            match line {
                Ok(Line::Channel(channel)) => {
                    self.put()?;
                    self.imported.amount.channels += 1;
                    self.channel = Some(Arc::from(channel));
                    self.put_channel()?;
                }
                Ok(Line::Post(_)) if self.channel.is_none() => {
                    self.refuse("its channel could not be taken in".to_owned());
                }
                Ok(Line::Post(post)) => {
                    self.imported.amount.posts += 1;
                    self.posts.push(*post);
                    if self.posts.len() >= BATCH {
                        self.put()?;
                    }
                }
                Ok(Line::FeedlineArchive(_)) => {}
                Err(Bad { why, is_channel }) => {
                    if is_channel {
                        self.put()?;
                        self.channel = None;
                    }
                    self.refuse(why);
                }
            }
        }
        self.put()?;
        self.imported.amount.bytes = self.lines.bytes;
        (self.progress)(self.imported.amount);
        Ok(())
    }

    fn refuse(&mut self, why: String) {
        self.imported.refused += 1;
        if self.imported.faults.len() < MOST_FAULTS {
            self.imported.faults.push(Fault { line: self.lines.line, why });
        }
    }

    /// A channel goes in even when it has no posts.
    fn put_channel(&mut self) -> Result<(), Error> {
        match self.batch(Vec::new()) {
            Err(error @ Error::Undecodable { .. }) => {
                self.channel = None;
                self.refuse(error.to_string());
                Ok(())
            }
            outcome => outcome.map(|_| ()),
        }
    }

    /// Posts that wait go in.
    fn put(&mut self) -> Result<(), Error> {
        if self.posts.is_empty() {
            return Ok(());
        }
        let posts = std::mem::take(&mut self.posts);
        let (known, set_aside) = self.batch(posts)?;
        self.imported.known += known;
        for _ in 0..set_aside {
            self.refuse(
                "the archive's own row of a post before this line cannot be decoded".to_owned(),
            );
        }
        (self.progress)(self.imported.amount);
        Ok(())
    }

    /// How many were here already, and for how many there is a row that cannot be decoded.
    fn batch(&self, posts: Vec<PostLine>) -> Result<(u64, u64), Error> {
        let Some(channel) = self.channel.clone() else { return Ok((0, 0)) };
        let (settings, health) = (Arc::clone(&self.archive.settings), self.archive.health.clone());
        self.archive.writer.run_blocking(move |connection| {
            take_in(connection, &channel, &posts, &settings, &health)
        })
    }
}

/// Why a line is none.
struct Bad {
    why: String,
    /// It may have been a channel's: then posts that follow belong to none that is known.
    is_channel: bool,
}

fn parse(bytes: &[u8]) -> Result<Line, Bad> {
    let bad =
        |error: &dyn std::fmt::Display, is_channel| Bad { why: error.to_string(), is_channel };
    let bytes = bytes.trim_ascii();
    let begins_as_post = bytes.starts_with(b"{\"post\"");
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| bad(&error, !begins_as_post))?;
    let is_channel = value.get("post").is_none();
    if !is_clean(&value) {
        return Err(bad(&"it holds a character that no feed may carry", is_channel));
    }
    serde_json::from_value(value).map_err(|error| bad(&error, is_channel))
}

/// Whether no text of it holds what XML forbids: those that are no `RichText` have no door of their own.
fn is_clean(value: &Value) -> bool {
    match value {
        Value::String(text) => matches!(clean(text), std::borrow::Cow::Borrowed(_)),
        Value::Array(list) => list.iter().all(is_clean),
        Value::Object(members) => members.values().all(is_clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

fn unreadable(why: &str) -> Error {
    Error::Unreadable { detail: why.to_owned() }
}

/// Takes in a channel and some of its posts; tells how many of them were here already, as late or later, and for how many
/// there is a row that cannot be decoded.
fn take_in(
    connection: &mut Connection,
    line: &ChannelLine,
    posts: &[PostLine],
    settings: &Settings,
    health: &Health,
) -> rusqlite::Result<(u64, u64)> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let session = Session::new(&transaction, health);
    let Some(id) = take_in_channel(&session, line)? else { return Ok((0, 0)) };
    let (mut known, mut set_aside) = (0, 0);
    for PostLine { held, revisions } in posts {
        if is_here(&session, id, held)? {
            known += 1;
            continue;
        }
        let writing = Writing::new(&session, id);
        let passed_over = writing.put(std::slice::from_ref(held))?;
        if passed_over == 0 {
            writing.keep_former(revisions, settings.revisions)?;
        }
        set_aside += passed_over;
    }
    retention::apply(&session, settings, id, posts.len(), line.state.fetched)?;
    transaction.commit()?;
    Ok((known, set_aside))
}

/// The channel's row; `None` for one that nothing could lead to.
fn take_in_channel(
    session: &Session<'_>,
    line: &ChannelLine,
) -> rusqlite::Result<Option<ChannelId>> {
    if line.is_nameless && line.channel.numeric_id.is_none() {
        return Ok(None);
    }
    let known = match line.channel.numeric_id {
        Some(number) => channel::by_number(session, number)?,
        None => channel::by_name(session, &line.channel.name)?
            .filter(|known| known.channel.name == line.channel.name),
    };
    let id = match known {
        Some(known) if known.state.fetched >= line.state.fetched => {
            let ranges = range::join(&known.ranges, &line.ranges);
            channel::store_ranges(session, known.id, &ranges)?;
            known.id
        }
        _ if line.is_nameless || has_passed_on(session, line)? => {
            channel::store_nameless(session, &line.channel, &line.state, &line.ranges)?
        }
        _ => channel::store(session, &line.channel, &line.state, &line.ranges)?,
    };
    for name in &line.former_names {
        channel::add_former_name(session, id, name, false)?;
    }
    for name in &line.lost_names {
        channel::add_former_name(session, id, name, true)?;
    }
    Ok(Some(id))
}

/// Whether another channel has the name here, and was seen under it later than the line's.
fn has_passed_on(session: &Session<'_>, line: &ChannelLine) -> rusqlite::Result<bool> {
    let holder = channel::by_name(session, &line.channel.name)?;
    Ok(holder.is_some_and(|holder| {
        let numbers = holder.channel.numeric_id.zip(line.channel.numeric_id);
        holder.channel.name == line.channel.name
            && numbers.is_some_and(|(here, there)| here != there)
            && holder.state.fetched >= line.state.fetched
    }))
}

/// Whether a post is here as it is in its line, or later.
fn is_here(session: &Session<'_>, id: ChannelId, held: &PostRow) -> rusqlite::Result<bool> {
    let Some(row) = post::owning(session, id, held.message())? else { return Ok(false) };
    let known = post::by_row(session, row)?;
    Ok(known.is_some_and(|known| known.kept.updated >= held.kept.updated))
}
