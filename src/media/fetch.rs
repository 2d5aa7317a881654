//! Fetching a file: in single flight, by its present address, and by a renewed one when that is dead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::arrival::{self, Arrival, Begun, Ground, Head, Progress, State};
use super::error::Error;
use super::passage::Passage;
use super::places::Place;
use super::subject::Subject;
use super::{Inner, RECENT};
use crate::net::FileError;
use crate::service::{Class, ClientId, FileKey, Held, Located};
use crate::text::Address;

/// Files that are on their way, those that wait for a place included: more are refused as busy.
const MOST_UNDER_WAY: usize = 512;

/// What comes of a fetch as soon as it is known.
#[derive(Clone)]
pub(super) enum Outcome {
    /// The file arrives.
    Arriving(Arc<Arrival>),
    /// It can be had, and nothing can be kept.
    Passing(Arc<Passage>),
    /// It is too large to be kept: there it lies.
    Elsewhere(Address),
    /// It is in the cache, under this key.
    Kept(FileKey),
    /// It can be had: that alone was asked.
    Seen(Head),
    /// It does not come.
    Failed(Error),
}

/// The fetches under way.
#[derive(Default)]
pub(super) struct Fetches(Mutex<HashMap<FileKey, Flight>>);

/// A fetch under way.
#[derive(Clone)]
struct Flight {
    outcome: watch::Receiver<Option<Outcome>>,
    /// Whether it renews an address that is dead.
    renews: bool,
}

/// Who wants a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) client_id: ClientId,
    pub(super) class: Class,
}

impl Wish {
    /// Somebody waits for it.
    pub(super) fn of(client_id: ClientId) -> Self {
        Self { client_id, class: Class::Media }
    }

    /// Nobody waits for it.
    pub(super) const AHEAD: Self = Self { client_id: ClientId::OPERATOR, class: Class::Background };

    /// Nobody who waits, nobody who renews a dead address: that is done when somebody waits.
    fn renews(self) -> bool {
        self.class != Class::Background
    }
}

impl Fetches {
    fn lock(&self) -> MutexGuard<'_, HashMap<FileKey, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, key: FileKey) -> bool {
        self.lock().contains_key(&key)
    }
}

/// A fetch under way, as the one who does it has it. Whatever happens, its key is free again at the end.
struct UnderWay {
    inner: Arc<Inner>,
    key: FileKey,
    sender: watch::Sender<Option<Outcome>>,
}

impl UnderWay {
    fn tell(&self, outcome: Outcome) {
        self.sender.send_replace(Some(outcome));
    }

    /// The last word. Who comes after it begins anew.
    fn end(self, outcome: Outcome) {
        let sender = self.sender.clone();
        drop(self);
        sender.send_replace(Some(outcome));
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.inner.fetches.lock().remove(&self.key);
    }
}

impl Inner {
    /// Joins the fetch of a file, or begins it, and waits for what comes of it. Who leaves ends nothing.
    pub(super) async fn fetch(
        self: &Arc<Self>,
        subject: &Subject,
        held: Held,
        wish: Wish,
    ) -> Outcome {
        loop {
            let Some(Flight { mut outcome, renews }) = self.join(subject, held, wish) else {
                return Outcome::Failed(Error::BUSY);
            };
            let found =
                outcome.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
            match found {
                // It was fetched ahead: for whoever waits its address is renewed.
                Some(Outcome::Failed(Error::Dead)) if wish.renews() && !renews => {}
                Some(outcome) => return outcome,
                None => return Outcome::Failed(crate::service::Error::Internal.into()),
            }
        }
    }

    /// Whether a file can be had, and what it is; nothing of it is kept.
    pub(super) async fn look(
        self: &Arc<Self>,
        subject: &Subject,
        held: Held,
        wish: Wish,
    ) -> Outcome {
        if self.fetches.has(held.key) {
            return self.fetch(subject, held, wish).await;
        }
        match self.begin(subject, held, wish).await {
            Ok(Ok((begun, _, _))) => Outcome::Seen(begun.origin.head),
            Ok(Err(outcome)) => outcome,
            Err(error) => {
                self.refuse(held.key, &error);
                Outcome::Failed(error)
            }
        }
    }

    fn join(self: &Arc<Self>, subject: &Subject, held: Held, wish: Wish) -> Option<Flight> {
        let key = held.key;
        let mut fetches = self.fetches.lock();
        if let Some(flight) = fetches.get(&key) {
            return Some(flight.clone());
        }
        if fetches.len() >= MOST_UNDER_WAY || self.stop.is_cancelled() {
            return None;
        }
        let (sender, outcome) = watch::channel(None);
        let flight = Flight { outcome, renews: wish.renews() };
        fetches.insert(key, flight.clone());
        drop(fetches);
        let under_way = UnderWay { inner: Arc::clone(self), key, sender };
        let (inner, subject) = (Arc::clone(self), subject.clone());
        self.tasks.spawn(async move { inner.work(&subject, held, wish, under_way).await });
        Some(flight)
    }

