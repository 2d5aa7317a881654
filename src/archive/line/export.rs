//! The archive is written as lines.

use std::io::Write;

use super::{Amount, ChannelLine, Line, PostLine, VERSION};
use crate::archive::channel::{self, COLUMNS, Stored};
use crate::archive::session::Session;
use crate::archive::{Archive, Error, payload, post};

/// Posts between two reports of progress.
const STEP: u64 = 100;

/// Why the lines end early.
enum Failure {
    Database(rusqlite::Error),
    Output(std::io::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl Archive {
    /// Writes all of it as lines of JSON, as of one moment. `progress` hears of what is written.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Unwritable`] when the lines find no taker.
    pub async fn export(
        &self,
        to: impl Write + Send + 'static,
        progress: impl FnMut(Amount) + Send + 'static,
    ) -> Result<Amount, Error> {
        let mut lines = Lines { to, progress, amount: Amount::default() };
        let outcome = self
            .read(move |session| match lines.write_all(session) {
                Ok(()) => Ok(Ok(lines.amount)),
                Err(Failure::Output(error)) => Ok(Err(error)),
                Err(Failure::Database(error)) => Err(error),
            })
            .await?;
        outcome.map_err(|error| Error::Unwritable { detail: error.to_string() })
    }
}

struct Lines<W, P> {
    to: W,
    progress: P,
    amount: Amount,
}

impl<W: Write, P: FnMut(Amount)> Lines<W, P> {
    fn write_all(&mut self, session: &Session<'_>) -> Result<(), Failure> {
        self.write(&Line::FeedlineArchive(VERSION))?;
        let mut channels =
            session.prepare(&format!("SELECT {COLUMNS} FROM channel ORDER BY id"))?;
        let mut rows = channels.query([])?;
        while let Some(row) = rows.next()? {
            match Stored::read(session, row)? {
                Ok(stored) => self.write_channel(session, stored)?,
                Err(_) => self.amount.set_aside += 1,
            }
        }
        (self.progress)(self.amount);
        Ok(self.to.flush()?)
    }

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
        let mut text = payload::to_text(line)?;
        text.push('\n');
        self.to.write_all(text.as_bytes())?;
        self.amount.bytes += text.len() as u64;
        Ok(())
    }
}
