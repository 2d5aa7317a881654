//! Files from hostile or faulty servers on loopback.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::net::tests::{Reply, Server, gzip, settings};

/// The head of a response with a file.
const FILE: &str = "HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\n";

fn literally(servers: &[&Server]) -> FileHosts {
    let origins: Vec<String> =
        servers.iter().map(|server| server.url.origin().ascii_serialization()).collect();
    FileHosts::new(origins.iter().map(String::as_str))
}

/// A client with these file hosts and short timeouts.
fn client(servers: &[&Server]) -> FileClient {
    client_with_size(servers, 5000)
}

fn client_with_size(servers: &[&Server], size: u64) -> FileClient {
    let hosts = literally(servers);
    let guard = Guard::new(hosts.trusted());
    let limits = Limits {
        size,
        head: Duration::from_millis(300),
        idle: Duration::from_millis(200),
        grace: Duration::from_millis(400),
        min_rate: 1024,
    };
    FileClient::guarded(&settings(), hosts, &guard, limits).unwrap()
}

async fn fetch(
    server: &Server,
    range: Option<&ByteRange>,
    limit: u64,
) -> Result<Download, FileError> {
    client_with_size(&[server], limit).fetch(&server.url, range).await
}

async fn read(mut download: Download) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn outcome(answer: &str, body: &[u8], limit: u64) -> Result<Vec<u8>, FileError> {
    let server = Server::answering(answer, body).await;
    read(fetch(&server, None, limit).await?).await
}

fn range(first: u64, last: u64) -> ByteRange {
    ByteRange { first, last, validator: None }
}

#[tokio::test]
async fn file_request_sends_only_fixed_headers_and_range() {
    let head = format!("{FILE}content-length: 4\r\netag: \"a\"\r\nset-cookie: id=7\r\n");
    let server = Server::answering(&head, b"1234").await;
    let client = client(&[&server]);
    let first = client.fetch(&server.url, None).await.unwrap();
    let validator = first.validator.clone();
    assert_eq!(read(first).await.unwrap(), b"1234");
    let part = ByteRange { first: 1, last: 2, validator };
    drop(client.fetch(&server.url, Some(&part)).await.unwrap());
    let names: Vec<Vec<String>> = server
        .requests()
        .iter()
        .map(|request| {
            let lines = request.lines().skip(1).take_while(|line| !line.is_empty());
            let mut names: Vec<_> = lines.map(str::to_ascii_lowercase).collect();
            names.sort();
            names
        })
        .collect();
    let host = format!("host: {}", server.url.authority());
    let agent = format!("user-agent: {}", settings().user_agent.to_ascii_lowercase());
    let always = ["accept-encoding: identity", "accept: */*", &host];
    assert_eq!(names[0], [&always[..], &[&agent]].concat());
    assert_eq!(
        names[1],
        [&always[..], &["if-range: \"a\"", "range: bytes=1-2", &agent]].concat(),
        "and no cookie"
    );
}

#[tokio::test]
async fn file_response_headers_are_parsed() {
    let head = format!(
        "{FILE}content-length: 4\r\netag: W/\"weak\"\r\nlast-modified: Tue, 01 Sep 2026 10:00:00 GMT\r\n"
    );
    let server = Server::answering(&head.replace("image/jpeg", "Image/JPEG; x=y"), b"1234").await;
    let file = fetch(&server, None, 4).await.unwrap();
    assert_eq!((file.length, file.first), (Some(4), 0));
    assert_eq!(file.media_type.as_deref(), Some("image/jpeg"));
    assert_eq!(file.modified, Some("2026-09-01T10:00:00Z".parse().unwrap()));
    assert_eq!(file.validator, None, "a weak tag tells nothing about bytes");
    assert_eq!(read(file).await.unwrap(), b"1234");
}

#[tokio::test]
async fn file_redirects_are_followed_three_times_within_allow_list() {
    let head = format!("{FILE}content-length: 2\r\n");
    let mut chain = vec![Server::answering(&head, b"ok").await];
    for redirects in 0..=4 {
        let servers: Vec<&Server> = chain.iter().collect();
        let start = chain[redirects].url.clone();
        let outcome = client(&servers).fetch(&start, None).await;
        match outcome {
            Ok(file) => {
                assert_eq!((redirects < 4, read(file).await.unwrap()), (true, b"ok".to_vec()))
            }
            Err(error) => assert_eq!((redirects, error), (4, FileError::ForbiddenHost)),
        }
        let head = format!("HTTP/1.1 302 Found\r\nlocation: {start}\r\ncontent-length: 0\r\n");
        chain.push(Server::answering(&head, b"").await);
    }
    let own = Server::start(Reply::Bytes(
        b"HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .to_vec(),
    ))
    .await;
    assert_eq!(fetch(&own, None, 9).await.unwrap_err(), FileError::ForbiddenHost);
    assert_eq!(own.requests().len(), 4, "the first one, and three redirects");
}

