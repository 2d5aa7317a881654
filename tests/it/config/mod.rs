//! The configuration: layers, bounds, messages, and the file that ships with feedline.

mod bounds;
mod message;
mod shipped;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use feedline::config::{self, Config, Error, Sources};
use feedline::model::ChannelName;
use feedline::model::options::MediaMode;

/// A folder with a `config.toml` of this text.
struct Folder(tempfile::TempDir);

impl Folder {
    #[expect(clippy::disallowed_methods, reason = "the test writes the file that is then read")]
    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("config.toml")
    }

    fn sources(&self) -> Sources {
        Sources { file: Some(self.file()), ..Sources::default() }
    }
}

fn from_file(text: &str) -> Result<Config, Error> {
    config::load(&Folder::with(text).sources())
}

/// What a file is refused with, without the folder's name.
fn refused(text: &str) -> String {
    let folder = Folder::with(text);
    let told = config::load(&folder.sources()).unwrap_err().to_string();
    told.replace(&format!("{}/", folder.path().display()), "")
}

/// Variables and `--set` flags over an empty file, so that nothing depends on what lies in the working directory.
fn from_pairs(environment: &[(&str, &str)], overrides: &[(&str, &str)]) -> Result<Config, Error> {
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let folder = Folder::with("");
    config::load(&Sources {
        environment: owned(environment),
        overrides: owned(overrides),
        ..folder.sources()
    })
}

#[test]
fn the_environment_is_stronger_than_the_file_and_flags_are_strongest() {
    let folder = Folder::with("[cache]\nmemory = \"10MiB\"\nmin_age = \"1m\"\nmax_age = \"2m\"\n");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let sources = Sources {
        environment: vec![
            pair("FEEDLINE_CACHE__MIN_AGE", "70s"),
            pair("FEEDLINE_CACHE__MAX_AGE", "80s"),
        ],
        overrides: vec![pair("cache.max_age", "90s"), pair("cache.max_age", "100s")],
        listen: Some("127.0.0.1:0".to_owned()),
        ..folder.sources()
    };
    let config = config::load(&sources).unwrap();
    assert_eq!(config.bridge.memory, ByteSize::mib(10));
    assert_eq!(config.bridge.min_age, Duration::from_secs(70));
    assert_eq!(config.bridge.max_age, Duration::from_secs(100), "the last of two flags holds");
    assert_eq!(config.web.listen.port(), 0);
}

#[test]
fn a_variable_takes_toml_or_a_bare_word() {
    let config = from_pairs(
        &[
            ("FEEDLINE_UPSTREAM__FALLBACK", "[]"),
            ("FEEDLINE_UPSTREAM__RATE", "3"),
            ("FEEDLINE_LOG__LEVEL", "debug"),
            ("FEEDLINE_SERVER__LISTEN", "[::]:80"),
            ("FEEDLINE_SERVER__BASE_URL", ""),
            ("FEEDLINE_CACHE__MEMORY", "64MiB"),
            ("FEEDLINE_UPSTREAM__MAX_BODY", "1048576"),
            ("FEEDLINE_UPSTREAM__USER_AGENT", "2026"),
            ("FEEDLINE_FEED__SERVICE", "true"),
            ("FEEDLINE_CHANNELS__FOLLOW", "['@Tea', \"https://t.me/s/sea/5\", 'tea']"),
            ("FEEDLINE_COLLECTIONS__NEWS__TITLE", "2026"),
            ("FEEDLINE_COLLECTIONS__NEWS__CHANNELS", "[\"tea\"]"),
            ("FEEDLINE_COLLECTIONS__SEA", "{ channels = ['sea'] }"),
            ("FEEDLINE_ARCHIVE__KEEP_FOR", "30d"),
        ],
        &[],
    )
    .unwrap();
    assert!(config.upstream.fallback.is_empty());
    assert!((config.net.rate - 3.0).abs() < f64::EPSILON);
    assert_eq!(config.telemetry.level.as_str(), "debug");
    assert_eq!(config.web.listen.to_string(), "[::]:80");
    assert_eq!(config.bridge.memory, ByteSize::mib(64));
    assert_eq!(config.net.max_body, ByteSize::mib(1));
    assert_eq!(config.net.user_agent, "2026");
    assert!(config.bridge.feed.options.service());
    let follow: Vec<&str> = config.channels.follow.iter().map(ChannelName::as_str).collect();
    assert_eq!(follow, ["Tea", "sea"], "each channel once, in its first form");
    let titles: Vec<_> =
        config.collections.iter().map(|(name, it)| (name.as_str(), it.title.as_deref())).collect();
    assert_eq!(titles, [("news", Some("2026")), ("sea", None)]);
    assert_eq!(config.archive.keep_for, Some(Duration::from_secs(30 * 24 * 60 * 60)));
}

