//! Fetching a file: in single flight, by its present address, and by a renewed one when that is dead.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::arrival::{self, Arrival, Begun, Ground, Progress, State};
use super::error::Error;
use super::passage::Passage;
use super::subject::Subject;
use super::{Inner, RECENT};
use crate::bridge::{Asker, Class, FileKey, Held, Located};
use crate::net::FileError;
use crate::text::Address;

/// Files that are on their way, those that wait for a place included: more are refused as busy.
const MOST_UNDER_WAY: usize = 512;

/// How long a place is waited for.
const PLACE_PATIENCE: Duration = Duration::from_secs(10);

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
    /// It does not come.
    Failed(Error),
}

/// The fetches under way.
#[derive(Default)]
pub(super) struct Fetches(Mutex<HashMap<FileKey, watch::Receiver<Option<Outcome>>>>);

/// Who wants a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) asker: Asker,
    pub(super) class: Class,
}

impl Wish {
    /// Somebody waits for it.
    pub(super) fn of(asker: Asker) -> Self {
        Self { asker, class: Class::Media }
    }

    /// Nobody waits for it.
    pub(super) const AHEAD: Self = Self { asker: Asker::OPERATOR, class: Class::Background };
}

impl Fetches {
    fn lock(&self) -> MutexGuard<'_, HashMap<FileKey, watch::Receiver<Option<Outcome>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a fetch out of those under way, whatever happens to it.
struct UnderWay {
    inner: Arc<Inner>,
    key: FileKey,
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
        let Some(mut outcome) = self.join(subject, held, wish) else {
            return Outcome::Failed(Error::BUSY);
        };
        let outcome = outcome.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
        outcome.unwrap_or(Outcome::Failed(Error::Bridge(crate::bridge::Error::Internal)))
    }

    fn join(
        self: &Arc<Self>,
        subject: &Subject,
        held: Held,
        wish: Wish,
    ) -> Option<watch::Receiver<Option<Outcome>>> {
        let key = held.key;
        let mut fetches = self.fetches.lock();
        if let Some(outcome) = fetches.get(&key) {
            return Some(outcome.clone());
        }
        if fetches.len() >= MOST_UNDER_WAY || self.stop.is_cancelled() {
            return None;
        }
        let (sender, outcome) = watch::channel(None);
        fetches.insert(key, outcome.clone());
        drop(fetches);
        let under_way = UnderWay { inner: Arc::clone(self), key };
        let (inner, subject) = (Arc::clone(self), subject.clone());
        self.tasks.spawn(async move {
            // Whatever happens, the key is free again at the end.
            let _under_way = under_way;
            inner.work(&subject, held, wish, &sender).await;
        });
        Some(outcome)
    }

    /// The whole of a fetch: `sender` tells as soon as there is something to tell.
    async fn work(
        &self,
        subject: &Subject,
        held: Held,
        wish: Wish,
        sender: &watch::Sender<Option<Outcome>>,
    ) {
        let tell = |outcome| drop(sender.send_replace(Some(outcome)));
        let (begun, key, place) = match self.begin(subject, held, wish).await {
            Ok(Ok(begun)) => begun,
            Ok(Err(outcome)) => return tell(outcome),
            Err(error) => {
                self.refuse(held.key, &error);
                return tell(Outcome::Failed(error));
            }
        };
        let Some(temporary) = self.cache.begin().await else {
            return tell(Outcome::Passing(Arc::new(Passage::new(begun))));
        };
        let Begun { origin, start, rest } = begun;
        let origin = Arc::new(origin);
        let coming = Progress { came: 0, state: State::Coming };
        let (sender, progress) = watch::channel(coming);
        let file = Arc::clone(&temporary.file);
        tell(Outcome::Arriving(Arc::new(Arrival { origin: Arc::clone(&origin), file, progress })));
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
    ) -> Result<Result<(Begun, FileKey, OwnedSemaphorePermit), Outcome>, Error> {
        let mut located = known_by(held, subject.locate(&self.bridge, None, wish).await?);
        // A channel that nobody had asked for may be known by now, and have a number: by that its files are found from now on.
        let key = subject.held(&self.bridge).await.key;
        if self.is_kept(key, &located).await {
            return Ok(Err(Outcome::Kept(key)));
        }
        if self.is_large(key) {
            return Ok(Err(Outcome::Elsewhere(located.address)));
        }
        let place = self.place().await?;
        let mut first = self.ask(subject, &located).await;
        // Nobody who waits, nobody who renews: what nobody asked for yet is renewed when somebody does.
        if first.as_ref().is_err_and(|error| *error == Error::Dead)
            && wish.class != Class::Background
        {
            let dead = located.address;
            located = known_by(held, subject.locate(&self.bridge, Some(&dead), wish).await?);
            tracing::debug!("a file's address was renewed");
            first = if located.address == dead {
                Err(Error::Dead)
            } else {
                self.ask(subject, &located).await
            };
        }
        match first? {
            Some(begun) => Ok(Ok((begun, key, place))),
            None => {
                self.large.insert(key, self.clock().now());
                Ok(Err(Outcome::Elsewhere(located.address)))
            }
        }
    }

    /// A place among the files that are fetched.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        let place = tokio::time::timeout(PLACE_PATIENCE, Arc::clone(&self.places).acquire_owned());
        match place.await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Error::BUSY),
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

/// A file is kept under the identity by which whoever asked knows it, so that they find it again: where the post's own page
/// told another one than the channel's, every look into the cache would else be in vain.
fn known_by(held: Held, located: Located) -> Located {
    Located { identity: held.identity.or(located.identity), ..located }
}
