//! `feedline check`: diagnoses settings, disk and network, and a channel or a saved page.
//!
//! Each finding is one line with a mark, and advice if it is a problem. A saved page is checked without settings and network.

mod local;
mod network;
mod page;
mod report;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::{parse, runtime};
use crate::config::Config;
use crate::telegram;
use report::Report;

/// Check settings, disk and network, and a channel or saved page.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// A channel name or link (the link of a post checks the post too), or a saved page, which is checked alone.
    #[arg(value_name = "CHANNEL|FILE")]
    subject: Option<String>,
}

/// The exit code is 1 if there is a problem.
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
    let target = target.with_context(|| not_found(subject.unwrap_or_default()))?;
    let Some(config) = local::check_settings(loaded, &mut report) else {
        return report.finish();
    };
    local::check_disk(&config, &mut report);
    super::start_log(&config, "error")?;
    runtime()?.block_on(async {
        local::check_port(&config, &mut report).await;
        network::check(&config, &mut report).await?;
        match &target {
            Some(target) => network::check_channel(&config, target, &mut report).await,
            None => Ok(()),
        }
    })?;
    report.finish()
}

/// `-` is the standard input.
fn is_file(subject: &str) -> bool {
    subject == "-" || Path::new(subject).is_file()
}

/// The error before the reason why the subject is not a channel.
fn not_found(subject: &str) -> String {
    if Path::new(subject).is_dir() {
        return format!(
            "{subject} is a folder: give a saved page in it. It is not a channel either"
        );
    }
    "neither a file nor a channel".to_owned()
}

fn check_file(file: &Path, report: &mut Report) -> anyhow::Result<()> {
    report.section(file.display().to_string());
    let html = parse::read(file)?;
    match telegram::recognise(&html) {
        Ok(recognised) => page::saved(&html, &recognised, report),
        Err(reason) => report.problem(
            format!("not a known Telegram page: {reason}"),
            "Save the response unchanged, as `curl https://t.me/s/telegram > page.html` does.",
        ),
    }
    Ok(())
}
