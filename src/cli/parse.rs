//! `feedline parse`: saved Telegram pages as JSON.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{print, read_file};
use crate::telegram::{self, Answer, Recognised};

/// In bytes. The parser has lower limits and names the one exceeded.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Parse saved Telegram pages and print JSON, one post per line. Warnings go to the standard error.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Saved pages: lists, single posts, landing pages; - is the standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Fail on warnings too.
    #[arg(long)]
    strict: bool,
}

/// The exit code is 1 if a file is not a known page, or with `--strict` if there is a warning.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    let mut errors = std::io::stderr().lock();
    for file in &arguments.files {
        match telegram::recognise(&read(file)?) {
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

/// One JSON object for each post, or one for a page without posts.
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

/// Invalid UTF-8 is replaced: a damaged page can still be examined.
pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&read_file(file, MAX_FILE)?).into_owned())
}
