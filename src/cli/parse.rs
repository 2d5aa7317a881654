//! `feedline parse FILE…`: saved pages of Telegram as JSON.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::print;
use crate::telegram::{self, Answer, Recognised};

/// The largest file that is read: the parser refuses a page over its input limits, with the reason.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Prints saved pages of Telegram as JSON, one post a line; warnings go to the standard error.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Saved pages: lists, single posts, landing pages; - is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Fail on warnings too.
    #[arg(long)]
    strict: bool,
}

/// The exit code is 1 when a file could not be read as a page, or with `--strict` when there was a warning.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    let mut errors = std::io::stderr().lock();
    for file in &arguments.files {
        let html = read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        match telegram::recognise(&html) {
            Ok(recognised) => {
                for line in lines(&recognised)? {
                    print(&format!("{line}\n"))?;
                }
                for warning in recognised.warnings() {
                    writeln!(errors, "{}: {warning}", file.display())?;
                    failed |= arguments.strict;
                }
            }
            Err(reason) => {
                writeln!(errors, "{}: {reason}", file.display())?;
                failed = true;
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One JSON object for each post; for what holds no posts, one for all of it.
fn lines(recognised: &Recognised) -> serde_json::Result<Vec<String>> {
    match recognised {
        Recognised::List(parsed) if !parsed.page.posts.is_empty() => {
            parsed.page.posts.iter().map(serde_json::to_string).collect()
        }
        Recognised::Embed(answer) => match &**answer {
            Answer::Post { post, .. } => Ok(vec![serde_json::to_string(post)?]),
            Answer::Refused(refusal) => Ok(vec![serde_json::to_string(refusal)?]),
        },
        other => Ok(vec![serde_json::to_string(other)?]),
    }
}

/// Telegram's pages are UTF-8; what is broken in a saved one must not keep it from being looked at.
pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(LARGEST).read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
