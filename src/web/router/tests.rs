use super::*;

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::media::Media;
use crate::net::FileHosts;
use crate::service::{Clock, Service};
use crate::upstream::Upstream;
use crate::web::Settings;

/// Faulty handlers with the server's middleware.
fn faulty() -> Router {
    let client = crate::net::Client::new(&crate::net::Settings::default()).unwrap();
    let upstream = Upstream::new(client, &crate::upstream::Settings::default());
    let settings = crate::service::Settings::default();
    let archive = crate::archive::Archive::open(&crate::archive::Settings::default()).unwrap();
    let tasks = TaskTracker::new();
    let files = crate::net::FileClient::new(&crate::net::Settings::default(), FileHosts::default());
    let files = files.unwrap();
    let service = Service::new(upstream, files.clone(), archive, settings, Clock::System, &tasks);
    let files = Media::new(service.clone(), files, without_files(), &tasks);
    let state = State::new(service, files, Settings::default());
    let routes = Router::new()
        .route("/well", get(async || "well"))
        .route("/panic", get(panic))
        .route("/stuck", get(std::future::pending::<&str>));
    guard(routes, &state).with_state(state)
}

fn without_files() -> crate::media::Settings {
    crate::media::Settings { cache_dir: None, ..crate::media::Settings::default() }
}

async fn panic() -> &'static str {
    panic!("a secret of the inside")
}

async fn ask(router: &Router, path: &str, accept: &str) -> (Response, String) {
    let request = Request::get(path).header("accept", accept).body(Body::empty()).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), text)
}

#[tokio::test]
async fn panic_in_handler_is_answered_with_500() {
    let router = faulty();
    for _ in 0..3 {
        let (answer, text) = ask(&router, "/panic", "*/*").await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()["content-type"], "application/problem+json; charset=utf-8");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers().contains_key("x-request-id"));
        assert!(text.contains("Internal error") && !text.contains("secret"), "{text}");
        assert_eq!(ask(&router, "/well", "*/*").await.1, "well");
    }
}

#[tokio::test(start_paused = true)]
async fn request_timeout_is_answered_in_negotiated_type() {
    let router = faulty();
    for (accept, media_type) in [
        ("*/*", "application/problem+json; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
    ] {
        let start = tokio::time::Instant::now();
        let (answer, text) = ask(&router, "/stuck", accept).await;
        assert_eq!(start.elapsed().as_secs(), Settings::default().request_timeout.as_secs());
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(answer.headers()["content-type"], media_type);
        assert!(text.contains("The answer took too long"), "{text}");
    }
}