#[test]
fn variables_of_others_are_passed_over() {
    let environment =
        [("PATH", "/bin"), ("FEEDLINE_PORT", "tcp://10.0.0.1:80"), ("FEEDLINE_SERVICE_HOST", "x")];
    assert!(from_pairs(&environment, &[]).is_ok());
}

#[test]
fn paths_start_at_the_files_folder() {
    let folder =
        Folder::with("[archive]\nurl = \"sqlite://posts.db\"\n[media]\ncache_dir = \"/srv/media\"");
    let config = config::load(&folder.sources()).unwrap();
    assert_eq!(config.archive.path, Some(folder.path().join("posts.db")));
    assert_eq!(config.media.cache_dir.as_deref(), Some(Path::new("/srv/media")));
    assert_eq!(config.folder, folder.path());
    assert_eq!(config.file, Some(folder.file()));
}

#[test]
fn no_secret_is_ever_shown() {
    let text = "[access]\nmode = \"keys\"\nkeys = [\"anna:correct-horse-battery\"]\n\
                [upstream]\nproxies = [\"socks5h://user:hunter2@127.0.0.1:9050\"]";
    let config = from_file(text).unwrap();
    assert_eq!(config.net.proxies[0].password(), Some("hunter2"));
    assert!(config.access.keys[0].opens_with("correct-horse-battery"));
    for shown in [config::print(&config), format!("{config:?}")] {
        assert!(!shown.contains("horse") && !shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("anna:…"), "{shown}");
        assert!(shown.contains("socks5h://user:…@127.0.0.1:9050"), "{shown}");
    }
    for text in [
        "[access]\nkeys = [\"anna:hunter2\"]",
        "[access]\nkeys = [\"anna:hunter2hunter2\", \"anna:hunter2hunter2\"]",
        "[access]\nkeys = \"anna:hunter2hunter2\"",
        "[upstream]\nproxies = [\"ftp://user:hunter2@127.0.0.1\"]",
    ] {
        let told = refused(text);
        assert!(told.contains("does not take its value") && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn the_media_mode_is_the_default_of_the_feeds_option() {
    let mode = |mode: &str| {
        let config = from_file(&format!("[media]\nmode = \"{mode}\"")).unwrap();
        (config.bridge.feed.options.media(), config::warnings(&config))
    };
    assert_eq!(mode("none"), (MediaMode::None, vec![]));
    assert_eq!(mode("redirect"), (MediaMode::Redirect, vec![]));
    assert_eq!(mode("proxy"), (MediaMode::Proxy, vec![]));
    assert_eq!(MediaMode::default(), MediaMode::Proxy);
}

#[test]
fn a_setting_without_effect_is_warned_of_when_it_is_changed() {
    let told = |text: &str| -> Vec<String> {
        config::warnings(&from_file(text).unwrap()).iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told("[archive]\ninitial_posts = 5\n[websub]\nprivate_callbacks = true\n[feed]\nlimit = 5"),
        ["“websub.private_callbacks” has no effect in this version"]
    );
    let told = told("[access]\nmode = \"keys\"\nkeys = [\"anna:correct-horse-battery\"]");
    assert!(told[0].contains("keys are not asked for in this version"), "{told:?}");
}

#[test]
fn a_flag_is_a_key_with_a_value() {
    let pair = |key: &str, value: &str| Ok((key.to_owned(), value.to_owned()));
    for (text, parsed) in [
        ("cache.memory=128MiB", pair("cache.memory", "128MiB")),
        ("server.base_url=", pair("server.base_url", "")),
        ("log.level=info,feedline=debug", pair("log.level", "info,feedline=debug")),
        ("", Err(config::NotASetting)),
        ("cache.memory", Err(config::NotASetting)),
        ("=5", Err(config::NotASetting)),
        ("memory=5", Err(config::NotASetting)),
    ] {
        assert_eq!(config::parse_pair(text), parsed, "{text}");
    }
}
