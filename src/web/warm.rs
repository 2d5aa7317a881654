//! The warm path: feeds in memory are served without the router.
//!
//! Nine of ten requests poll a feed that has not changed. They need a lookup and a write, and the router with its
//! middleware and allocations would take longer than both. The response equals the router's; errors and everything that
//! is not in memory are left to the router.

use std::net::SocketAddr;

use http::{HeaderMap, Method, Uri};

use super::{State, accept, extract, forwarded, middleware, respond};
use crate::model::Format;

/// The response, if everything for it is in memory.
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
    let feed = state.service.feeds().cached(&source, options, format, &base)?;
    let coding = accept::coding(headers);
    let now = state.service.clock().now();
    let mut response =
        respond::feed_at_hand(headers, coding, &feed, format, &state.security_policy, now)?;
    middleware::mark_answer(headers, response.headers_mut());
    tracing::debug!(http.method = %method, http.path = uri.path(), http.status = response.status().as_u16(), "answered from memory");
    Some(response)
}
