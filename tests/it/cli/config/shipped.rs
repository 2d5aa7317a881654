//! The default file, and the printed settings.

use feedline::config::{self, Config};

use super::{Folder, from_file, refused};

/// Every setting's key.
pub(super) const KEYS: &[&str] = &[
    "server.listen",
    "server.base_url",
    "server.trusted_proxies",
    "server.grace",
    "upstream.url",
    "upstream.fallback",
    "upstream.rate",
    "upstream.burst",
    "upstream.concurrency",
    "upstream.timeout",
    "upstream.max_body",
    "upstream.proxies",
    "upstream.canary",
    "upstream.media_hosts",
    "upstream.user_agent",
    "cache.memory",
    "cache.min_ttl",
    "cache.max_ttl",
    "cache.refresh_timeout",
    "refresh.active_for",
    "refresh.backfill_pages",
    "archive.url",
    "archive.initial_posts",
    "archive.deleted",
    "archive.revisions",
    "archive.keep_posts",
    "archive.keep_for",
    "archive.max_size",
    "feed.limit",
    "feed.language",
    "feed.title",
    "feed.content",
    "feed.link",
    "feed.kind",
    "feed.forwards",
    "feed.replies",
    "feed.ads",
    "feed.service",
    "feed.stats",
    "pages.time_zone",
    "media.mode",
    "media.cache_dir",
    "media.cache_size",
    "media.max_file",
    "channels.follow",
    "channels.allow",
    "channels.deny",
    "limits.new_fetches",
    "limits.new_fetch_interval",
    "limits.connections",
    "limits.header_size",
    "limits.header_timeout",
    "limits.body_size",
    "limits.request_timeout",
    "log.format",
    "log.level",
];

/// Every setting with a non-default value, as the program prints it.
const CHANGED: &str = r#"
[server]
listen = "[::1]:80"
base_url = "https://feeds.example/tg"
trusted_proxies = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"]
grace = "1m"

[limits]
new_fetches = 60
new_fetch_interval = "500ms"
connections = 100
header_size = "32KiB"
header_timeout = "5s"
body_size = "1MiB"
request_timeout = "1m"

[upstream]
url = "http://127.0.0.1:9000"
fallback = []
rate = 0.5
burst = 5
concurrency = 2
timeout = "20s"
max_body = "8MiB"
proxies = ["socks5h://127.0.0.1:9050"]
canary = "lighthouse"
media_hosts = ["files.example", "http://127.0.0.1:9000"]
user_agent = "reader/1.0 (+https://feeds.example)"

[cache]
memory = "1GiB"
min_ttl = "90s"
max_ttl = "2h"
refresh_timeout = "500ms"

[refresh]
active_for = "7d"
backfill_pages = 0

[archive]
url = "sqlite:///var/lib/feedline/posts.db"
initial_posts = 0
deleted = "keep"
revisions = 0
keep_posts = 1000
keep_for = "365d"
max_size = "10GiB"

[feed]
limit = 100
language = "ru"
title = "marked"
content = "text"
link = "page"
kind = "photo,video,-sticker"
forwards = "none"
replies = "only"
ads = "none"
service = true
stats = true

[pages]
time_zone = "Europe/Berlin"

[media]
mode = "none"
cache_dir = "/var/cache/feedline"
cache_size = "100MiB"
max_file = "10MiB"

[channels]
follow = ["tea"]
allow = ["tea", "sea"]
deny = ["spam"]

[log]
format = "json"
level = "warn,feedline::net=debug"

[collections.news]
title = "News"
channels = ["tea", "sea"]
"#;

/// The defaults, with paths relative to this folder.
fn defaults_in(folder: &Folder) -> Config {
    let mut config = Config { file: Some(folder.file()), ..Config::default() };
    config.archive.path = config.archive.path.map(|path| folder.path().join(path));
    config.media.cache_dir = config.media.cache_dir.map(|path| folder.path().join(path));
    config
}

/// The default file with every setting uncommented.
fn uncommented() -> String {
    let uncomment = |line: &str| {
        let is_setting = line.starts_with('#') && !line.starts_with("# ") && line != "#";
        if is_setting { line[1..].to_owned() } else { line.to_owned() }
    };
    config::DEFAULT_FILE.lines().map(uncomment).collect::<Vec<_>>().join("\n")
}

/// The keys that a file sets, as `section.key`, sorted.
fn keys_of(text: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(text).unwrap();
    let keys = table.iter().flat_map(|(section, keys)| {
        keys.as_table().unwrap().keys().map(move |key| format!("{section}.{key}"))
    });
    let mut keys: Vec<String> = keys.collect();
    keys.sort();
    keys
}

#[test]
fn default_file_sets_nothing_and_lists_every_default() {
    let folder = Folder::with(config::DEFAULT_FILE);
    assert_eq!(config::load(&folder.sources()).unwrap(), defaults_in(&folder));
    assert!(keys_of(config::DEFAULT_FILE).is_empty());

    let folder = Folder::with(&uncommented());
    assert_eq!(config::load(&folder.sources()).unwrap(), defaults_in(&folder));
    let mut expected = KEYS.to_vec();
    expected.sort_unstable();
    assert_eq!(keys_of(&uncommented()), expected);
    for text in ["# [collections.news]", "# title = ", "# channels = "] {
        assert!(config::DEFAULT_FILE.contains(text), "{text}");
    }
}

#[test]
fn printed_config_round_trips() {
    let printed = config::print(&from_file(CHANGED).unwrap());
    let (head, body) = printed.split_once('\n').unwrap();
    assert_eq!(body, CHANGED);
    assert!(head.starts_with("# The settings in force; the file is /"), "{head}");
    assert_eq!(loaded(&printed), loaded(CHANGED));
}

#[test]
fn printed_config_has_comment_instead_of_secret() {
    let secret = CHANGED.replace("socks5h://", "socks5h://user:hunter2@");
    let printed = config::print(&from_file(&secret).unwrap());
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(
        printed.contains(
            "\n# Set it again here: passwords are not printed.\n\
             # proxies = [\"socks5h://user:…@127.0.0.1:9050\"]\n"
        ),
        "{printed}"
    );
    let without = CHANGED.replace("proxies = [\"socks5h://127.0.0.1:9050\"]\n", "");
    assert_eq!(loaded(&printed), loaded(&without));
    // A mask from earlier output is not accepted as the password.
    let masked = refused("[upstream]\nproxies = [\"socks5h://user:…@127.0.0.1:9050\"]");
    assert!(masked.ends_with("The password is masked: write the real one."), "{masked}");
}

/// The settings of a file, without its location.
fn loaded(text: &str) -> Config {
    Config { file: None, ..from_file(text).unwrap() }
}

#[test]
fn sample_file_changes_every_default() {
    let default = toml::from_str::<toml::Table>(&config::print(&Config::default())).unwrap();
    let changed = config::print(&from_file(CHANGED).unwrap());
    let changed = toml::from_str::<toml::Table>(&changed).unwrap();
    for key in KEYS {
        let (section, name) = key.split_once('.').unwrap();
        assert_ne!(default[section][name], changed[section][name], "{key}");
    }
}
