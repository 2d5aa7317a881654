//! The warm path: feeds in memory are served without the router.
//!
//! Nine of ten requests poll a feed that has not changed. They need a lookup and a write, and the router with its
//! middleware and allocations would take longer than both. The response equals the router's; errors and everything that
//! is not in memory are left to the router.

use std::net::SocketAddr;

use axum::response::Response;
use http::{HeaderMap, Method, Uri};

use super::{State, accept, extract, forwarded, middleware, respond};
use crate::model::{Resource, Route};

/// The response, if everything for it is in memory.
pub(super) fn answer(
    state: &State,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Option<Response> {
    if *method != Method::GET && *method != Method::HEAD {
        return None;
    }
    let Route { place, resource: Resource::Feed(format) } = Route::parse(uri.path()).ok()? else {
        return None;
    };
    let source = extract::source(place, state).ok()?;
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
        respond::cached_feed(headers, coding, &feed, format, &state.security_policy, now)?;
    middleware::mark_cached(headers, response.headers_mut());
    tracing::debug!(http.method = %method, http.path = uri.path(), http.status = response.status().as_u16(), "answered from memory");
    Some(response)
}
