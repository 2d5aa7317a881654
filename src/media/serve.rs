//! A file, found wherever it is, becomes an answer to what was asked of it.

use std::sync::Arc;
use std::time::Duration;

use super::Inner;
use super::answer::{Answer, Opened, Source};
use super::arrival::{self, Arrival, Head};
use super::ask::{Ask, Part};
use super::body::Body;
use super::cache::Kept;
use super::error::Error;
use super::fetch::Wish;
use super::passage::{self, Passage};
use super::subject::Subject;
use crate::service::{Class, ClientId, File, Held};

/// How long a kept file without an identity is taken for what Telegram has: an edit may have put another one in its place.
const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The same, of the picture of a channel.
const AVATAR_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// A part that begins so far behind what has arrived is not waited for.
const FAR: u64 = 1024 * 1024;

/// A file from the cache.
pub(super) fn kept(kept: Kept, ask: &Ask) -> Result<Answer, Error> {
    let head = Head::of(&kept.entry);
    let part = part(&head, ask)?;
    let end = part.map_or(kept.entry.length, |part| part.last + 1);
    let body = Body::kept(kept.file, part.map_or(0, |part| part.first), end);
    Ok(answer(&head, part, Source::Kept, body))
}

/// What is said of a file that is not here.
pub(super) fn seen(head: &Head) -> Answer {
    answer(head, None, Source::Passing, Body::empty())
}

impl Inner {
    /// A kept file that may not be what Telegram has any more is looked at again, and whoever asks does not wait for that.
    pub(super) fn look_again(
        self: &Arc<Self>,
        subject: &Subject,
        held: Held,
        kept: &Kept,
        wish: Wish,
    ) {
        let life = match subject {
            Subject::File(_, File::Avatar) => AVATAR_LIFE,
            _ => LIFE,
        };
        let is_certain = held.identity.is_some();
        if is_certain || kept.age < life || self.is_in_vain(held.key) {
            return;
        }
        let (inner, subject) = (Arc::clone(self), subject.clone());
        let wish = Wish { class: Class::Background, ..wish };
        self.tasks.spawn(async move { drop(inner.fetch(&subject, held, wish).await) });
    }

    /// A file that arrives.
    pub(super) async fn arriving(
        &self,
        arrival: Arc<Arrival>,
        ask: &Ask,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        let head = arrival.origin.head.clone();
        let part = part(&head, ask)?;
        if let Some(part) = part
            && part.first > arrival.progress.borrow().came.saturating_add(FAR)
            && let Some(body) = self.beside(&arrival, part, client_id).await
        {
            return Ok(answer(&head, Some(part), Source::Passing, body));
        }
        let first = part.map_or(0, |part| part.first);
        let end = part.map(|part| part.last + 1).or(head.length);
        let body = Body::arriving(arrival, self.files.clone(), first, end);
        Ok(answer(&head, part, Source::Arriving, body))
    }

    /// A part of a file that arrives, straight from Telegram's servers; `None`: it has to be waited for.
    async fn beside(&self, arrival: &Arrival, part: Part, client_id: ClientId) -> Option<Body> {
        let place = self.passing.take_at_once(client_id).ok()?;
        let Part { first, last } = part;
        let download = passage::span(&self.files, &arrival.origin, first, last).await.ok()?;
        Some(Body::passing(bytes::Bytes::new(), download, Some(part.length()), place))
    }

    /// A file that is not kept.
    pub(super) async fn pass(
        &self,
        passage: &Passage,
        ask: &Ask,
        client_id: ClientId,
    ) -> Result<Answer, Error> {
        let head = passage.origin.head.clone();
        let part = part(&head, ask)?;
        let place = self.passing.take_at_once(client_id)?;
        let (start, download) = match part {
            Some(Part { first, last }) => {
                let download = passage::span(&self.files, &passage.origin, first, last).await;
                (bytes::Bytes::new(), download.map_err(|_| Error::Unfit)?)
            }
            None => passage.whole(&self.files, self.limit()).await?,
        };
        let left = part.map(Part::length).or(head.length);
        let body = Body::passing(start, download, left, place);
        Ok(answer(&head, part, Source::Passing, body))
    }
}

/// The part that is wanted of this file; of one whose length is not known there are none.
fn part(head: &Head, ask: &Ask) -> Result<Option<Part>, Error> {
    let etag = arrival::etag(head.fingerprint);
    let (Some(range), Some(length)) = (ask.range_of(&etag, head.modified), head.length) else {
        return Ok(None);
    };
    range.within(length).map(Some).map_err(|_| Error::Unsatisfiable { length })
}

fn answer(head: &Head, part: Option<Part>, source: Source, body: Body) -> Answer {
    let source = if head.length.is_some() { source } else { Source::Unmeasured };
    Answer::File(Box::new(Opened {
        media_type: head.media_type,
        length: head.length,
        etag: arrival::etag(head.fingerprint),
        modified: head.modified,
        part,
        source,
        body,
    }))
}
