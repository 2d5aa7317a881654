//! Whether the settings can be loaded, and what they amount to.

use super::report::Report;
use crate::config::Config;

/// The settings, when they could be loaded.
pub(super) fn check(
    loaded: anyhow::Result<Config>,
    report: &mut Report,
) -> anyhow::Result<Option<Config>> {
    report.section("Settings")?;
    let config = match loaded {
        Ok(config) => config,
        Err(error) => {
            // One line for each setting that is wrong.
            for problem in format!("{error:#}").lines() {
                report.wrong(problem, "")?;
            }
            report.note("the rest is checked once these are right")?;
            return Ok(None);
        }
    };
    match &config.file {
        Some(file) => report.good(&format!("{} is read", file.display()))?,
        None => {
            report.good("there is no file, so defaults hold, with the environment and flags")?
        }
    }
    if !config.service_links.is_empty() {
        report.good(&format!(
            "variables of a container platform's service links are ignored: {}",
            config.service_links.join(", ")
        ))?;
    }
    match &config.server.base_url {
        Some(base) => report.good(&format!("addresses in feeds begin with {}", base.as_str()))?,
        None if config.server.listen.ip().is_loopback() => {
            report.good("addresses in feeds begin with the address that each request names")?;
        }
        None => report.note(
            "addresses in feeds begin with the address that each request names: behind a proxy, or with readers in \
             containers, set server.base_url to the address that people use",
        )?,
    }
    Ok(Some(config))
}