#[tokio::test]
async fn file_redirects_to_loopback_or_unlisted_hosts_are_refused() {
    let secret = Server::answering(&format!("{FILE}content-length: 6\r\n"), b"secret").await;
    let numbers = format!("http://2130706433:{}/", secret.url.port().unwrap());
    let mapped = format!("http://[::ffff:127.0.0.1]:{}/", secret.url.port().unwrap());
    let outer = format!("//{}/", secret.url.authority());
    for location in [
        secret.url.as_str(),
        &numbers,
        &mapped,
        &outer,
        "http://localhost/",
        "https://evil.example/a.jpg",
        "https://t.me.evil.example/a.jpg",
        "file:///etc/passwd",
        "tg://resolve?domain=x",
        "",
    ] {
        let head = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n");
        let server = Server::answering(&head, b"").await;
        assert_eq!(
            fetch(&server, None, 9).await.unwrap_err(),
            FileError::ForbiddenHost,
            "{location}"
        );
    }
    assert!(secret.requests().is_empty());
}

#[tokio::test]
async fn unlisted_file_host_is_not_contacted() {
    let secret = Server::answering(&format!("{FILE}content-length: 6\r\n"), b"secret").await;
    let client = client(&[]);
    assert_eq!(client.fetch(&secret.url, None).await.unwrap_err(), FileError::ForbiddenHost);
    assert!(secret.requests().is_empty());
}

#[tokio::test]
async fn file_statuses_map_to_distinct_errors() {
    for (status, expected) in [
        (403, FileError::Gone(403)),
        (404, FileError::Gone(404)),
        (410, FileError::Gone(410)),
        (204, FileError::Status(204)),
        (304, FileError::Status(304)),
        (416, FileError::Status(416)),
        (429, FileError::Status(429)),
        (500, FileError::Status(500)),
        (503, FileError::Status(503)),
        // To a request without a range.
        (206, FileError::WrongRange),
    ] {
        let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: 0\r\n");
        assert_eq!(outcome(&head, b"", 9).await.unwrap_err(), expected, "{status}");
    }
}

#[tokio::test]
async fn compressed_file_bodies_are_refused() {
    let bomb = gzip(&"x".repeat(5_000_000));
    for coding in ["gzip", "br", "identity, gzip", "x-unheard-of"] {
        let head =
            format!("{FILE}content-encoding: {coding}\r\ncontent-length: {}\r\n", bomb.len());
        let refused = outcome(&head, &bomb, 1_000_000).await;
        assert_eq!(refused.unwrap_err(), FileError::Compressed, "{coding}");
    }
    let head = format!("{FILE}content-encoding: identity\r\ncontent-length: 2\r\n");
    assert_eq!(outcome(&head, b"ok", 9).await.unwrap(), b"ok");
    // Compressed without the header: returned unchanged.
    let head = format!("{FILE}content-length: {}\r\n", bomb.len());
    assert_eq!(outcome(&head, &bomb, 1_000_000).await.unwrap(), bomb);
}

#[tokio::test]
async fn file_over_size_limit_is_refused() {
    let body = vec![b'x'; 1000];
    let announced = format!("{FILE}content-length: 1000\r\n");
    let refused = outcome(&announced, &body, 999).await.unwrap_err();
    assert_eq!(refused, FileError::TooLarge { length: Some(1000) });
    assert_eq!(outcome(&announced, &body, 1000).await.unwrap(), body);
    let unannounced = format!("{FILE}connection: close\r\n");
    let refused = outcome(&unannounced, &body, 999).await.unwrap_err();
    assert_eq!(refused, FileError::TooLarge { length: None });
    assert_eq!(outcome(&unannounced, &body, 1000).await.unwrap(), body);
    let absurd = format!("{FILE}content-length: 18446744073709551615\r\n");
    let refused = outcome(&absurd, &body, 999).await.unwrap_err();
    assert!(matches!(refused, FileError::TooLarge { .. } | FileError::Network(_)), "{refused:?}");
}

#[tokio::test]
async fn slow_file_bodies_time_out() {
    let start = format!("{FILE}content-length: 1000\r\n\r\nstart").into_bytes();
    let cases = [
        ("silence", Reply::Hang(Vec::new())),
        ("a body that stops", Reply::Hang(start)),
        // A byte every 20 ms avoids the idle timeout but is below the minimum rate.
        ("a body that drips", Reply::Drip),
    ];
    for (name, reply) in cases {
        let server = Server::start(reply).await;
        let outcome = match fetch(&server, None, 5000).await {
            Ok(download) => read(download).await,
            Err(error) => Err(error),
        };
        assert_eq!(outcome.unwrap_err(), FileError::Slow, "{name}");
    }
}

