//! The routes of the HTTP server.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

use super::{State, middleware, page, routes};

/// All routes, with the middleware.
pub(super) fn build(state: State) -> Router {
    let routes = Router::new()
        .route("/", get(routes::start::show))
        .route("/robots.txt", get(routes::operation::robots))
        .route("/favicon.ico", get(routes::operation::icon))
        .route("/-/icon.svg", get(routes::operation::icon))
        .route(&format!("/-/{}", page::STYLE_NAME.as_str()), get(routes::operation::style))
        .route(&format!("/-/{}", page::FEED_STYLE_NAME), get(routes::operation::feed_style))
        .route("/-/healthy", get(routes::operation::healthy))
        .route("/-/ready", get(routes::operation::ready))
        .route("/-/emoji/{file}", get(routes::file::emoji))
        .route("/-/search", get(routes::search::show))
        .route("/-/search/{part}", get(routes::resource::show))
        .route("/-/status", get(routes::status::show))
        .route("/-/status.json", get(routes::status::json))
        .route("/-/opml", get(routes::opml::show))
        .route(routes::opml::IMPORT, get(routes::start::back).post(routes::opml::import))
        .route("/-/collections/{name}", get(routes::resource::show))
        .route("/-/collections/{name}/{part}", get(routes::resource::show))
        .route("/{channel}", get(routes::resource::show))
        .route("/{channel}/{part}", get(routes::resource::show))
        .fallback(routes::not_found)
        .method_not_allowed_fallback(routes::method_not_allowed);
    guard(routes, &state).with_state(state)
}

/// Adds the middleware, the outermost last.
fn guard(routes: Router<State>, state: &State) -> Router<State> {
    routes
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn_with_state(state.clone(), middleware::limit_time))
        .layer(from_fn(middleware::log))
}

#[cfg(test)]
mod tests;
