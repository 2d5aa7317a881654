//! An HTTP client with one request per connection. Its own cost is small, so the measurement shows the server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Timeout of a request.
const LIMIT: Duration = Duration::from_secs(40);

/// Each request has its own client address, as behind a proxy. Otherwise the limit of new channels per client would
/// apply.
static CLIENTS: AtomicU32 = AtomicU32::new(1);

/// A response with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
    /// From before the connection is opened to the last byte.
    pub(crate) elapsed: Duration,
}

impl Answer {
    /// The value of a header, empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |pair| pair.1)
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(": "))
    }
}

/// Sends a GET request with these headers.
pub(crate) async fn get(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<Answer> {
    tokio::time::timeout(LIMIT, exchange(server, path, headers))
        .await
        .with_context(|| format!("{path} took more than {} s", LIMIT.as_secs()))?
        .with_context(|| format!("asking {server} for {path}"))
}

/// Like [`get`], but any status other than 200 is an error.
pub(crate) async fn get_ok(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<Answer> {
    let answer = get(server, path, headers).await?;
    let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]);
    anyhow::ensure!(answer.status == 200, "{path} is answered with {}: {text}", answer.status);
    Ok(answer)
}

async fn exchange(
    server: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<Answer> {
    let begun = Instant::now();
    let [_, a, b, c] = CLIENTS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nX-Forwarded-For: 10.{a}.{b}.{c}\r\n"
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::with_capacity(64 * 1024);
    stream.read_to_end(&mut bytes).await?;
    let elapsed = begun.elapsed();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("no whole head")?;
    let body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("status")?;
    let answer = Answer { status, head, body, elapsed };
    let announced = answer.header("content-length").parse().unwrap_or(answer.body.len());
    anyhow::ensure!(announced == answer.body.len(), "the body is not whole");
    Ok(answer)
}
