//! Configuration, read once at startup.
//!
//! The file, the environment and the flags override the defaults of `config.toml`. Each module declares its settings
//! in a `Settings` whose fields name their keys, and [`Config`] holds one of each. All problems are reported together,
//! each with its origin: every setting is tried alone.
//!
//! This module knows the settings of every module below it, and none of them knows this module. There is no global
//! state: `app` hands the result down in parts. No other module reads the environment, and no message contains a
//! password.

mod check;
mod environment;
mod error;
mod layers;
mod reference;
mod suggest;

use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use toml::{Table, Value};
use url::Url;

pub use environment::environment;
pub use error::{Error, Problem};
pub use reference::{DEFAULT_FILE, markdown};

use crate::model::FeedOptions;
use crate::model::options::MediaMode;
use crate::setting::MASK;
use crate::{archive, media, net, service, telemetry, upstream, web};
use error::Origin;
use layers::Layers;

/// The default path, relative to the working directory.
const DEFAULT_PATH: &str = "config.toml";

/// The size limit of the file, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// The setting that contains passwords. Errors never repeat its value.
const SECRET: &str = "upstream.proxies";

/// The settings of all modules, validated.
#[derive(Clone, PartialEq)]
pub struct Config {
    pub web: web::Settings,
    pub service: service::Settings,
    pub media: media::Settings,
    pub archive: archive::Settings,
    pub upstream: upstream::Settings,
    pub net: net::Settings,
    pub log: telemetry::Settings,
    /// The path of the loaded file, absolute.
    pub file: Option<PathBuf>,
    /// Service links: variables that a container platform created for a service named `feedline`. They set nothing.
    pub service_links: Vec<String>,
    /// All values as set, by key; those of collections in a table for each, below `collections`.
    pub values: Table,
}

/// The sources of settings, in increasing precedence.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file that must exist. `None`: `config.toml`, which is optional.
    pub file: Option<PathBuf>,
    /// Variables as name and value, see [`environment()`]. Names that do not begin with `FEEDLINE_` are ignored.
    pub environment: Vec<(String, String)>,
    /// `--set section.key=value`, in the order given.
    pub overrides: Vec<String>,
    /// `--listen ADDRESS`.
    pub listen: Option<String>,
}

/// Reads and merges the sources, and validates the result.
pub fn load(sources: &Sources) -> Result<Config, Error> {
    let path = sources.file.as_deref().unwrap_or(Path::new(DEFAULT_PATH));
    let path = std::path::absolute(path)
        .map_err(|cause| Error::Unreadable { path: path.to_owned(), cause })?;
    let text = read(&path, sources.file.is_some())?;
    let (mut layers, mut service_links) = (Layers::default(), Vec::new());
    let mut problems = text.as_ref().map_or_else(Vec::new, |text| layers.put_file(&path, text));
    problems.extend(environment::fill(&mut layers, &sources.environment, &mut service_links));
    problems.extend(fill_flags(&mut layers, sources));
    let mut config = check::check(&layers, problems).map_err(Error::Invalid)?;
    if layers.origin("upstream.media_hosts") == Origin::Default {
        config.upstream.add_own_media_hosts();
    }
    // Relative paths start at the file's folder, so that the working directory does not matter.
    let folder = path.parent().unwrap_or(Path::new("/"));
    for path in [&mut config.archive.path, &mut config.media.cache_dir] {
        *path = path.take().map(|path| folder.join(path));
    }
    Ok(Config { file: text.map(|_| path), service_links, ..config })
}

