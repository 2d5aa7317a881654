//! The client against servers on loopback with one fault each.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytesize::ByteSize;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::*;

/// The response to each request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Sends this and closes.
    Bytes(Vec<u8>),
    /// Sends this and keeps the connection open, silent.
    Hang(Vec<u8>),
    /// Sends a head, then a byte every 20 ms.
    Drip,
    /// Resets the connection.
    Reset,
}

/// Sends the same reply to each connection and records the requests.
pub(super) struct Server {
    pub(super) url: Url,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(reply: Reply) -> Self {
        Self::at("127.0.0.1:0", reply).await
    }

    #[expect(clippy::disallowed_methods, reason = "the server's task ends with the test")]
    pub(super) async fn at(address: &str, reply: Reply) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}/page", listener.local_addr().unwrap()).parse().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, reply.clone(), &recorded).await;
            }
        });
        Self { url, requests, task }
    }

    pub(super) async fn answering(head: &str, body: &[u8]) -> Self {
        Self::start(Reply::Bytes([head.as_bytes(), b"\r\n", body].concat())).await
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, requests: &Mutex<Vec<String>>) {
    let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
    // A TLS client waits for a response to its first bytes.
    while !request.ends_with(b"\r\n\r\n") && !request.starts_with(&[0x16]) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&buffer[..length]),
        }
    }
    requests.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    match reply {
        Reply::Bytes(bytes) => {
            // Fails if the client closes the connection early.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Hang(bytes) => {
            stream.write_all(&bytes).await.unwrap();
            let _ = stream.read(&mut buffer).await;
        }
        Reply::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Reset => stream.set_zero_linger().unwrap(),
    }
}

pub(super) fn settings() -> Settings {
    Settings { timeout: Duration::from_millis(400), rate: 1000.0, ..Settings::default() }
}

async fn fetch_with(settings: &Settings, url: &Url) -> Result<Response, Error> {
    Client::new(settings).unwrap().fetch(url, None, &Priority::new(Class::Waiting)).await
}

async fn fetch(server: &Server) -> Result<Response, Error> {
    fetch_with(&settings(), &server.url).await
}

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Text with a low compression ratio.
fn long_text() -> String {
    (0..20_000_u32).map(|number| format!("{} ", number.wrapping_mul(2_654_435_761))).collect()
}

#[tokio::test]
async fn response_has_status_retry_after_text_and_url() {
    let head = "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/html; charset=UTF-8\r\nretry-after: 7\r\ncontent-length: 5\r\n";
    let server = Server::answering(head, "caffè".as_bytes().get(..5).unwrap()).await;
    let response = fetch(&server).await.unwrap();
    assert_eq!((response.status, response.whole), (429, true));
    assert_eq!(response.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(response.text, "caff\u{fffd}");
    assert_eq!(response.url, server.url);
    assert!(response.elapsed > Duration::ZERO);
}

#[tokio::test]
async fn request_sends_language_user_agent_and_accept_encoding() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n", b"").await;
    fetch(&server).await.unwrap();
    let request = server.requests()[0].to_ascii_lowercase();
    assert!(request.starts_with("get /page http/1.1\r\n"), "{request}");
    for line in ["accept-language: en", "user-agent: mozilla/5.0 (compatible; feedline/"] {
        assert!(request.contains(&format!("\r\n{line}")), "{line} in {request}");
    }
    let codings = request.lines().find(|line| line.starts_with("accept-encoding:")).unwrap();
    assert_eq!(codings, "accept-encoding: gzip");
}

#[tokio::test]
async fn gzip_body_is_decompressed() {
    let text = long_text();
    let body = gzip(&text);
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n", body.len());
    let response = fetch(&Server::answering(&head, &body).await).await.unwrap();
    assert!(response.whole && response.text == text);
}

#[tokio::test]
async fn truncated_body_is_kept_and_marked() {
    let text = long_text();
    let (packed, half) = (gzip(&text), text.len() / 2);
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", text.len());
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", half, &text[..half]);
    let half_packed = &packed[..packed.len() / 2];
    let gzipped = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n",
        half_packed.len()
    );
    for (name, head, body, least) in [
        ("fewer bytes than announced", announced.as_str(), &text.as_bytes()[..half], half),
        ("a chunked body without its end", chunked, chunk.as_bytes(), half),
        ("a packed body without its end", &gzipped, half_packed, 1000),
    ] {
        let response = fetch(&Server::answering(head, body).await).await.unwrap();
        assert!(!response.whole, "{name}");
        assert!(response.text.len() >= least, "{name}: {}", response.text.len());
        assert!(text.starts_with(&response.text), "{name}");
    }
}

#[tokio::test]
async fn body_with_broken_compression_is_marked_truncated() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n";
    let response = fetch(&Server::answering(head, b"not a zip").await).await.unwrap();
    assert_eq!((response.whole, response.text.as_str()), (false, ""));
}

#[tokio::test]
async fn body_without_length_ends_with_connection() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nconnection: close\r\n", b"all").await;
    let response = fetch(&server).await.unwrap();
    assert_eq!((response.whole, response.text.as_str()), (true, "all"));
}

