//! The HTTP server.
//!
//! A request arrives in [`Server`], whose accept loop limits connections and request heads. It passes `middleware`
//! (request ID, log, time-out, panics) and reaches a handler in `routes`, which extracts, makes one call and responds.
//! A response has a cache policy (`respond`, `cache_policy`, `conditional`).
//!
//! *Invariant*: no other module uses axum, except `demo`. Nothing here sends requests to Telegram; everything goes
//! through `service`.

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
mod server;
mod settings;
mod time_zone;
mod warm;

pub(crate) use error::refusal_message;
pub use server::{Server, StartError};
pub use settings::Settings;
pub use time_zone::TimeZone;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;

use crate::media::Media;
use crate::service::Service;

/// The limit of concurrent imports, each of at most `limits.body_size`.
const MAX_IMPORTS: usize = 8;

/// The state shared by all handlers.
#[derive(Clone)]
pub struct State {
    service: Service,
    media: Media,
    settings: Arc<Settings>,
    security_policy: HeaderValue,
    is_ready: Arc<AtomicBool>,
    /// Permits for imports.
    imports: Arc<Semaphore>,
}

impl State {
    pub fn new(service: Service, media: Media, settings: Settings) -> Self {
        Self {
            service,
            media,
            security_policy: security_policy::build(&settings),
            settings: Arc::new(settings),
            is_ready: Arc::new(AtomicBool::new(true)),
            imports: Arc::new(Semaphore::new(MAX_IMPORTS)),
        }
    }

    /// Marks the server as not ready, because shutdown has begun.
    fn stop(&self) {
        self.is_ready.store(false, Ordering::Relaxed);
    }

    fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Relaxed)
    }
}

/// Sets a header. An invalid value is omitted.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: impl TryInto<HeaderValue>) {
    if let Ok(value) = value.try_into() {
        headers.insert(name, value);
    }
}
