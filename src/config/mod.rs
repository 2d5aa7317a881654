//! Configuration: what the operator decides, gathered once at the start.
//!
//! Raw first: the file, the environment and the flags each give `layer` a flat list of settings, each with the place
//! where it was set; a later layer replaces an earlier one's. Then resolved, once: every setting goes through its one
//! door in `setting`, a table that says what it takes, how it is set and how it is printed. What is wrong is
//! collected, so that the operator hears of all of it at the first start.
//!
//! This module names the settings of every module below; none of them names it. It is also the only reader of the
//! environment. Nothing here is global: the result is a value that `app` hands down in parts.
//!
//! *Invariant:* a secret never leaves this module in readable form, neither in errors nor in what is printed.

mod archive;
mod channel;
mod collection;
mod conflict;
mod document;
mod environment;
mod error;
mod file;
mod flag;
mod layer;
mod print;
mod section;
mod setting;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub use archive::{Archive, Deleted};
pub use channel::Channels;
pub use collection::{BadCollectionName, Collection, CollectionName};
pub use document::markdown;
pub use environment::environment;
pub use error::{Error, Problem, Remedy, Why};
pub use layer::Origin;
pub use print::print;
pub use section::Pages;

use crate::{media, net, service, telemetry, upstream, web};
use layer::Layers;

/// The file that ships with feedline: every setting, commented, at its default.
pub const DEFAULT_FILE: &str = include_str!("../../config.toml");

/// The file that is read from the working directory when no other is named.
pub const DEFAULT_PATH: &str = "config.toml";

/// Where settings come from, the weaker first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that the operator named, which must exist; `None`: [`DEFAULT_PATH`], which need not.
    pub file: Option<PathBuf>,
    /// Variables by name and value; those whose names do not begin with `FEEDLINE_` are ignored. See [`environment()`].
    pub environment: Vec<(String, String)>,
    /// `--set section.key=value`, in the order in which they were given.
    pub overrides: Vec<String>,
    /// `--listen ADDRESS`.
    pub listen: Option<String>,
}

/// Every setting, checked.
#[derive(Clone, PartialEq, Default)]
pub struct Config {
    /// `[upstream]`, what concerns the wire.
    pub net: net::Settings,
    /// `[upstream]`, what concerns Telegram's pages.
    pub upstream: upstream::Settings,
    /// `[cache]`, `[refresh]`, `[feed]`, `[archive] initial_posts` and `[limits] new_…`.
    pub service: service::Settings,
    /// `[server]` and `[limits]`.
    pub web: web::Settings,
    /// `[log]`.
    pub telemetry: telemetry::Settings,
    /// `[archive]`.
    pub archive: Archive,
    /// `[pages]`.
    pub pages: Pages,
    /// `[media]`.
    pub media: media::Settings,
    /// `[channels]`.
    pub channels: Channels,
    /// `[collections.<name>]`.
    pub collections: BTreeMap<CollectionName, Collection>,
    /// Variables that a container platform made for a service by our name; they set nothing.
    pub service_links: Vec<String>,
    /// The file that was read, absolute; `None` when there was none.
    pub file: Option<PathBuf>,
    /// Where relative paths start: the folder of the file, there or not; absolute once loaded.
    pub folder: PathBuf,
}

/// Reads the sources, lays one over the other and checks the result.
///
/// # Errors
/// [`Error`] when a file cannot be read, or with everything that is wrong in what was set.
pub fn load(sources: &Sources) -> Result<Config, Error> {
    let mut layers = Layers::default();
    let mut problems = Vec::new();
    let (path, folder) = file::locate(sources.file.as_deref())?;
    let text = file::read(&path, sources.file.is_some())?;
    if let Some(text) = &text {
        problems.extend(file::fill(&mut layers, &path, text));
    }
    let mut config = Config { file: text.map(|_| path), folder, ..Config::default() };
    let variables = &sources.environment;
    problems.extend(environment::fill(&mut layers, variables, &mut config.service_links));
    problems.extend(flag::fill(&mut layers, sources));

    problems.extend(setting::apply(&mut config, &layers));
    if layers.origin("upstream.media_hosts") == Origin::Default {
        config.upstream.add_own_media_hosts();
    }
    // Read beside the file, from its top.
    problems.sort_by_key(Problem::rank);
    if problems.is_empty() {
        problems.extend(conflict::find(&config, &layers));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    resolve_paths(&mut config);
    Ok(config)
}

/// Relative paths are relative to the file's folder, so that a service finds its data whatever it was started from.
fn resolve_paths(config: &mut Config) {
    config.archive.path = config.archive.path.take().map(|path| config.folder.join(path));
    config.media.cache_dir = config.media.cache_dir.take().map(|path| config.folder.join(path));
}

/// SECURITY: a derived form would show the passwords of outbound proxies in a log -> the printed form masks them.
impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&print(self))
    }
}
