//! Whether there is a place on the disk for posts and files. Nothing is made that was not there.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use bytesize::ByteSize;

use super::report::Report;
use crate::archive;
use crate::config::Config;
use crate::media::Mode;

/// The archive, and the folder of files.
pub(super) fn check(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    report.section("Disk")?;
    if let Some(path) = &config.archive.path {
        check_archive(path, report)?;
    }
    match &config.media.cache_dir {
        Some(folder) if config.media.mode == Mode::Proxy => {
            check_files(folder, config.media.cache_size, report)
        }
        _ => report.good("no files are kept"),
    }
}

fn check_archive(path: &Path, report: &mut Report) -> anyhow::Result<()> {
    let shown = path.display();
    let is_there = path.exists();
    let is_older = match archive::look(path) {
        Err(error) if is_there => return report.wrong(&format!("the archive {error}"), ""),
        outcome => outcome.unwrap_or_default(),
    };
    match room(path.parent().unwrap_or(path)) {
        Ok(room) if is_there => {
            let size = ByteSize::b(fs::metadata(path).map_or(0, |metadata| metadata.len()));
            report.good(&format!(
                "the archive {shown} can be read and written: {size}, and {room} are free there"
            ))?;
        }
        Ok(room) => report.good(&format!(
            "the archive {shown} is not there yet and can be made, with {room} free there"
        ))?,
        Err(reason) => report.wrong(
            &format!("the archive {shown} cannot be written: {reason}"),
            "Let the user that runs feedline write there, or name another file with archive.url.",
        )?,
    }
    if is_older {
        report.note(
            "its tables are an earlier version's: the next start copies it and renews them",
        )?;
    }
    Ok(())
}

fn check_files(folder: &Path, most: ByteSize, report: &mut Report) -> anyhow::Result<()> {
    let shown = folder.display();
    match room(folder) {
        Ok(room) => report.good(&format!(
            "files can be kept in {shown}: at most {most}, and {room} are free there"
        )),
        Err(reason) => report.wrong(
            &format!("files cannot be kept in {shown}: {reason}"),
            "Let the user that runs feedline write there, or give another folder with media.cache_dir.",
        ),
    }
}

/// What is free for a folder; an error says why nothing can be made in it or, when it is not there, in the one above it.
fn room(folder: &Path) -> Result<ByteSize, String> {
    let there = folder.ancestors().find(|place| place.exists()).unwrap_or(folder);
    try_out(there).map_err(|error| {
        let there = there.display();
        match error.kind() {
            ErrorKind::NotADirectory => format!("{there} is a file, not a folder"),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                format!("{there} may not be written")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => format!("{there} is full"),
            _ => format!("nothing can be made in {there} ({error})"),
        }
    })
}

/// Rights alone do not tell whether the system lets a thing be made: one is, and goes at once.
fn try_out(folder: &Path) -> io::Result<ByteSize> {
    let trial = folder.join(format!(".feedline-check-{}", std::process::id()));
    fs::create_dir(&trial)?;
    fs::remove_dir(&trial)?;
    let room = rustix::fs::statvfs(folder)?;
    Ok(ByteSize::b(room.f_bavail.saturating_mul(room.f_frsize)))
}
