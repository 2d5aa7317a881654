//! Whether the server listens, or could.

use std::io::ErrorKind;

use tokio::net::TcpListener;

use super::report::Report;
use crate::cli::health;
use crate::config::Config;

pub(super) async fn check(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    report.section("Server")?;
    let address = config.server.listen;
    match TcpListener::bind(address).await {
        Ok(_) => report.good(&format!("{address} is free: nothing runs there, and feedline can")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => match health::ask(config).await {
            Ok(()) => report.good(&format!("feedline runs at {address} and is ready")),
            Err(error) => report.wrong(
                &format!("{address} is taken: {error:#}"),
                "Choose another port with server.listen, or stop the other program.",
            ),
        },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => report.wrong(
            &format!("{address} may not be listened on: {error}"),
            "Ports below 1024 are the system's: choose one above with server.listen, and put a proxy in front.",
        ),
        Err(error) => report.wrong(
            &format!("{address} cannot be listened on: {error}"),
            "Set server.listen to an address of this machine.",
        ),
    }
}
