//! Malformed requests and floods of requests. Slow and verbose clients are tested in `server.rs`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{TestApp, client};

/// Timeout of every wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// A write that is stuck for this long counts as not being read.
const STUCK: Duration = Duration::from_millis(700);

fn address(app: &TestApp) -> &str {
    app.base.trim_start_matches("http://")
}

/// The response to these bytes; the client sends nothing more.
async fn say(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(app)).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    rest(stream).await
}

/// The response to a GET of a path that no HTTP client would send.
async fn get_raw(app: &TestApp, path: &str) -> String {
    let mut stream = TcpStream::connect(address(app)).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(stream).await
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset also ends the response.
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let _ = end.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<u16> {
    let starts = answer.match_indices("HTTP/1.").map(|(at, _)| &answer[at..]);
    starts.filter_map(|start| start.get(9..12)?.parse().ok()).collect()
}

#[tokio::test]
async fn malformed_requests_are_refused_or_disconnected() {
    let app = TestApp::start().await;
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\xff\x13\x02".repeat(20);
    let long_name = format!("GET / HTTP/1.1\r\nHost: x\r\n{}: x\r\n\r\n", "X".repeat(70_000));
    for (name, bytes) in [
        ("a greeting of TLS", &hello[..]),
        ("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        ("HTTP/0.9", b"GET /\r\n"),
        ("HTTP/0.9 without an end", b"GET /"),
        ("a version of the future", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        ("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("a mail server", b"EHLO mail.example\r\nMAIL FROM:<a@b.example>\r\n"),
        ("nothing but zeros", &[0; 4096]),
        ("nothing but high bytes", &[0xff; 4096]),
        ("a method of spaces", b"    / HTTP/1.1\r\n\r\n"),
        ("a zero in the path", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a zero in a header's name", b"GET / HTTP/1.1\r\nHo\0st: x\r\n\r\n"),
        ("a zero in a header", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"),
        ("a space before the colon", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
        ("a folded header", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
        ("a bare return in a header", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rX: y\r\n\r\n"),
        ("a name without end", long_name.as_bytes()),
    ] {
        let answer = say(&app, bytes).await;
        let statuses = statuses(&answer);
        assert!(matches!(statuses[..], [] | [400 | 431 | 505]), "{name}: {answer:.200}");
        assert!(!answer.contains("X: y"), "{name}");
    }
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
}

#[tokio::test]
async fn request_body_is_never_parsed_as_request() {
    let app = TestApp::start().await;
    let inner = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = inner.len();
    for (name, head, allowed) in [
        ("a length", format!("Content-Length: {length}\r\n"), &[200][..]),
        ("two lengths", format!("Content-Length: {length}\r\nContent-Length: 0\r\n"), &[400]),
        ("a list of lengths", format!("Content-Length: {length}, 0\r\n"), &[400]),
        ("a signed length", format!("Content-Length: +{length}\r\n"), &[400]),
        ("an endless length", "Content-Length: 99999999999999999999\r\n".to_owned(), &[400]),
        ("a huge length", "Content-Length: 18446744073709551615\r\n".to_owned(), &[200, 400]),
        (
            "a length and chunks",
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
            &[200, 400],
        ),
        ("chunks of nothing", "Transfer-Encoding: chunked\r\n".to_owned(), &[200, 400]),
        ("an unknown coding", "Transfer-Encoding: x\r\n".to_owned(), &[400]),
        ("chunks twice", "Transfer-Encoding: chunked, chunked\r\n".to_owned(), &[200, 400]),
        (
            "a chunked length",
            format!("Transfer-Encoding: identity\r\nContent-Length: {length}\r\n"),
            &[400],
        ),
    ] {
        let request = format!("GET /-/healthy HTTP/1.1\r\nHost: x\r\n{head}\r\n{inner}");
        let answer = say(&app, request.as_bytes()).await;
        assert!(!answer.contains("User-agent"), "{name}: the body was answered: {answer}");
        let statuses = statuses(&answer);
        let good =
            statuses.iter().all(|status| matches!(status, 400 | 431) || allowed.contains(status));
        assert!(good && statuses.len() <= 2, "{name}: {answer}");
    }
    let answer = say(
        &app,
        b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n",
    )
    .await;
    assert_eq!(statuses(&answer), [405], "nobody is asked to send what nobody wants: {answer}");
}

#[tokio::test]
async fn endless_request_body_is_not_read_completely() {
    let app = TestApp::start().await;
    for method in ["GET", "POST"] {
        let mut stream = TcpStream::connect(address(&app)).await.unwrap();
        let head = format!(
            "{method} /-/healthy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut sent = 0;
        while sent < 256 << 20 {
            match tokio::time::timeout(STUCK, stream.write_all(chunk.as_bytes())).await {
                Ok(Ok(())) => sent += chunk.len(),
                Ok(Err(_)) | Err(_) => break,
            }
        }
        assert!(sent < 32 << 20, "{method}: {sent} bytes were taken");
    }
    assert_eq!(app.get("/-/healthy").await.status, 200);
}

#[tokio::test]
async fn client_pipelining_without_reading_is_stopped() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
    let ask = "GET /tidewater/rss.xml HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let mut stream = TcpStream::connect(address(&app)).await.unwrap();
    let mut asked = 0;
    while asked < 1_000_000 {
        match tokio::time::timeout(STUCK, stream.write_all(ask.as_bytes())).await {
            Ok(Ok(())) => asked += 1000,
            Ok(Err(_)) | Err(_) => break,
        }
    }
    // The responses would be gigabytes: feedline stops reading requests while responses are not read.
    assert!(asked < 300_000, "{asked} requests were taken, and none of the answers");
    assert_eq!(app.get("/tidewater/rss.xml").await.status, 200);
    assert_eq!(app.telegram.hits("/s/tidewater"), 1);
}

#[tokio::test]
async fn broken_encodings_in_options_are_never_reflected_raw() {
    let app = TestApp::start().await;
    for (query, status) in [
        ("q=%c0%af", 200),
        ("q=%ff%fe", 200),
        ("q=%ed%a0%80", 200),
        ("q=%f4%90%80%80", 200),
        ("q=%", 200),
        ("q=%zz%1", 200),
        ("q=%00", 400),
        ("tag=%00%01%02", 400),
        ("limit=%0d%0aX-Evil:%201", 400),
        ("%0d%0aX-Evil:%201=1", 400),
        ("include=%0d%0aX-Evil:1", 200),
        ("q=%0d%0aX-Evil:1", 200),
        ("q=%e2%80%ae%e2%81%a6", 200),
        ("title=%3Cscript%3Ealert(1)%3C/script%3E", 400),
        ("%3Cscript%3E=1", 400),
        ("kind=photo%2Cphoto%2C%2C%2Cphoto", 200),
    ] {
        for path in ["/tidewater/rss.xml", "/tidewater/feed.json", "/tidewater"] {
            let answer = get_raw(&app, &format!("{path}?{query}")).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert_eq!(statuses(head), [status], "{path}?{query}: {head}");
            let evil = head.to_ascii_lowercase().lines().any(|line| line.starts_with("x-evil"));
            assert!(!evil, "{path}?{query}: {head}");
            assert!(!body.contains("<script"), "{path}?{query}");
            assert!(!body.contains(['\0', '\u{1}']), "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn absurd_request_headers_do_not_change_response() {
    let app = TestApp::start().await;
    let feed = app.get("/tidewater/rss.xml").await;
    let etags = format!("\"{}\"", "x\", \"".repeat(3000));
    let many = "text/html;q=0.1,".repeat(900);
    let codings = "gzip;q=0,".repeat(1500);
    for (name, value) in [
        ("if-none-match", etags.as_str()),
        ("if-none-match", "\"\",,,W/,*x,\"\\\"\""),
        ("if-modified-since", "Thu, 99 Xyz 9999 99:99:99 GMT"),
        ("if-modified-since", "Thu, 01 Jan -999999999 00:00:00 GMT"),
        ("range", "bytes=0-0,1-1,2-2,3-3,99999999999999999999-"),
        ("accept", many.as_str()),
        ("accept", "*/*;q=NaN, application/rss+xml;q=1e999, ;;;,,,"),
        ("accept-encoding", codings.as_str()),
        ("accept-encoding", "identity;q=0, *;q=0.00000000000000000000001"),
        ("accept-language", "xx-\u{ff}\u{fe}"),
        ("forwarded", "for=\"[::1\";host=;proto=gopher;;;,,,"),
        ("x-forwarded-for", "999.999.999.999, ::::::, a"),
        ("x-forwarded-prefix", "//evil.example/../"),
        ("cookie", "a=b; c=\"; d"),
    ] {
        let answer = app.get_with("/tidewater/rss.xml", &[(name, value)]).await;
        assert!(matches!(answer.status, 200 | 406), "{name}: {value:.60}: {}", answer.status);
        if answer.status == 200 && answer.header("content-encoding").is_empty() {
            assert_eq!(answer.body.len(), feed.body.len(), "{name}: {value:.60}");
        }
    }
}

/// A feedline in its own process, over its sample Telegram.
struct Demo(Child);

impl Demo {
    fn start(settings: &[&str]) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedline"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--set", "log.level=error"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let folder = std::env::temp_dir();
        let mut child = command.current_dir(folder).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.map(Result::unwrap).find(|line| line.contains("http://")).unwrap();
        let start = line.find("http://").unwrap();
        let base = line[start..].split([' ', ';']).next().unwrap().trim_end_matches('/');
        (Self(child), base.to_owned())
    }

    /// A number from a line of `/proc/<pid>/<file>`, if there is one.
    fn number(&self, file: &str, line: &str) -> Option<usize> {
        let text = std::fs::read_to_string(format!("/proc/{}/{file}", self.0.id())).ok()?;
        let found = text.lines().find(|known| known.starts_with(line))?;
        found.split_ascii_whitespace().find_map(|word| word.parse().ok())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "says how many there were")]
async fn ten_thousand_idle_connections_do_not_block_requests() {
    let (demo, base) = Demo::start(&["limits.connections=20000", "limits.header_timeout=2m"]);
    let client = client();
    let feed = format!("{base}/tidewater/rss.xml");
    assert_eq!(client.get(&feed).send().await.unwrap().status(), 200);
    let before = demo.number("status", "VmRSS").unwrap_or(0);
    // As many connections as the file limits of both processes allow.
    let here = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let here = here.lines().find(|line| line.starts_with("Max open files"));
    let here =
        here.and_then(|line| line.split_ascii_whitespace().find_map(|word| word.parse().ok()));
    let there = demo.number("limits", "Max open files").unwrap_or(1024);
    let many = here.unwrap_or(1024).min(there).saturating_sub(300).min(10_000);
    let mut idle = Vec::new();
    for number in 0..many {
        let mut stream = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"GET /tidewater HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        }
        idle.push(stream);
    }
    assert_eq!(client.get(&feed).send().await.unwrap().status(), 200);
    let mut text = String::new();
    if let Some(after) = demo.number("status", "VmRSS") {
        let each = after.saturating_sub(before) * 1024 / many;
        let _ = write!(text, ", {each} bytes of memory each");
        assert!(each < 24 * 1024, "{each} bytes for an idle connection");
    }
    println!("{many} idle connections{text}");
    drop(idle);
    assert_eq!(client.get(&feed).send().await.unwrap().status(), 200);
}
