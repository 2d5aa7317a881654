//! `feedline check`: settings, disk, network, and what a channel or a saved page gives, for the operator's first hour and for
//! every later one in which something is strange.
//!
//! One line for each thing that was looked at, with a mark in front and, where something is wrong, what to do. A saved
//! page is looked at alone: neither settings nor network matter to it.

mod disk;
mod network;
mod page;
mod report;
mod server;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::{parse, runtime};
use crate::config::Config;
use crate::telegram;
use crate::telemetry;
use report::Report;

/// Checks settings, disk and network, and what a channel or a saved page gives.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// A channel in any form (a link to a post checks the post too), or a saved page: then only the page.
    #[arg(value_name = "CHANNEL|FILE")]
    subject: Option<String>,
}

/// The exit code is 1 when anything is wrong.
pub(super) fn run(
    loaded: anyhow::Result<Config>,
    arguments: &Arguments,
) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    let subject = arguments.subject.as_deref();
    if let Some(file) = subject.filter(|subject| is_file(subject)) {
        check_file(Path::new(file), &mut report)?;
        return report.finish();
    }
    let target = subject.map(super::target).transpose();
    let target = target.with_context(|| no_subject(subject.unwrap_or_default()))?;
    let Some(config) = settings::check(loaded, &mut report)? else { return report.finish() };
    disk::check(&config, &mut report)?;
    telemetry::start(&telemetry::Settings {
        level: telemetry::Level::parse("error")?,
        ..config.log.clone()
    })?;
    runtime()?.block_on(async {
        server::check(&config, &mut report).await?;
        network::check(&config, &mut report).await?;
        match &target {
            Some(target) => network::check_channel(&config, target, &mut report).await,
            None => Ok(()),
        }
    })?;
    report.finish()
}

/// Whether this names a file rather than a channel; `-` is the standard input.
fn is_file(subject: &str) -> bool {
    subject == "-" || Path::new(subject).is_file()
}

/// What is said before the reason why a text is no channel.
fn no_subject(subject: &str) -> String {
    if Path::new(subject).is_dir() {
        return format!("{subject} is a folder: name a saved page in it. It is no channel either");
    }
    "there is no such file, and it is no channel".to_owned()
}

fn check_file(file: &Path, report: &mut Report) -> anyhow::Result<()> {
    report.section(&file.display().to_string())?;
    let html = parse::read(file)?;
    match telegram::recognise(&html) {
        Ok(recognised) => page::saved(&html, &recognised, report),
        Err(reason) => report.wrong(
            &format!("this is no page of Telegram's that can be read: {reason}"),
            "Save what the server sends, as `curl https://t.me/s/telegram > page.html` does.",
        ),
    }
}
