//! Export and import as JSON lines: to move an archive, also to another database, and for other programs.
//!
//! The first line has the format version; then each channel is a line, followed by its posts, oldest first, one per
//! line. An import replaces an archived post only by a later version, so a file can be imported twice, and into an
//! archive in use. Unreadable lines are reported and skipped.
//!
//! SECURITY: lines written by a stranger -> they are validated like Telegram's pages; characters, length and depth are
//! limited.

use std::io::{self, BufRead, Read as _, Write};
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::channel::{self, COLUMNS, Stored};
use super::error::Error;
use super::health::Health;
use super::index::Recent;
use super::payload::to_text;
use super::post::{self, Writing};
use super::session::Session;
use super::value::{ChannelId, PostRow, Range, Settings, State};
use super::{range, retention};
use crate::model::{Channel, ChannelName, StoredPost};
use crate::text::clean;

/// The version of the format.
const VERSION: u32 = 1;

/// Posts between two progress reports of an export.
const STEP: u64 = 100;

/// The maximum length of an imported line, in bytes.
const LONGEST: u64 = 32 * 1024 * 1024;

/// Posts in one transaction.
const BATCH: usize = 200;

/// The maximum number of faults that are reported individually.
const MOST_FAULTS: usize = 20;

/// The amount of data written or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub channels: u64,
    pub posts: u64,
    pub bytes: u64,
    /// Undecodable rows, which are not exported.
    pub set_aside: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first line: the format version.
    FeedlineArchive(u32),
    Channel(Box<ChannelLine>),
    Post(Box<PostLine>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChannelLine {
    channel: Channel,
    state: State,
    #[serde(default)]
    ranges: Vec<Range>,
    #[serde(default)]
    former_names: Vec<ChannelName>,
    /// Former names that other channels have taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lost_names: Vec<ChannelName>,
    /// Another channel has taken the name.
    #[serde(default)]
    is_nameless: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PostLine {
    #[serde(flatten)]
    held: PostRow,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    revisions: Vec<StoredPost>,
}

/// The result of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// What was read.
    pub amount: Amount,
    /// Posts that the archive already had in the same or a later version.
    pub known: u64,
    /// Lines that were skipped.
    pub refused: u64,
    /// Faults of the first skipped lines.
    pub faults: Vec<Fault>,
}

/// The fault of a skipped line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: u64,
    pub why: String,
}

