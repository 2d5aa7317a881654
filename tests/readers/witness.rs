//! A transparent proxy between a reader and feedline that records requests and responses.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH, TRANSFER_ENCODING};
use axum::response::Response;
use tokio::net::TcpListener;

use crate::app::client;

/// A request with its response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// Path and query.
    pub(crate) target: String,
    /// Whether the request has a validator of an earlier response.
    pub(crate) is_conditional: bool,
    pub(crate) status: u16,
}

/// A running witness. It ends with the test.
pub(crate) struct Witness {
    /// `http://127.0.0.1:<port>`
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

#[derive(Clone)]
struct Post {
    behind: String,
    client: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

impl Witness {
    /// Starts a witness in front of the server with this base. Requests keep their `Host`, so the feeds' URLs lead to
    /// the witness.
    pub(crate) async fn before(base: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let own = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::default();
        let post = Post { behind: base.to_owned(), client: client(), seen: Arc::clone(&seen) };
        let router = Router::new().fallback(pass).with_state(post);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base: own, seen }
    }

    /// The exchanges since the last call, in order.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.seen.lock().expect("no test has panicked"))
    }
}

async fn pass(State(post): State<Post>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let is_conditional =
        parts.headers.contains_key(IF_NONE_MATCH) || parts.headers.contains_key(IF_MODIFIED_SINCE);
    let asked = post
        .client
        .request(parts.method, format!("{}{target}", post.behind))
        .headers(parts.headers);
    let answer = asked.send().await.expect("feedline answers");
    let status = answer.status();
    let mut response = Response::builder().status(status);
    for (name, value) in answer.headers() {
        if *name != TRANSFER_ENCODING {
            response = response.header(name, value);
        }
    }
    let body = answer.bytes().await.expect("a whole body");
    let exchange = Exchange { target, is_conditional, status: status.as_u16() };
    post.seen.lock().expect("no test has panicked").push(exchange);
    response.body(Body::from(body)).expect("an answer")
}
