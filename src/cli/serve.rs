//! `feedline serve`.

use std::process::ExitCode;

use tokio_util::task::TaskTracker;

use super::runtime;
use crate::app::{self, App};
use crate::config::Config;
use crate::service::Clock;
use crate::telemetry;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start(&config.log)?;
    if !config.service_links.is_empty() {
        tracing::debug!(
            variables = config.service_links.join(" "),
            "variables of a container platform's service links are ignored"
        );
    }
    app::raise_file_limit();
    runtime()?.block_on(async {
        let tasks = TaskTracker::new();
        let stop = app::stop_signal(&tasks)?;
        let app = App::build(config, Clock::System).await?;
        app.announce(config.server.base_url.as_ref());
        tasks.spawn(app::log_reach(app.service().clone()));
        app.run(stop).await;
        Ok(ExitCode::SUCCESS)
    })
}