pub(super) enum Failure {
    Database(rusqlite::Error),
    Output(io::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Writes the whole archive as lines.
pub(super) fn export(
    session: &Session<'_>,
    to: impl Write,
    progress: impl FnMut(Amount),
) -> Result<Amount, Failure> {
    let mut export = Export { to, progress, amount: Amount::default() };
    export.write(&Line::FeedlineArchive(VERSION))?;
    let mut channels = session.prepare(&format!("SELECT {COLUMNS} FROM channel ORDER BY id"))?;
    let mut rows = channels.query([])?;
    while let Some(row) = rows.next()? {
        match Stored::read(session, row)? {
            Ok(stored) => export.write_channel(session, stored)?,
            Err(_) => export.amount.set_aside += 1,
        }
    }
    (export.progress)(export.amount);
    export.to.flush()?;
    Ok(export.amount)
}

struct Export<W, P> {
    to: W,
    progress: P,
    amount: Amount,
}

impl<W: Write, P: FnMut(Amount)> Export<W, P> {
    fn write_channel(&mut self, session: &Session<'_>, stored: Stored) -> Result<(), Failure> {
        let Stored { id, channel, has_lost_name: is_nameless, state, ranges } = stored;
        let former_names = channel::former_names(session, id, false)?;
        let lost_names = channel::former_names(session, id, true)?;
        let line = ChannelLine { channel, state, ranges, former_names, lost_names, is_nameless };
        self.write(&Line::Channel(Box::new(line)))?;
        self.amount.channels += 1;
        let mut posts =
            session.prepare("SELECT id, payload FROM post WHERE channel = ?1 ORDER BY message")?;
        let mut rows = posts.query([id.get()])?;
        while let Some(row) = rows.next()? {
            let Some(held) = post::read(session, row)? else {
                self.amount.set_aside += 1;
                continue;
            };
            let revisions = post::revisions(session, row.get(0)?)?;
            let line = PostLine { held, revisions };
            self.write(&Line::Post(Box::new(line)))?;
            self.amount.posts += 1;
            if self.amount.posts.is_multiple_of(STEP) {
                (self.progress)(self.amount);
            }
        }
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), Failure> {
        let mut text = to_text(line)?;
        text.push('\n');
        self.to.write_all(text.as_bytes())?;
        self.amount.bytes += text.len() as u64;
        Ok(())
    }
}

/// A reader of exported lines.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    line: u64,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads the first line. This detects a wrong file before an archive is created for it.
    ///
    /// # Errors
    /// [`Error::Unreadable`] if the input cannot be read, or is not an export in this version of the format.
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

/// Imports lines. `store` is called with each channel and with batches of its posts, see [`take_in`]. `progress` is
/// called with the amount read so far.
pub(super) fn import<R: BufRead>(
    lines: Lines<R>,
    progress: impl FnMut(Amount),
    store: impl FnMut(Arc<ChannelLine>, Vec<PostLine>) -> Result<Known, Error>,
) -> Result<Imported, Error> {
    let imported = Imported::default();
    let mut import = Import { lines, progress, store, imported, channel: None, posts: Vec::new() };
    import.read_all()?;
    Ok(import.imported)
}

/// Posts of a batch that were not stored.
pub(super) struct Known {
    /// The archive had them in the same or a later version.
    as_late: u64,
    /// Their rows in the archive are undecodable.
    set_aside: u64,
}

struct Import<R, P, S> {
    lines: Lines<R>,
    progress: P,
    store: S,
    imported: Imported,
    /// The channel of the next posts.
    channel: Option<Arc<ChannelLine>>,
    posts: Vec<PostLine>,
}

impl<R, P, S> Import<R, P, S>
where
    R: BufRead,
    P: FnMut(Amount),
    S: FnMut(Arc<ChannelLine>, Vec<PostLine>) -> Result<Known, Error>,
{
    fn read_all(&mut self) -> Result<(), Error> {
        while let Some(line) = self.lines.next()? {
            self.imported.amount.bytes = self.lines.bytes;
            match line {
                Ok(Line::Channel(channel)) => {
                    self.put()?;
                    self.imported.amount.channels += 1;
                    self.put_channel(Arc::from(channel))?;
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

    /// Stores a channel without posts, so that an empty channel is imported too.
    fn put_channel(&mut self, channel: Arc<ChannelLine>) -> Result<(), Error> {
        self.channel = None;
        match (self.store)(Arc::clone(&channel), Vec::new()) {
            Ok(_) => self.channel = Some(channel),
            Err(error @ Error::Undecodable { .. }) => self.refuse(error.to_string()),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Stores the pending posts.
    fn put(&mut self) -> Result<(), Error> {
        let posts = std::mem::take(&mut self.posts);
        let Some(channel) = self.channel.clone().filter(|_| !posts.is_empty()) else {
            return Ok(());
        };
        let known = (self.store)(channel, posts)?;
        self.imported.known += known.as_late;
        for _ in 0..known.set_aside {
            self.refuse(
                "the archive's own row of a post before this line cannot be decoded".to_owned(),
            );
        }
        (self.progress)(self.imported.amount);
        Ok(())
    }
}

/// An unreadable line.
struct Bad {
    why: String,
    /// The line may have been a channel. The posts after it then have no known channel.
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

/// Whether all strings are free of characters that XML forbids. `RichText` checks its text when it is deserialised;
/// plain strings do not.
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

/// Stores a channel and a batch of its posts.
pub(super) fn take_in(
    connection: &mut Connection,
    line: &ChannelLine,
    posts: &[PostLine],
    settings: &Settings,
    health: &Health,
    recent: &Recent,
) -> rusqlite::Result<Known> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let session = Session::new(&transaction, health);
    let (mut known, mut written) = (Known { as_late: 0, set_aside: 0 }, Vec::new());
    let Some(id) = take_in_channel(&session, line)? else { return Ok(known) };
    for PostLine { held, revisions } in posts {
        if is_here(&session, id, held)? {
            known.as_late += 1;
            continue;
        }
        let writing = Writing::new(&session, id);
        let row = writing.put(std::slice::from_ref(held))?;
        if row.is_empty() {
            known.set_aside += 1;
        } else {
            writing.keep_former(revisions, settings.revisions)?;
        }
        written.extend(row);
    }
    retention::apply(&session, settings, id, posts.len(), line.state.fetched)?;
    transaction.commit()?;
    recent.add(written);
    Ok(known)
}

/// Stores the channel. Returns `None` if neither a name nor a number would lead to it.
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

/// Whether a different channel in the archive has the name of this line, and was fetched no earlier than the line.
fn has_passed_on(session: &Session<'_>, line: &ChannelLine) -> rusqlite::Result<bool> {
    let holder = channel::by_name(session, &line.channel.name)?;
    Ok(holder.is_some_and(|holder| {
        let numbers = holder.channel.numeric_id.zip(line.channel.numeric_id);
        holder.channel.name == line.channel.name
            && numbers.is_some_and(|(here, there)| here != there)
            && holder.state.fetched >= line.state.fetched
    }))
}

/// Whether the archive has the post in the same or a later version.
fn is_here(session: &Session<'_>, id: ChannelId, held: &PostRow) -> rusqlite::Result<bool> {
    let Some(row) = post::owning(session, id, held.message())? else { return Ok(false) };
    let known = post::by_row(session, row)?;
    Ok(known.is_some_and(|known| known.kept.updated >= held.kept.updated))
}
