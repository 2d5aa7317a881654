//! Connections, request heads, limits and shutdown, over raw sockets.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use feedline::demo::Target;
use feedline::links::Base;
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::TestApp;

/// Timeout of every wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// The header timeout in tests of slow clients.
const SHORT: Duration = Duration::from_millis(150);

fn address(app: &TestApp) -> String {
    app.base.trim_start_matches("http://").to_owned()
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(address(app)).await.unwrap()
}

/// Everything until the server closes. A reset also ends it.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = end.expect("the connection ends");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The response to these bytes. The server may close before it has read all of them.
async fn say(app: &TestApp, bytes: &str) -> String {
    let mut stream = connect(app).await;
    let _ = stream.write_all(bytes.as_bytes()).await;
    rest(stream).await
}

/// GET of a path that no HTTP client would send.
async fn get_raw(app: &TestApp, path: &str) -> String {
    say(app, &format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address(app)))
        .await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn idle_connection_is_closed_after_header_timeout() {
    let app = TestApp::with(|config| config.web.header_timeout = SHORT).await;
    for begun in ["", "GET /-/hea", "GET /-/healthy HTTP/1.1\r\nHost: x\r\nX-Slow: 1\r\n"] {
        let answer = say(&app, begun).await;
        assert!(answer.is_empty() || status(&answer) == 408, "{begun:?}: {answer}");
    }
    let answer = say(&app, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status(&answer), 200, "an answer, and then the end of the silence");
    assert_eq!(app.get("/-/healthy").await.status, 200);
}

#[tokio::test]
async fn slow_request_head_is_cut_off() {
    let app = TestApp::with(|config| config.web.header_timeout = SHORT).await;
    let mut stream = connect(&app).await;
    let start = Instant::now();
    let mut pause = tokio::time::interval(Duration::from_millis(20));
    // A byte now and then must not restart the timeout.
    while start.elapsed() < PATIENCE && stream.write_all(b"GET").await.is_ok() {
        pause.tick().await;
    }
    assert!(start.elapsed() < PATIENCE, "it was cut");
}

#[tokio::test]
async fn oversized_request_head_is_refused() {
    let app = TestApp::start().await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: 1\r\n".repeat(1000));
    let address = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20));
    for head in
        [long, many, address, "\r\n".repeat(100_000), "\0".repeat(1000), "HELO\r\n\r\n".into()]
    {
        let answer = say(&app, &head).await;
        assert!(matches!(status(&answer), 0 | 400 | 414 | 431), "{}", &head[..20]);
    }
    assert_eq!(app.get("/-/healthy").await.status, 200);
}

#[tokio::test]
async fn idle_connections_do_not_block_requests() {
    let app = TestApp::with(|config| config.web.connections = 400).await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(connect(&app).await);
    }
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
}

#[tokio::test]
async fn connection_limit_queues_clients_until_idle_ones_time_out() {
    let app = TestApp::with(|config| {
        config.web.connections = 2;
        config.web.header_timeout = SHORT;
    })
    .await;
    let idle = [connect(&app).await, connect(&app).await];
    let start = Instant::now();
    assert_eq!(app.get("/-/healthy").await.status, 200);
    assert!(start.elapsed() < PATIENCE);
    drop(idle);
}

/// Conformance: 7.4
#[tokio::test]
async fn http_1_0_response_has_length_and_closes() {
    let app = TestApp::start().await;
    for path in ["/tidewater/rss.xml", "/tidewater", "/nothing-here"] {
        let answer = say(&app, &format!("GET {path} HTTP/1.0\r\n\r\n")).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("http/1.0 ") && !head.contains("transfer-encoding"), "{head}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    }
    let feed = say(&app, "GET /tidewater/feed.json HTTP/1.0\r\n\r\n").await;
    let own = format!("{}/tidewater/feed.json", app.base);
    assert!(feed.contains(&own), "without a host the addresses begin with where we listen");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let app = TestApp::start().await;
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n");
    let all = format!(
        "{}\r\n{}\r\n{}Connection: close\r\n\r\n",
        ask("/-/healthy"),
        ask("/tidewater/feed.json"),
        ask("/robots.txt")
    );
    let answers = say(&app, &all).await;
    let places =
        ["\r\nhealthy\n", "\"home_page_url\"", "User-agent: *"].map(|text| answers.find(text));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3);
}

