//! Places: how many files are on their way at once, and how many of them for one client.
//!
//! SECURITY: one client that wants many long files, to keep all others from any -> a client has a share of the places and
//! waits for them, and so have long files: pictures find a place however many films there are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::error::Error;
use crate::service::ClientId;

/// How long a place is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file of more bytes is long.
const LONG: u64 = 4 * 1024 * 1024;

/// Clients whose shares are remembered before those that hold nothing are forgotten.
const MANY_CLIENTS: usize = 256;

/// Places of one kind.
pub(super) struct Places {
    all: Arc<Semaphore>,
    long: Arc<Semaphore>,
    /// The places of each client that holds one.
    shares: Mutex<HashMap<ClientId, Weak<Semaphore>>>,
    share: usize,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_client: OwnedSemaphorePermit,
    _of_long: Option<OwnedSemaphorePermit>,
}

impl Places {
    /// So many places; a client has half of them at most, and long files two thirds.
    pub(super) fn new(most: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most)),
            long: Arc::new(Semaphore::new(most * 2 / 3)),
            shares: Mutex::default(),
            share: most / 2,
        }
    }

    /// The places that nobody holds.
    pub(super) fn free(&self) -> usize {
        self.all.available_permits()
    }

    /// A place for a client, who waits for it.
    ///
    /// # Errors
    /// [`Error::Busy`]
    pub(super) async fn take(&self, client_id: ClientId) -> Result<Place, Error> {
        let share = self.share_of(client_id);
        let place = async {
            let of_client = share.acquire_owned().await?;
            let of_all = Arc::clone(&self.all).acquire_owned().await?;
            Ok::<_, tokio::sync::AcquireError>((of_client, of_all))
        };
        match tokio::time::timeout(PATIENCE, place).await {
            Ok(Ok((of_client, of_all))) => {
                Ok(Place { _of_all: of_all, _of_client: of_client, _of_long: None })
            }
            Ok(Err(_)) | Err(_) => Err(Error::BUSY),
        }
    }

    /// A place for a client, if there is one.
    ///
    /// # Errors
    /// [`Error::Busy`]
    pub(super) fn take_at_once(&self, client_id: ClientId) -> Result<Place, Error> {
        let busy = |_: TryAcquireError| Error::BUSY;
        let of_client = self.share_of(client_id).try_acquire_owned().map_err(busy)?;
        let of_all = Arc::clone(&self.all).try_acquire_owned().map_err(busy)?;
        Ok(Place { _of_all: of_all, _of_client: of_client, _of_long: None })
    }

    /// The same place for a file of this length; one that is not known may be any.
    ///
    /// # Errors
    /// [`Error::Busy`]: so many long files are on their way.
    pub(super) fn hold(&self, place: Place, length: Option<u64>) -> Result<Place, Error> {
        if length.is_some_and(|length| length <= LONG) {
            return Ok(place);
        }
        let of_long = Arc::clone(&self.long).try_acquire_owned().map_err(|_| Error::BUSY)?;
        Ok(Place { _of_long: Some(of_long), ..place })
    }

    fn share_of(&self, client_id: ClientId) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(&client_id).and_then(Weak::upgrade) {
            return share;
        }
        if shares.len() >= MANY_CLIENTS {
            shares.retain(|_, share| share.strong_count() > 0);
        }
        let share = Arc::new(Semaphore::new(self.share));
        shares.insert(client_id, Arc::downgrade(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(last: u8) -> ClientId {
        ClientId::client([192, 0, 2, last].into())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_has_half_of_the_places_and_the_others_the_rest() {
        let places = Places::new(4);
        let mine: Vec<_> =
            [places.take(client(1)).await, places.take(client(1)).await].into_iter().collect();
        assert_eq!(places.take(client(1)).await.unwrap_err(), Error::BUSY);
        assert_eq!(places.take_at_once(client(1)).unwrap_err(), Error::BUSY);
        let others = [places.take(client(2)).await.unwrap(), places.take(client(3)).await.unwrap()];
        assert_eq!((places.free(), places.take(client(4)).await.unwrap_err()), (0, Error::BUSY));
        drop(mine);
        assert!(places.take(client(1)).await.is_ok() && places.take_at_once(client(4)).is_ok());
        drop(others);
        assert_eq!(places.free(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_file_finds_a_place_beside_many_long_ones() {
        let places = Places::new(6);
        let mut long = Vec::new();
        for (number, length) in [Some(LONG + 1), None, Some(u64::MAX), None].into_iter().enumerate()
        {
            let place = places.take(client(u8::try_from(number).unwrap())).await.unwrap();
            long.push(places.hold(place, length).unwrap());
        }
        let place = places.take(client(9)).await.unwrap();
        assert_eq!(places.hold(place, Some(LONG + 1)).unwrap_err(), Error::BUSY);
        let place = places.take(client(9)).await.unwrap();
        assert!(places.hold(place, Some(LONG)).is_ok());
        assert_eq!(places.free(), 2, "what was refused holds nothing");
    }

    #[tokio::test]
    async fn clients_that_hold_nothing_are_forgotten() {
        let places = Places::new(4);
        let held = places.take_at_once(client(1)).unwrap();
        for number in 0..10_000_u32 {
            drop(places.take_at_once(ClientId::client(std::net::Ipv4Addr::from(number).into())));
        }
        assert!(places.shares.lock().unwrap().len() <= MANY_CLIENTS);
        drop(held);
    }
}
