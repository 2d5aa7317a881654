//! `feedline health`: asks the server that runs with these settings whether it is ready. Made for a container's health
//! check, which has no other program at hand; so it is one line and an exit code.

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

/// What is asked for. A server whose base has a path prefix answers with it and without.
const PATH: &str = "/-/ready";

/// The longest that the answer may take: it comes from memory.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most bytes of an answer that are read.
const LARGEST: usize = 4096;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the runtime does not start")?.block_on(ask(config))?;
    print("ready\n")
}

/// Asks the server at `server.listen`.
///
/// # Errors
/// Why nothing can be asked of it at present.
pub(super) async fn ask(config: &Config) -> anyhow::Result<()> {
    let address = reachable(config.server.listen);
    ensure!(address.port() != 0, "server.listen has the port 0, so nobody knows the real one");
    match tokio::time::timeout(PATIENCE, exchange(address)).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("{address} does not answer within {} s", PATIENCE.as_secs()),
    }
}

/// Where a server that listens on this address can be reached from the same machine.
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
    let stream = stream.await.with_context(|| format!("nothing answers at {address}"))?;
    let request =
        Request::get(PATH).header(HOST, address.to_string()).body(Empty::<Bytes>::new())?;
    let strange = || format!("what answers at {address} is not feedline");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        anyhow::Ok((status, String::from_utf8_lossy(&body).trim().to_owned()))
    };
    // The connection ends when the answer's future has dropped its sender.
    let (answer, _) = tokio::join!(answer, connection);
    match answer.with_context(strange)? {
        (StatusCode::OK, text) if text == "ready" => Ok(()),
        (StatusCode::SERVICE_UNAVAILABLE, text) if text == "stopping" => {
            bail!("{address} is not ready: it is stopping")
        }
        (StatusCode::SERVICE_UNAVAILABLE, text) if text.starts_with("archive ") => bail!(
            "{address} is not ready: its archive keeps nothing now ({}), and its log says what to do",
            text.trim_start_matches("archive ")
        ),
        (status, _) => bail!("{}: it says {status}", strange()),
    }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_server_on_every_network_is_reached_on_this_machine() {
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
