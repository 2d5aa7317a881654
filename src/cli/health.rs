//! `feedline health`: checks whether the running server is ready. For health checks of containers without other programs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use bytes::Bytes;
use http::header::HOST;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::print;
use crate::config::Config;

/// Served with and without the path prefix of `server.base_url`.
const PATH: &str = "/-/ready";

const TIMEOUT: Duration = Duration::from_secs(3);

/// In bytes.
const MAX_BODY: usize = 4096;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("cannot start the async runtime")?.block_on(check(config))?;
    print("ready\n")
}

/// Checks the server at `server.listen`.
pub(super) async fn check(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.web.listen);
    ensure!(address.port() != 0, "server.listen has the port 0: the real port is unknown");
    match tokio::time::timeout(TIMEOUT, exchange(address)).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("{address} does not answer within {} s", TIMEOUT.as_secs()),
    }
}

/// The address at which this machine reaches the server.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn exchange(address: SocketAddr) -> anyhow::Result<()> {
    let stream = TcpStream::connect(address);
    let stream = stream.await.with_context(|| format!("nothing listens at {address}"))?;
    let request =
        Request::get(PATH).header(HOST, address.to_string()).body(Empty::<Bytes>::new())?;
    let other = format!("the server at {address} is not feedline");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        anyhow::Ok((status, String::from_utf8_lossy(&body).trim().to_owned()))
    };
    // The connection ends when `answer` drops the sender.
    let (answer, _) = tokio::join!(answer, connection);
    match answer.with_context(|| other.clone())? {
        (StatusCode::OK, text) if text == "ready" => Ok(()),
        (StatusCode::SERVICE_UNAVAILABLE, text) if text == "stopping" => {
            bail!("{address} is not ready: it is stopping")
        }
        (StatusCode::SERVICE_UNAVAILABLE, text) if text.starts_with("archive ") => bail!(
            "{address} is not ready: its archive cannot store posts ({}), see its log",
            text.trim_start_matches("archive ")
        ),
        (status, _) => bail!("{other}: it responds with {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn wildcard_listen_address_is_reached_on_loopback() {
        for (listen, reached) in [
            ("0.0.0.0:8417", "127.0.0.1:8417"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:8417", "192.0.2.7:8417"),
            ("[fd00::1]:8417", "[fd00::1]:8417"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), reached);
        }
    }
}