#[tokio::test]
async fn body_limit_applies_to_decompressed_size() {
    let packed = gzip(&"x".repeat(2_000_000));
    assert!(packed.len() < 10_000);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n",
        packed.len()
    );
    let server = Server::answering(&head, &packed).await;
    for (limit, fits) in [(2_000_000, true), (1_999_999, false)] {
        let settings = Settings { max_body: ByteSize::b(limit), ..settings() };
        let outcome = fetch_with(&settings, &server.url).await;
        assert_eq!(outcome.is_ok(), fits, "{limit}");
        if let Err(error) = outcome {
            assert_eq!(error, Error::TooLarge { host: "127.0.0.1".to_owned(), limit });
            assert!(!error.is_network());
        }
    }
}

#[tokio::test]
async fn slow_response_times_out_at_any_stage() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    for (name, reply) in [
        ("silence", Reply::Hang(Vec::new())),
        ("a body that stops", Reply::Hang(half)),
        ("a body that drips", Reply::Drip),
    ] {
        let settings = Settings { timeout: Duration::from_millis(150), ..settings() };
        let error = fetch_with(&settings, &Server::start(reply).await.url).await.unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains("150ms"), "{error}");
    }
}

#[tokio::test]
async fn network_errors_have_distinct_causes() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let reset = Server::start(Reply::Reset).await;
    let silent = Server::start(Reply::Bytes(Vec::new())).await;
    let plain = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n", b"").await;
    // A label longer than DNS allows fails without a lookup.
    let unspeakable = format!("http://{}.invalid/", "x".repeat(70));
    let encrypted = plain.url.as_str().replace("http:", "https:");
    for (url, expected) in [
        (refused.as_str(), Cause::Refused),
        (reset.url.as_str(), Cause::Closed),
        (silent.url.as_str(), Cause::Closed),
        (&unspeakable, Cause::Dns),
        (&encrypted, Cause::Tls),
    ] {
        let settings = Settings { timeout: Duration::from_secs(20), ..settings() };
        let error = fetch_with(&settings, &url.parse().unwrap()).await.unwrap_err();
        assert!(error.is_network(), "{url}: {error:?}");
        assert!(
            matches!(&error, Error::Network { cause, .. } if *cause == expected),
            "{url}: {error:?}"
        );
    }
}

#[tokio::test]
async fn client_follows_no_redirects_and_stores_no_cookies() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\nset-cookie: stel_ssid=abc; path=/\r\ncontent-length: 0\r\n";
    let server = Server::answering(head, b"").await;
    let client = Client::new(&settings()).unwrap();
    for _ in 0..2 {
        let response =
            client.fetch(&server.url, None, &Priority::new(Class::Waiting)).await.unwrap();
        assert_eq!(response.status, 302);
        assert_eq!(response.location, Some(server.url.join("/elsewhere").unwrap()));
    }
    assert_eq!(server.requests().len(), 2);
    assert!(!server.requests()[1].to_ascii_lowercase().contains("\r\ncookie:"));
}

#[tokio::test]
async fn proxies_are_outbound_addresses_with_secret_passwords() {
    let proxies = [
        Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", b"one").await,
        Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n", b"two").await,
    ];
    let address = |server: &Server| {
        let mut url = server.url.clone();
        url.set_username("user").unwrap();
        url.set_password(Some("secret")).unwrap();
        url
    };
    let settings = Settings { proxies: proxies.iter().map(address).collect(), ..settings() };
    let client = Client::new(&settings).unwrap();
    let url: Url = "http://telegram.invalid/s/example".parse().unwrap();
    let priority = Priority::new(Class::Waiting);
    let first = client.fetch(&url, None, &priority).await.unwrap();
    let again = client.fetch(&url, Some(first.outbound), &priority).await.unwrap();
    assert_eq!((again.outbound, &again.text), (first.outbound, &first.text));
    client.throttled(first.outbound, Some(Duration::from_secs(100)));
    assert_eq!(client.wait(Class::Waiting), Duration::ZERO, "the other one can");
    let other = client.fetch(&url, None, &priority).await.unwrap();
    assert_ne!((other.outbound, &other.text), (first.outbound, &first.text));
    assert!(proxies[0].requests()[0].contains("GET http://telegram.invalid/s/example"));
    assert!(proxies[0].requests()[0].to_ascii_lowercase().contains("\r\nproxy-authorization:"));

    let dead =
        Settings { proxies: vec!["http://user:secret@127.0.0.1:1".parse().unwrap()], ..settings };
    let error = fetch_with(&dead, &url).await.unwrap_err();
    assert!(error.is_network(), "{error:?}");
    for text in [format!("{error}"), format!("{error:?}")] {
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn invalid_network_settings_are_reported() {
    for (settings, words) in [
        (Settings { rate: 0.0, ..settings() }, "rate is 0"),
        (Settings { rate: f64::NAN, ..settings() }, "rate is NaN"),
        (Settings { rate: f64::INFINITY, ..settings() }, "rate is inf"),
        (Settings { user_agent: "a\nb".to_owned(), ..settings() }, "user agent"),
        (
            Settings { proxies: vec!["ftp://user:secret@host".parse().unwrap()], ..settings() },
            "proxy 1 ",
        ),
    ] {
        let error = Client::new(&settings).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