#[tokio::test]
async fn truncated_file_body_is_an_error() {
    let short = format!("{FILE}content-length: 1000\r\n");
    let chunked = format!("{FILE}transfer-encoding: chunked\r\n");
    for (head, body) in [(&short, &b"half"[..]), (&chunked, b"4\r\nhalf\r\n")] {
        let error = outcome(head, body, 5000).await.unwrap_err();
        assert!(matches!(error, FileError::Network(_)), "{error:?}");
    }
}

#[tokio::test]
async fn partial_response_must_match_requested_range() {
    let part = "HTTP/1.1 206 Partial Content\r\ncontent-length: 3\r\ncontent-range: bytes ";
    for (range, requested, expected) in [
        ("2-4/10", range(2, 4), Some((2, Some(10)))),
        ("2-4/10", range(2, 8), Some((2, Some(10)))),
        ("2-4/10", range(3, 9), None),
        ("2-4/10", range(2, 3), None),
        // The announced length differs.
        ("2-5/10", range(2, 9), None),
        ("2-4/*", range(2, 9), None),
        ("nonsense", range(2, 9), None),
    ] {
        let server = Server::answering(&format!("{part}{range}\r\n"), b"234").await;
        let outcome = fetch(&server, Some(&requested), 99).await;
        match (outcome, expected) {
            (Ok(file), Some(expected)) => assert_eq!((file.first, file.length), expected),
            (Err(error), None) => assert_eq!(error, FileError::WrongRange, "{range} {requested:?}"),
            (outcome, _) => panic!("{range} {requested:?}: {outcome:?}"),
        }
    }
    let whole = Server::answering(&format!("{FILE}content-length: 4\r\n"), b"1234").await;
    let file = fetch(&whole, Some(&range(2, 9)), 99).await.unwrap();
    assert_eq!((file.first, file.length), (0, Some(4)), "the server knows no parts");
}

/// Treats 127.0.0.2 and 127.0.0.3 as public.
fn second_and_third(address: IpAddr) -> bool {
    ["127.0.0.2", "127.0.0.3"].iter().any(|open| open.parse() == Ok(address))
}

#[tokio::test]
async fn file_client_connects_to_checked_address_despite_dns_rebinding() {
    let public = Server::at("127.0.0.2:0", Reply::Bytes(b"no TLS".to_vec())).await;
    let port = public.url.port().unwrap();
    let private = Server::at(&format!("127.0.0.1:{port}"), Reply::Bytes(Vec::new())).await;
    let lookups = std::sync::Arc::new(AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&lookups);
    let answers = move |_| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let address: IpAddr = if number == 0 { "127.0.0.2" } else { "127.0.0.1" }.parse().unwrap();
        vec![SocketAddr::new(address, port)]
    };
    let guard = Guard::new([]).scripted(answers, second_and_third);
    let hosts = FileHosts::new(["telesco.pe"]);
    let limits = Limits::new(Duration::from_secs(5));
    let client = FileClient::guarded(&settings(), hosts, &guard, limits).unwrap();
    let url = "https://cdn4.telesco.pe/file/a.jpg".parse().unwrap();
    // The TLS handshake arrived at the address that was checked.
    let first = client.fetch(&url, None).await.unwrap_err();
    assert_eq!(first, FileError::Network(Cause::Tls));
    assert_eq!((public.requests().len(), lookups.load(Ordering::SeqCst)), (1, 1));
    let second = client.fetch(&url, None).await.unwrap_err();
    assert_eq!(second, FileError::NotPublic);
    assert_eq!((public.requests().len(), private.requests().len()), (1, 0));
}

#[tokio::test]
async fn file_requests_through_proxies_respect_allow_list() {
    let head = format!("{FILE}content-length: 3\r\n");
    let proxy = Server::answering(&head, b"one").await;
    let mut dead: Url = "http://user:secret@127.0.0.1:1".parse().unwrap();
    let settings = Settings {
        proxies: vec![std::mem::replace(&mut dead, proxy.url.clone()), proxy.url.clone()],
        ..settings()
    };
    let hosts = FileHosts::new(["http://files.invalid"]);
    let client = FileClient::new(&settings, hosts).unwrap();
    let url: Url = "http://files.invalid/a.jpg".parse().unwrap();
    // In either order, the dead proxy is skipped.
    for _ in 0..2 {
        let file = client.fetch(&url, None).await.unwrap();
        assert_eq!(read(file).await.unwrap(), b"one");
    }
    assert!(proxy.requests()[0].starts_with("GET http://files.invalid/a.jpg "));
    let other = "http://other.invalid/a.jpg".parse().unwrap();
    assert_eq!(client.fetch(&other, None).await.unwrap_err(), FileError::ForbiddenHost);
    assert_eq!(proxy.requests().len(), 2);
}
