//! The HTTP server.
//!
//! A request comes in through [`Server`] (its own accept loop: connections and heads are bounded), passes
//! `middleware` (request id, log line, time-out, panics), reaches a handler in `routes`, and leaves as a value that
//! knows its cache policy (`respond`, `cache_policy`, `conditional`). A handler is three moves: extract, one call, answer.
//!
//! *Invariant*: the only module with axum (demo aside). Nothing here asks Telegram; everything goes through `service`.

mod accept;
mod cache_policy;
mod client;
mod conditional;
mod error;
mod extract;
mod file_response;
mod form;
mod forwarded;
mod link_redirect;
mod middleware;
mod page;
mod problem;
mod respond;
mod router;
mod routes;
mod security_policy;
mod segment;
mod server;
mod settings;
mod time_zone;
mod warm;

pub use server::{Server, StartError};
pub use settings::{Collection, Settings};
pub use time_zone::TimeZone;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;

use crate::media::Media;
use crate::model::ChannelName;
use crate::service::Service;

/// The lists that are received at once, each of at most `limits.body_size`.
const MOST_IMPORTS: usize = 8;

/// What every handler can use.
#[derive(Clone)]
pub struct State {
    service: Service,
    media: Media,
    settings: Arc<Settings>,
    security_policy: HeaderValue,
    is_ready: Arc<AtomicBool>,
    /// Turns of those who send lists.
    imports: Arc<Semaphore>,
}

impl State {
    /// Handlers over the use cases.
    pub fn new(service: Service, media: Media, settings: Settings) -> Self {
        Self {
            service,
            media,
            security_policy: security_policy::build(&settings),
            settings: Arc::new(settings),
            is_ready: Arc::new(AtomicBool::new(true)),
            imports: Arc::new(Semaphore::new(MOST_IMPORTS)),
        }
    }

    /// A stop has begun: no new work is wanted.
    fn stop(&self) {
        self.is_ready.store(false, Ordering::Relaxed);
    }

    fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Relaxed)
    }

    /// Whether the operator lets this channel be read here.
    fn serves(&self, channel: &ChannelName) -> bool {
        self.settings.serves(channel)
    }
}

/// Sets a header. Text that cannot be its value is left out.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: impl TryInto<HeaderValue>) {
    if let Ok(value) = value.try_into() {
        headers.insert(name, value);
    }
}
