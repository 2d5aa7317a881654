//! Limits concurrent transfers, in total and for each client.
//!
//! SECURITY: one client requests many long files to starve all others -> each client has a share of the permits and
//! waits for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::error::Error;
use crate::service::ClientId;

const MAX_WAIT: Duration = Duration::from_secs(10);

/// The size of the table at which clients without a permit are removed.
const MANY_CLIENTS: usize = 256;

/// Permits for one kind of transfer.
pub(super) struct ConcurrencyLimit {
    all: Arc<Semaphore>,
    /// The permits of each client that holds one.
    shares: Mutex<HashMap<ClientId, Weak<Semaphore>>>,
    share: usize,
}

/// Permission for one transfer, until dropped.
#[derive(Debug)]
pub(super) struct Permit {
    _of_all: OwnedSemaphorePermit,
    _of_client: OwnedSemaphorePermit,
}

impl ConcurrencyLimit {
    /// At most half of the permits go to one client.
    pub(super) fn new(permits: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(permits)),
            shares: Mutex::default(),
            share: permits / 2,
        }
    }

    pub(super) fn available(&self) -> usize {
        self.all.available_permits()
    }

    /// Waits for a permit, up to ten seconds.
    pub(super) async fn acquire(&self, client_id: ClientId) -> Result<Permit, Error> {
        let share = self.share_of(client_id);
        let permit = async {
            let of_client = share.acquire_owned().await?;
            let of_all = Arc::clone(&self.all).acquire_owned().await?;
            Ok::<_, tokio::sync::AcquireError>((of_client, of_all))
        };
        match tokio::time::timeout(MAX_WAIT, permit).await {
            Ok(Ok((of_client, of_all))) => Ok(Permit { _of_all: of_all, _of_client: of_client }),
            Ok(Err(_)) | Err(_) => Err(Error::BUSY),
        }
    }

    /// Returns a permit if one is available now.
    pub(super) fn try_acquire(&self, client_id: ClientId) -> Result<Permit, Error> {
        let busy = |_: TryAcquireError| Error::BUSY;
        let of_client = self.share_of(client_id).try_acquire_owned().map_err(busy)?;
        let of_all = Arc::clone(&self.all).try_acquire_owned().map_err(busy)?;
        Ok(Permit { _of_all: of_all, _of_client: of_client })
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
    async fn client_gets_at_most_half_of_permits() {
        let limit = ConcurrencyLimit::new(4);
        let mine =
            [limit.acquire(client(1)).await.unwrap(), limit.acquire(client(1)).await.unwrap()];
        assert_eq!(limit.acquire(client(1)).await.unwrap_err(), Error::BUSY);
        assert_eq!(limit.try_acquire(client(1)).unwrap_err(), Error::BUSY);
        let others =
            [limit.acquire(client(2)).await.unwrap(), limit.acquire(client(3)).await.unwrap()];
        assert_eq!(limit.available(), 0);
        assert_eq!(limit.acquire(client(4)).await.unwrap_err(), Error::BUSY);
        drop(mine);
        assert!(limit.acquire(client(1)).await.is_ok() && limit.try_acquire(client(4)).is_ok());
        drop(others);
        assert_eq!(limit.available(), 4);
    }

    #[tokio::test]
    async fn clients_without_permit_are_removed() {
        let limit = ConcurrencyLimit::new(4);
        let permit = limit.try_acquire(client(1)).unwrap();
        for number in 0..10_000_u32 {
            drop(limit.try_acquire(ClientId::client(std::net::Ipv4Addr::from(number).into())));
        }
        assert!(limit.shares.lock().unwrap().len() <= MANY_CLIENTS);
        drop(permit);
    }
}
