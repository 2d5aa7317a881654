//! Configuration, read once at startup.
//!
//! The file, the environment and the flags override the defaults of `config.toml`, and the result is deserialised into
//! [`Config`], whose fields are the sections of the file. If that fails, each setting is tried alone, so that all
//! problems are reported together, each with its origin.
//!
//! This module knows the settings of every module below it, and none of them knows this module. There is no global
//! state: `app` hands the result down in parts. No other module reads the environment, and no message contains a
//! password.

mod conflict;
mod environment;
mod error;
mod layers;
mod reference;
mod sections;
mod suggest;
mod value;

use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};

use toml::{Table, Value};
use url::Url;

pub use environment::environment;
pub use error::{Error, Problem};
pub use reference::{DEFAULT_FILE, markdown};
pub use sections::{
    Archive, BadCollectionName, Cache, Channels, Collection, CollectionName, Config, Deleted, Feed,
    Limits, Media, Pages, Refresh, Server, Upstream,
};

use error::Origin;
use layers::{Entry, Layers};
use suggest::{absent, nearest, quoted};

/// The default path, relative to the working directory.
const DEFAULT_PATH: &str = "config.toml";

/// The size limit of the file, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The longest part of a value in an error, in characters.
const LONGEST_ECHO: usize = 80;

/// The setting that contains passwords. Errors never repeat its value.
const SECRET: &str = "upstream.proxies";

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
    let checked = match check(&layers) {
        Ok(config) if problems.is_empty() => {
            problems = conflict::find(&config, &layers);
            Some(config)
        }
        Ok(_) => None,
        Err(more) => {
            problems.extend(more);
            None
        }
    };
    let Some(mut config) = checked.filter(|_| problems.is_empty()) else {
        problems.sort_by_key(|problem| problem.rank);
        return Err(Error::Invalid(problems));
    };
    if layers.origin("upstream.media_hosts") == Origin::Default {
        let mut upstream = config.upstream_settings();
        upstream.add_own_media_hosts();
        config.upstream.media_hosts = upstream.media_hosts;
    }
    // Relative paths start at the file's folder, so that the working directory does not matter.
    config.folder = path.parent().unwrap_or(Path::new("/")).to_owned();
    config.archive.path = config.archive.path.map(|path| config.folder.join(path));
    config.media.cache_dir = config.media.cache_dir.map(|path| config.folder.join(path));
    config.service_links = service_links;
    config.file = text.map(|_| path);
    Ok(config)
}

/// The text of the file. A missing file is `None`, or an error if it must exist.
#[expect(clippy::disallowed_methods, reason = "the configuration's file is read here, once")]
fn read(path: &Path, must_exist: bool) -> Result<Option<String>, Error> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > LARGEST => {
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

/// The settings of all layers, or all problems.
fn check(layers: &Layers) -> Result<Config, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut known = Vec::new();
    for (key, entry) in layers.iter() {
        if takes(key).is_some() {
            known.push((key, entry));
        } else if (key, entry.value.as_str()) != ("access.mode", Some("open")) {
            // `access.mode = "open"` is accepted, because it describes the actual behaviour.
            problems.push(unknown(key, entry));
        }
    }
    match Config::new(merged(&known)) {
        Ok(config) if problems.is_empty() => return Ok(config),
        Ok(_) => {}
        Err(error) => {
            let before = problems.len();
            problems.extend(known.iter().filter_map(|(key, entry)| refused(key, entry)));
            if problems.len() == before {
                problems.push(Problem::at(&Origin::Default, error.message()));
            }
        }
    }
    Err(problems)
}

/// The description of a setting's values; `None` if the setting does not exist.
fn takes(key: &str) -> Option<&'static str> {
    let is_collection = key.split('.').count() == 2 && key.starts_with("collections.");
    reference::find(key)
        .map(|setting| setting.takes)
        .or(is_collection.then_some("title and channels"))
}

/// The defaults, overridden by these settings.
fn merged(entries: &[(&str, &Entry)]) -> Table {
    let mut table = reference::defaults();
    for (key, entry) in entries {
        set(&mut table, key, entry.value.clone());
    }
    table
}

