//! The warm path: a feed that lies ready in memory is answered in front of the router.
//!
//! Nine of ten requests are a reader's poll of a feed that has not changed since the last one. What they need is a lookup
//! and a write; the router, its layers and their allocations would take longer than both. The answer is the same as that of
//! the way round: whatever is not plainly at hand is left to the router, refusals too.

use std::net::SocketAddr;

use http::{HeaderMap, Method, Uri};

use super::{State, accept, extract, forwarded, middleware, respond};
use crate::model::Format;

/// The answer, if everything for it is at hand.
pub(super) fn answer(
    state: &State,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Option<respond::FullResponse> {
    if *method != Method::GET && *method != Method::HEAD {
        return None;
    }
    let (place, file) = uri.path().strip_prefix('/')?.rsplit_once('/')?;
    let format = Format::from_file_name(file)?;
    let source = extract::channels(place, state).ok()?;
    if extract::is_alias(place, &source) {
        return None;
    }
    let host = uri.authority().map(AsRef::as_ref);
    let base = forwarded::base(headers, host, peer, &state.settings);
    let defaults = &state.service.defaults().options;
    let parsed = uri.query().map(|query| source.options(query, defaults));
    let parsed = parsed.transpose().ok()?;
    let options = parsed.as_ref().unwrap_or(defaults);
    let feed = state.service.cached_feed(&source, options, format, &base)?;
    let coding = accept::coding(headers);
    let now = state.service.clock().now();
    let mut response =
        respond::feed_at_hand(headers, coding, &feed, format, &state.security_policy, now)?;
    middleware::mark_answer(headers, response.headers_mut());
    tracing::debug!(http.method = %method, http.path = uri.path(), http.status = response.status().as_u16(), "answered from memory");
    Some(response)
}