#[tokio::test]
async fn base_url_prefix_is_served_with_and_without_prefix() {
    let app = TestApp::with(|config| {
        config.web.base_url = Base::parse("https://feeds.example/tg").ok();
    })
    .await;
    let stripped = app.get("/tidewater/feed.json").await;
    let whole = app.get("/tg/tidewater/feed.json").await;
    assert_eq!((whole.status, &whole.body), (200, &stripped.body));
    assert_eq!(whole.json()["feed_url"], "https://feeds.example/tg/tidewater/feed.json");
    for path in ["/tg", "/tg/", "/tg?x=1", "/"] {
        let page = app.browse(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains("action=\"https://feeds.example/tg/-/import\""), "{path}");
    }
    assert_eq!(app.get("/tgx/tidewater").await.status, 404, "a prefix is whole segments");
    let led = app.get("/tg/@tidewater").await;
    assert_eq!(led.header("location"), "https://feeds.example/tg/tidewater");
    let forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    assert_eq!(app.get_with("/tidewater/feed.json", &forged).await.body, whole.body);
}

#[tokio::test]
async fn forwarded_port_appears_in_all_urls() {
    let headers =
        [("host", "feeds.example"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "8443")];
    let base = "https://feeds.example:8443";
    let app = TestApp::start().await;
    for path in ["/tidewater/rss.xml", "/tidewater/atom.xml", "/tidewater/feed.json", "/tidewater"]
    {
        for _ in 0..2 {
            let answer = app.get_with(path, &headers).await;
            let text = answer.text();
            assert!(text.contains(&format!("{base}/tidewater")), "{path}: {text}");
            assert_eq!(
                text.matches("//feeds.example").count(),
                text.matches(base).count(),
                "{path}: {text}"
            );
        }
    }
    let led = app.get_with("/@tidewater", &headers).await;
    assert_eq!(led.header("location"), format!("{base}/tidewater"));
    let untrusted = TestApp::with(|config| config.web.trusted_proxies.clear()).await;
    let feed = untrusted.get_with("/tidewater/feed.json", &headers).await;
    assert_eq!(feed.json()["feed_url"], "http://feeds.example/tidewater/feed.json");
}

#[tokio::test]
async fn forwarded_headers_count_only_from_trusted_proxy() {
    let headers = [
        ("host", "inside:1"),
        ("x-forwarded-host", "feeds.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/tg"),
    ];
    let standard =
        [("host", "inside:1"), ("forwarded", "for=192.0.2.1;proto=https;host=feeds.example")];
    for (trusted, headers, base) in [
        (true, &headers[..], "https://feeds.example/tg"),
        (true, &standard[..], "https://feeds.example"),
        (false, &headers[..], "http://inside:1"),
        (false, &standard[..], "http://inside:1"),
    ] {
        let app = TestApp::with(|config| {
            if !trusted {
                config.web.trusted_proxies.clear();
            }
        })
        .await;
        let feed = app.get_with("/tidewater/feed.json", headers).await;
        assert_eq!(
            feed.json()["feed_url"],
            format!("{base}/tidewater/feed.json"),
            "trusted: {trusted}"
        );
    }
}

#[tokio::test]
async fn responses_use_base_url_of_request_host() {
    let app = TestApp::start().await;
    for round in 0..2 {
        for number in 0..20 {
            let host = format!("h{number}.example");
            let feed = app.get_with("/tidewater/feed.json", &[("host", &host)]).await;
            let address = format!("http://{host}/tidewater/feed.json");
            assert_eq!(feed.json()["feed_url"], address, "round {round}");
        }
    }
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
}