fn set(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                set(section, rest, value);
            }
        }
    }
}

fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((section, rest)) => get(table.get(section)?.as_table()?, rest),
    }
}

fn unknown(key: &str, Entry { origin, .. }: &Entry) -> Problem {
    let nearest = nearest(key);
    let text = match absent(key) {
        Some(reason) => format!("there is no setting “{key}”: {reason}."),
        None if nearest.is_empty() => {
            format!("there is no setting “{key}”. `feedline config --default` lists all of them.")
        }
        None => format!("there is no setting “{key}”. Did you mean {}?", quoted(&nearest)),
    };
    Problem::at(origin, &text)
}

/// The problem of one setting, tried alone over the defaults.
fn refused(key: &str, entry: &Entry) -> Option<Problem> {
    let error = Config::new(merged(&[(key, entry)])).err()?;
    // Messages of serde begin in lower case. Those of feedline are sentences, or empty.
    let message = error.message();
    let is_ours = !message.starts_with(|first: char| first.is_ascii_lowercase());
    let detail = if is_ours && !message.is_empty() { format!(" {message}") } else { String::new() };
    let text = format!(
        "“{key}” does not take {}: it takes {}.{detail}",
        shown(key, &entry.value),
        takes(key).unwrap_or_default()
    );
    Some(Problem::at(&entry.origin, &text))
}

/// A value as shown in an error: on one line, truncated.
///
/// SECURITY: passwords leak into logs through errors -> the value of a URL with user information is not repeated.
fn shown(key: &str, value: &Value) -> String {
    let text = value.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let has_user = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    if key == SECRET || has_user {
        return "its value".to_owned();
    }
    if text.chars().count() <= LONGEST_ECHO {
        return text;
    }
    text.chars().take(LONGEST_ECHO).chain(['…']).collect()
}

/// Every setting at its effective value, as a file that can be loaded again. A setting with a password is commented
/// out, because the masked password would be taken for the real one.
pub fn print(config: &Config) -> String {
    let mut text = match &config.file {
        Some(path) => format!("# The settings in force; the file is {}\n", path.display()),
        None => "# The settings in force; there is no file\n".to_owned(),
    };
    let values = effective(config);
    let in_collections = config.collections.keys().flat_map(|name| {
        reference::collection_keys().map(move |key| format!("collections.{name}.{key}"))
    });
    let mut printed = String::new();
    for key in reference::keys().map(str::to_owned).chain(in_collections) {
        let (Some((section, name)), Some(value)) = (key.rsplit_once('.'), get(&values, &key))
        else {
            continue;
        };
        if section != printed {
            section.clone_into(&mut printed);
            let _ = write!(text, "\n[{section}]\n");
        }
        let line = format!("{name} = {value}\n");
        if key == SECRET && line.contains(value::MASK) {
            text.push_str("# Set it again here: passwords are not printed.\n# ");
        }
        text.push_str(&line);
    }
    text
}

/// All values as set, with derived ones: absolute paths, Telegram's own host, masked passwords.
fn effective(config: &Config) -> Table {
    let mut values = config.values.clone();
    if let Some(path) = &config.archive.path {
        set(&mut values, "archive.url", format!("sqlite://{}", path.display()).into());
    }
    if let Some(folder) = &config.media.cache_dir {
        set(&mut values, "media.cache_dir", folder.display().to_string().into());
    }
    set(&mut values, "upstream.media_hosts", config.upstream.media_hosts.clone().into());
    let proxies: Vec<String> = config.upstream.proxies.iter().map(masked).collect();
    set(&mut values, SECRET, proxies.into());
    values
}

fn masked(proxy: &Url) -> String {
    let mut url = proxy.clone();
    // `set_password` fails only for URLs without a host, which cannot have a password.
    if url.password().is_some() && url.set_password(Some(value::MASK)).is_err() {
        return value::MASK.to_owned();
    }
    url.as_str().trim_end_matches('/').replace("%E2%80%A6", value::MASK)
}

/// SECURITY: a derived `Debug` writes the passwords of outbound proxies to a log -> the printed form masks them.
impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&print(self))
    }
}