    /// The whole of a fetch, which tells as soon as there is something to tell.
    async fn work(&self, subject: &Subject, held: Held, wish: Wish, under_way: UnderWay) {
        let (begun, key, place) = match self.begin(subject, held, wish).await {
            Ok(Ok(begun)) => begun,
            Ok(Err(outcome)) => return under_way.end(outcome),
            Err(error) => {
                if error == Error::Dead && !wish.renews() {
                    self.leave_to_people(held.key);
                } else {
                    self.refuse(held.key, &error);
                }
                return under_way.end(Outcome::Failed(error));
            }
        };
        let Some(temporary) = self.cache.begin().await else {
            return under_way.end(Outcome::Passing(Arc::new(Passage::new(begun))));
        };
        let Begun { origin, start, rest } = begun;
        let origin = Arc::new(origin);
        let coming = Progress { came: 0, state: State::Coming };
        let (sender, progress) = watch::channel(coming);
        let file = Arc::clone(&temporary.file);
        let arrival = Arrival { origin: Arc::clone(&origin), file, progress };
        under_way.tell(Outcome::Arriving(Arc::new(arrival)));
        if origin.head.length.is_none() {
            // It passes on and is not kept: in vain, when nobody asks.
            self.leave_to_people(key);
        }
        let ground = Ground { cache: &self.cache, files: &self.files, stop: &self.stop };
        let fetched = (origin, start, rest);
        let outcome = arrival::receive(&ground, key, fetched, temporary, &sender).await;
        drop(place);
        match outcome {
            Ok(()) => {}
            Err(FileError::TooLarge { .. }) => self.large.insert(key, self.clock().now()),
            Err(error) => tracing::info!(%error, "a file broke off while it arrived"),
        }
    }

    /// Finds a file and reads its first bytes. `Ok(Err)`: there is nothing to fetch.
    async fn begin(
        &self,
        subject: &Subject,
        held: Held,
        wish: Wish,
    ) -> Result<Result<(Begun, FileKey, Place), Outcome>, Error> {
        let mut located = known_by(held, subject.locate(&self.service, None, wish).await?);
        // A channel that nobody had asked for may be known by now, and have a number: by that its files are found from now on.
        let key = subject.held(&self.service).await?.key;
        if self.is_kept(key, &located).await {
            return Ok(Err(Outcome::Kept(key)));
        }
        if self.is_large(key) {
            return Ok(Err(Outcome::Elsewhere(located.address)));
        }
        let place = self.places.take(wish.client_id).await?;
        let mut first = self.ask(subject, &located).await;
        if first.as_ref().is_err_and(|error| *error == Error::Dead) && wish.renews() {
            let dead = located.address;
            located = known_by(held, subject.locate(&self.service, Some(&dead), wish).await?);
            tracing::debug!("a file's address was renewed");
            first = if located.address == dead {
                Err(Error::Dead)
            } else {
                self.ask(subject, &located).await
            };
        }
        match first? {
            Some(begun) => {
                let place = self.places.hold(place, begun.origin.head.length)?;
                Ok(Ok((begun, key, place)))
            }
            None => {
                self.large.insert(key, self.clock().now());
                Ok(Err(Outcome::Elsewhere(located.address)))
            }
        }
    }

    /// Whether the file that lies there is in the cache: it came a moment ago, or its identity says that it is the same.
    async fn is_kept(&self, key: FileKey, located: &Located) -> bool {
        let Some(age) = self.cache.age(key, located.identity).await else { return false };
        if located.identity.is_some() {
            self.cache.confirm(key).await;
        }
        located.identity.is_some() || age < RECENT
    }

    /// Asks for a file at its address; `None`: it is too large.
    async fn ask(&self, subject: &Subject, located: &Located) -> Result<Option<Begun>, Error> {
        let url = located.address.to_url().ok_or(Error::Unfit)?;
        let download = match self.files.fetch(&url, None, self.limit()).await {
            Err(FileError::TooLarge { .. }) => return Ok(None),
            download => download?,
        };
        let now = self.clock().now();
        arrival::begin(download, url, subject.form(), located.identity, now).await.map(Some)
    }
}

/// A file is kept under its own identity; where the address tells none, under that by which whoever asked knows it, so that
/// they find it again.
fn known_by(held: Held, located: Located) -> Located {
    Located { identity: located.identity.or(held.identity), ..located }
}