#[tokio::test]
async fn invalid_host_header_is_not_reflected() {
    let app = TestApp::start().await;
    for host in
        ["evil.example/\"><script>", "a b", "user@evil.example", "", "x:99999", "[::1", "ho\tst"]
    {
        let ask = format!(
            "GET /tidewater/feed.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        );
        let answer = say(&app, &ask).await;
        let own = format!("\"{}/tidewater/feed.json\"", app.base);
        assert!(status(&answer) == 400 || answer.contains(&own), "{host:?}: {answer:.300}");
        assert!(!answer.contains("evil"), "{host:?}");
    }
}

#[tokio::test]
async fn shutdown_finishes_responses_and_accepts_no_connections() {
    let app = TestApp::start().await;
    let gate = app.telegram.hold(Target::Channel("tidewater".to_owned()));
    let (control, address) = (app.telegram.clone(), address(&app));
    let (client, feed) = (crate::support::client(), format!("{}/tidewater/rss.xml", app.base));
    let asking = tokio::spawn(async move { client.get(feed).send().await.unwrap().status() });
    control.wait_for_hits("/s/tidewater", 1).await;
    let idle = connect(&app).await;
    let others = async {
        // Refused once the listener is closed; until then accepted and dropped.
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert_eq!(rest(idle).await, "", "a connection that waits for nothing is closed");
        gate.open();
        asking.await.unwrap()
    };
    let (answer, ()) = tokio::join!(others, app.stop());
    assert_eq!(answer, 200);
}

#[tokio::test]
async fn shutdown_ends_within_grace_period() {
    let app = TestApp::with(|config| config.web.grace = Duration::from_millis(300)).await;
    let _gate = app.telegram.hold(Target::Channel("tidewater".to_owned()));
    let mut stream = connect(&app).await;
    stream.write_all(b"GET /tidewater/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    app.telegram.wait_for_hits("/s/tidewater", 1).await;
    let start = Instant::now();
    app.stop().await;
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(rest(stream).await, "", "what took too long is cut");
}

#[tokio::test]
async fn request_over_timeout_gets_504() {
    let app = TestApp::with(|config| config.web.request_timeout = SHORT).await;
    let gate = app.telegram.hold(Target::Channel("tidewater".to_owned()));
    let answer = app.get("/tidewater/rss.xml").await;
    assert_eq!((answer.status, answer.header("cache-control")), (504, "no-store"));
    assert_eq!(answer.json()["detail"], "The answer took too long: try again in a minute.");
    let page = app.browse("/tidewater").await;
    assert!(page.status == 504 && page.text().contains("try again in a minute"));
    gate.open();
    assert_eq!(app.get("/-/healthy").await.status, 200);
}

#[tokio::test]
async fn client_that_does_not_read_is_disconnected() {
    let app = TestApp::with(|config| config.web.request_timeout = Duration::from_secs(1)).await;
    app.get("/tidewater/rss.xml").await;
    let mut stream = connect(&app).await;
    let ask = "GET /tidewater/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let asking = async { while stream.write_all(ask.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("the connection ends");
    assert_eq!(app.get("/-/healthy").await.status, 200);
}

#[tokio::test]
async fn responses_carry_request_id() {
    let app = TestApp::start().await;
    let given = app.get_with("/-/healthy", &[("x-request-id", "4e6f-Number")]).await;
    assert_eq!(given.header("x-request-id"), "4e6f-Number");
    let mut seen = HashSet::new();
    for forged in ["short", "with space", "quote\"quote", &"a".repeat(65), "slash/slash/slash"] {
        let made = app.get_with("/nobody-here/x", &[("x-request-id", forged)]).await;
        let id = made.header("x-request-id").to_owned();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(seen.insert(id), "no number twice");
    }
}

/// Conformance: 7.13
#[tokio::test]
async fn responses_have_security_headers_and_noindex() {
    let app = TestApp::start().await;
    let etag = app.get("/tidewater/rss.xml").await.header("etag").to_owned();
    let media = app.get("/tidewater").await.text().to_owned();
    let style = media.split('"').find(|part| part.ends_with(".css")).unwrap();
    let style = style.strip_prefix(&app.base).unwrap();
    for (path, headers, expected) in [
        ("/", &[][..], 200),
        ("/tidewater", &[], 200),
        ("/tidewater/5", &[], 200),
        ("/tidewater/atom.xml", &[], 200),
        ("/tidewater/rss.xml", &[("if-none-match", etag.as_str())], 304),
        ("/tidewater/61.jpg", &[], 200),
        ("/tidewater/avatar.jpg", &[], 200),
        ("/@tidewater", &[], 302),
        ("/robots.txt", &[], 200),
        ("/favicon.ico", &[], 200),
        ("/-/healthy", &[], 200),
        ("/-/ready", &[], 200),
        (style, &[], 200),
        ("/-/nothing", &[], 404),
        ("/tidewater?limit=x", &[], 400),
        ("/nobody_here", &[("accept", "text/html")], 404),
    ] {
        let answer = app.get_with(path, headers).await;
        assert_eq!(answer.status, expected, "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-robots-tag"), "noindex", "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(
            answer.headers.get("set-cookie").is_none() && answer.headers.get("server").is_none()
        );
    }
    let refused = app.request(Method::POST, "/", &[]).await;
    assert_eq!((refused.status, refused.header("x-content-type-options")), (405, "nosniff"));
}

#[tokio::test]
async fn path_traversal_is_refused() {
    let app = TestApp::start().await;
    let long = format!("/{}", "a".repeat(10_000));
    let deep = "/a".repeat(4000);
    for path in [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/tidewater/../../etc/passwd",
        "/tidewater/..",
        "//",
        "//evil.example/",
        "//evil.example/rss.xml",
        "/\\evil.example",
        "/%00",
        "/tidewater%00",
        "/tidewater/5.jpg%00.html",
        "/%ff%fe",
        "/%zz",
        "/%",
        "/tidewater/rss.xml%0d%0aSet-Cookie:a=b",
        "/-/style.css",
        "/-/..",
        "/-/5",
        "/-/rss.xml",
        "/-",
        "/tidewater/99999999999999999999",
        "/tidewater/0",
        "/tidewater/-1",
        "/tidewater/5.exe",
        "/tidewater/5-poster.png",
        &long,
        &deep,
    ] {
        let answer = get_raw(&app, path).await;
        assert!(matches!(status(&answer), 400 | 404), "{path:.60}: {answer:.300}");
        assert!(!answer.to_ascii_lowercase().contains("\r\nset-cookie"), "{path:.60}");
    }
    assert_eq!(app.telegram.total(), 0, "no request to Telegram");
}

#[tokio::test]
async fn expensive_options_are_refused_quickly() {
    let app = TestApp::start().await;
    let many = "limit=5&".repeat(1500);
    let long = format!("include={}", "a".repeat(12_000));
    let start = Instant::now();
    for query in [
        "include=((((a{1000}){1000}){1000}){1000})",
        "include=(a*)*b&exclude=(((((",
        "include=%F0%9F%92%A9{99999}",
        "limit=99999999999999999999999",
        "limit=-1",
        "before=99999999999999999999",
        "before=0",
        "kind=%00",
        "%00=%00",
        &long,
    ] {
        let answer = get_raw(&app, &format!("/tidewater/rss.xml?{query}")).await;
        assert_eq!(status(&answer), 400, "{query:.60}: {answer:.300}");
    }
    let answer = get_raw(&app, &format!("/tidewater/rss.xml?{many}")).await;
    assert!(matches!(status(&answer), 200 | 400), "{answer:.300}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
