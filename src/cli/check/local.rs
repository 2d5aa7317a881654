//! Checks of this machine: settings, disk, port. They create nothing permanent.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use bytesize::ByteSize;
use tokio::net::TcpListener;

use super::report::Report;
use crate::archive;
use crate::cli::health;
use crate::config::Config;
use crate::model::options::MediaMode;

/// Returns the settings, if they are valid.
pub(super) fn check_settings(
    loaded: anyhow::Result<Config>,
    report: &mut Report,
) -> Option<Config> {
    report.section("Settings");
    let config = match loaded {
        Ok(config) => config,
        Err(error) => {
            // One line for each invalid setting.
            for problem in format!("{error:#}").lines() {
                report.problem(problem, "");
            }
            report.note("the other checks need valid settings");
            return None;
        }
    };
    match &config.file {
        Some(file) => report.good(format!("{} is read", file.display())),
        None => report.good("no settings file; defaults, environment and flags apply"),
    }
    if !config.service_links.is_empty() {
        report.good(format!(
            "variables of a container platform's service links are ignored: {}",
            config.service_links.join(", ")
        ));
    }
    match &config.web.base_url {
        Some(base) => report.good(format!("URLs in feeds begin with {}", base.as_str())),
        None if config.web.listen.ip().is_loopback() => {
            report.good("URLs in feeds begin with the host of each request");
        }
        None => report.note(
            "URLs in feeds begin with the host of each request: behind a proxy, or with readers in containers, set \
             server.base_url to the public address",
        ),
    }
    Some(config)
}

pub(super) fn check_disk(config: &Config, report: &mut Report) {
    report.section("Disk");
    if let Some(path) = &config.archive.path {
        check_archive(path, report);
    }
    match &config.media.cache_dir {
        Some(folder) if config.media.mode == MediaMode::Proxy => {
            check_cache(folder, config.media.cache_size, report)
        }
        _ => report.good("media is not cached"),
    }
}

fn check_archive(path: &Path, report: &mut Report) {
    let shown = path.display();
    let exists = path.exists();
    let is_older = match archive::look(path) {
        Err(error) if exists => return report.problem(format!("the archive {error}"), ""),
        outcome => outcome.unwrap_or_default(),
    };
    match free_space(path.parent().unwrap_or(path)) {
        Ok(free) if exists => {
            let size = ByteSize::b(fs::metadata(path).map_or(0, |metadata| metadata.len()));
            report
                .good(format!("the archive {shown} can be read and written: {size}, {free} free"));
        }
        Ok(free) => report.good(format!(
            "the archive {shown} does not exist yet and can be created, {free} free"
        )),
        Err(reason) => report.problem(
            format!("the archive {shown} cannot be written: {reason}"),
            "Give feedline's user write permission there, or set archive.url to another file.",
        ),
    }
    if is_older {
        report.note("its schema is older: the next start makes a copy and upgrades it");
    }
}

fn check_cache(folder: &Path, max: ByteSize, report: &mut Report) {
    let shown = folder.display();
    match free_space(folder) {
        Ok(free) => {
            report.good(format!("media can be cached in {shown}: at most {max}, {free} free"))
        }
        Err(reason) => report.problem(
            format!("media cannot be cached in {shown}: {reason}"),
            "Give feedline's user write permission there, or set media.cache_dir to another folder.",
        ),
    }
}

/// The free space for a folder, or for the closest parent that exists. The error says why nothing can be created there.
fn free_space(folder: &Path) -> Result<ByteSize, String> {
    let existing = folder.ancestors().find(|parent| parent.exists()).unwrap_or(folder);
    try_write(existing).map_err(|error| {
        let existing = existing.display();
        match error.kind() {
            ErrorKind::NotADirectory => format!("{existing} is a file, not a folder"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                format!("{existing} is not writable")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!("{existing} is full"),
            _ => format!("nothing can be created in {existing} ({error})"),
        }
    })
}

/// Creates and removes a folder: permissions alone are not conclusive.
fn try_write(folder: &Path) -> io::Result<ByteSize> {
    let trial = folder.join(format!(".feedline-check-{}", std::process::id()));
    fs::create_dir(&trial)?;
    fs::remove_dir(&trial)?;
    let stat = rustix::fs::statvfs(folder)?;
    Ok(ByteSize::b(stat.f_bavail.saturating_mul(stat.f_frsize)))
}

/// Whether the server listens, or could.
pub(super) async fn check_port(config: &Config, report: &mut Report) {
    report.section("Server");
    let address = config.web.listen;
    match TcpListener::bind(address).await {
        Ok(_) => report.good(format!("{address} is free, feedline is not running")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => match health::check(config).await {
            Ok(()) => report.good(format!("feedline runs at {address} and is ready")),
            Err(error) => report.problem(
                format!("{address} is in use: {error:#}"),
                "Set server.listen to another port, or stop the other program.",
            ),
        },
        Err(error) if error.kind() == ErrorKind::PermissionDenied => report.problem(
            format!("listening on {address} is not permitted: {error}"),
            "Ports below 1024 need privileges: set server.listen to a higher port, behind a proxy.",
        ),
        Err(error) => report.problem(
            format!("cannot listen on {address}: {error}"),
            "Set server.listen to an address of this machine.",
        ),
    }
}