/// The text of the file. A missing file is `None`, or an error if it must exist.
#[expect(clippy::disallowed_methods, reason = "the configuration's file is read here, once")]
fn read(path: &Path, must_exist: bool) -> Result<Option<String>, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > MAX_FILE => {
            return Err(Error::TooLarge { path: path.to_owned() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => return Ok(None),
        _ => {}
    }
    let text = std::fs::read_to_string(path);
    text.map(Some).map_err(|cause| Error::Unreadable { path: path.to_owned(), cause })
}

fn fill_flags(layers: &mut Layers, sources: &Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for text in &sources.overrides {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        let (key, value) = (key.trim(), value.trim());
        let origin = Origin::Flag(format!("--set {key}"));
        if text.contains('=') && !key.is_empty() {
            layers.put_text(key, value, &origin);
        } else {
            let text = "it takes section.key=value, such as cache.memory=128MiB.";
            problems.push(Problem::at(&origin, text));
        }
    }
    if let Some(listen) = &sources.listen {
        layers.put_text("server.listen", listen, &Origin::Flag("--listen".to_owned()));
    }
    problems
}

impl Default for Config {
    #[expect(clippy::expect_used, reason = "a constant, covered by a test")]
    fn default() -> Self {
        Self::new(reference::defaults()).expect("the defaults of config.toml")
    }
}

impl Config {
    /// Reads the settings of each module from a table of all keys. A missing key has the module's default.
    fn new(values: Table) -> Result<Self, toml::de::Error> {
        let mut config = Self {
            web: values.clone().try_into()?,
            service: values.clone().try_into()?,
            media: values.clone().try_into()?,
            archive: values.clone().try_into()?,
            upstream: values.clone().try_into()?,
            net: values.clone().try_into()?,
            log: values.clone().try_into()?,
            file: None,
            service_links: Vec::new(),
            values,
        };
        config.service.feed.options = feed_options(&config.values)?;
        Ok(config)
    }

    /// With the channels to refresh, and `media.mode` as the default of the option `media`.
    pub fn service_settings(&self) -> service::Settings {
        let mut settings = self.service.clone();
        settings.schedule.follow = self.web.followed();
        settings.feed.options = settings.feed.options.with_media(self.media.mode);
        settings
    }

    /// With the sources of the content security policy: Telegram's hosts, if media URLs lead there.
    pub(crate) fn web_settings(&self) -> web::Settings {
        let sources = |host: &String| {
            if host.contains("://") {
                vec![host.clone()]
            } else {
                vec![format!("https://{host}"), format!("https://*.{host}")]
            }
        };
        let media_sources = match self.media.mode {
            MediaMode::Proxy => Vec::new(),
            _ => self.upstream.media_hosts.iter().flat_map(sources).collect(),
        };
        web::Settings { media_sources, ..self.web.clone() }
    }
}

/// The default options of feeds: all of `[feed]` except the settings of `FeedDefaults` itself.
fn feed_options(values: &Table) -> Result<FeedOptions, toml::de::Error> {
    let mut options = FeedOptions::default();
    for (key, value) in values {
        let Some(name) = key.strip_prefix("feed.") else { continue };
        let text = match value {
            _ if ["limit", "language"].contains(&name) => continue,
            Value::String(text) => text.clone(),
            Value::Boolean(on) => on.to_string(),
            _ => return Err(toml::de::Error::custom("")),
        };
        options.set(name, &text).map_err(|_| toml::de::Error::custom(""))?;
    }
    Ok(options)
}

/// Every setting at its effective value, as a file that can be loaded again. A setting with a password is commented
/// out, because the masked password would be taken for the real one.
pub fn print(config: &Config) -> String {
    let mut text = match &config.file {
        Some(path) => format!("# The settings in force; the file is {}\n", path.display()),
        None => "# The settings in force; there is no file\n".to_owned(),
    };
    let mut printed = "";
    for key in reference::keys() {
        let Some((section, name)) = key.split_once('.') else { continue };
        if section != printed {
            printed = section;
            let _ = write!(text, "\n[{section}]\n");
        }
        let line = format!("{name} = {}\n", effective(config, key));
        if key == SECRET && line.contains(MASK) {
            text.push_str("# Set it again here: passwords are not printed.\n# ");
        }
        text.push_str(&line);
    }
    for (name, collection) in reference::collections(&config.values) {
        let _ = write!(text, "\n[collections.{name}]\n");
        for key in reference::collection_keys() {
            if let Some(value) = collection.get(key) {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
    }
    text
}

/// A value as set, or derived: an absolute path, Telegram's own host, a masked password.
fn effective(config: &Config, key: &str) -> Value {
    match (key, &config.archive.path, &config.media.cache_dir) {
        ("archive.url", Some(path), _) => format!("sqlite://{}", path.display()).into(),
        ("media.cache_dir", _, Some(folder)) => folder.display().to_string().into(),
        ("upstream.media_hosts", ..) => config.upstream.media_hosts.clone().into(),
        (SECRET, ..) => config.net.proxies.iter().map(masked).collect::<Vec<_>>().into(),
        _ => config.values[key].clone(),
    }
}

fn masked(proxy: &Url) -> String {
    let mut url = proxy.clone();
    // `set_password` fails only for URLs without a host, which cannot have a password.
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    url.as_str().trim_end_matches('/').replace("%E2%80%A6", MASK)
}

/// SECURITY: a derived `Debug` writes the passwords of outbound proxies to a log -> the printed form masks them.
impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&print(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_defaults_equal_module_defaults() {
        let config = Config::default();
        let path = config.archive.path.clone();
        let modules = Config::new(Table::new()).unwrap();
        assert!(path.is_some() && modules.archive.path.is_none());
        let archive = archive::Settings { path, ..modules.archive.clone() };
        assert!(config == Config { archive, values: config.values.clone(), ..modules });
    }
}
