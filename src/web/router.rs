//! All addresses.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

use super::{State, middleware, page, routes};

/// The routes with everything that happens to each request, the outermost last.
pub(super) fn build(state: State) -> Router {
    Router::new()
        .route("/", get(routes::start::show))
        .route("/robots.txt", get(routes::operation::robots))
        .route("/favicon.ico", get(routes::operation::icon))
        .route("/-/icon.svg", get(routes::operation::icon))
        .route(&format!("/-/{}", page::STYLE_NAME.as_str()), get(routes::operation::style))
        .route("/-/healthy", get(routes::operation::healthy))
        .route("/-/ready", get(routes::operation::ready))
        .route("/{channel}", get(routes::channel::show))
        .route("/{channel}/{part}", get(routes::part::show))
        .fallback(routes::fallback::pasted)
        .method_not_allowed_fallback(routes::fallback::method)
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn_with_state(state.clone(), middleware::limit_time))
        .layer(from_fn(middleware::mark))
        .layer(from_fn(middleware::log))
        .with_state(state)
}
