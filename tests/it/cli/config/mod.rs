//! The configuration: layers, bounds, messages, and the default file.

mod bounds;
mod message;
mod shipped;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use feedline::config::{self, Config, Error, Sources};
use feedline::model::ChannelName;
use feedline::model::options::MediaMode;

/// A folder with a `config.toml`.
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

/// The error message for a file, without the folder's path.
fn refused(text: &str) -> String {
    let folder = Folder::with(text);
    let message = config::load(&folder.sources()).unwrap_err().to_string();
    message.replace(&format!("{}/", folder.path().display()), "")
}

/// Loads variables and `--set` flags over an empty file, so that the working directory has no influence.
fn from_pairs(environment: &[(&str, &str)], overrides: &[&str]) -> Result<Config, Error> {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let folder = Folder::with("");
    config::load(&Sources {
        environment: environment.iter().map(pair).collect(),
        overrides: overrides.iter().map(|text| (*text).to_owned()).collect(),
        ..folder.sources()
    })
}

#[test]
fn flags_override_environment_and_environment_overrides_file() {
    let folder = Folder::with("[cache]\nmemory = \"10MiB\"\nmin_ttl = \"1m\"\nmax_ttl = \"2m\"\n");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let sources = Sources {
        environment: vec![
            pair("FEEDLINE_CACHE__MIN_TTL", "70s"),
            pair("FEEDLINE_CACHE__MAX_TTL", "80s"),
        ],
        overrides: vec!["cache.max_ttl=90s".to_owned(), "cache.max_ttl=100s".to_owned()],
        listen: Some("127.0.0.1:0".to_owned()),
        ..folder.sources()
    };
    let config = config::load(&sources).unwrap();
    assert_eq!(config.service.memory, ByteSize::mib(10));
    assert_eq!(config.service.min_ttl, Duration::from_secs(70));
    assert_eq!(config.service.max_ttl, Duration::from_secs(100), "the last of two flags holds");
    assert_eq!(config.web.listen.port(), 0);
}

#[test]
fn variable_accepts_toml_or_bare_word() {
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
    assert_eq!(config.log.level.as_str(), "debug");
    assert_eq!(config.web.listen.to_string(), "[::]:80");
    assert_eq!(config.service.memory, ByteSize::mib(64));
    assert_eq!(config.net.max_body, ByteSize::mib(1));
    assert_eq!(config.net.user_agent, "2026");
    assert!(config.service.feed.options.service());
    let follow: Vec<&str> = config.web.follow.iter().map(ChannelName::as_str).collect();
    assert_eq!(follow, ["Tea", "sea"], "each channel once, in its first form");
    let titles: Vec<_> =
        config.web.collections.iter().map(|(name, it)| (name.as_str(), it.title())).collect();
    assert_eq!(titles, [("news", "2026".to_owned()), ("sea", "sea".to_owned())]);
    assert_eq!(config.archive.keep_for, Some(Duration::from_secs(30 * 24 * 60 * 60)));
}

#[test]
fn service_links_of_container_platforms_are_ignored() {
    // The variables that Kubernetes sets for a service `feedline` with a named port, and for `feedline-web-2` on IPv6.
    let links = [
        ("FEEDLINE_SERVICE_HOST", "10.96.3.7"),
        ("FEEDLINE_SERVICE_PORT", "8417"),
        ("FEEDLINE_SERVICE_PORT_HTTP_WEB", "8417"),
        ("FEEDLINE_PORT", "tcp://10.96.3.7:8417"),
        ("FEEDLINE_PORT_8417_TCP", "tcp://10.96.3.7:8417"),
        ("FEEDLINE_PORT_8417_TCP_PROTO", "tcp"),
        ("FEEDLINE_PORT_8417_TCP_PORT", "8417"),
        ("FEEDLINE_PORT_8417_TCP_ADDR", "10.96.3.7"),
        ("FEEDLINE_WEB_2_SERVICE_HOST", "fd00::7"),
        ("FEEDLINE_WEB_2_PORT", "udp://[fd00::7]:53"),
        ("FEEDLINE_WEB_2_PORT_53_UDP", "udp://[fd00::7]:53"),
    ];
    let config = from_pairs(&[&links[..], &[("PATH", "/bin")]].concat(), &[]).unwrap();
    assert_eq!(config.service_links, links.map(|(name, _)| name));
    let others = [
        ("FEEDLINE_SERVICE_HOST", "feeds.example"),
        ("FEEDLINE_SERVICE_HOST", ""),
        ("FEEDLINE_SERVICE_PORT", "+80"),
        ("FEEDLINE_SERVICE_PORT", "65536"),
        ("FEEDLINE_SERVICE_PORT_HTTP", "http"),
        ("FEEDLINE_SERVICE", "10.96.3.7"),
        ("FEEDLINE_PORT", "8417"),
        ("FEEDLINE_PORT", "tcp://feeds.example:8417"),
        ("FEEDLINE_PORT", "http://10.96.3.7:8417"),
        ("FEEDLINE_PORT_8417_TCP", "tcp://10.96.3.7:8418"),
        ("FEEDLINE_PORT_8417_TCP_PORT", "8418"),
        ("FEEDLINE_PORT_8417_TCP_PROTO", "udp"),
        ("FEEDLINE_PORT_8417_TCP_NAME", "x"),
        ("feedline_port", "tcp://10.96.3.7:8417"),
    ];
    for (name, value) in others {
        let message = from_pairs(&[(name, value)], &[]).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("the variable {name}: there is no such setting.")),
            "{message}"
        );
    }
}

#[test]
fn relative_paths_resolve_against_config_folder() {
    let folder =
        Folder::with("[archive]\nurl = \"sqlite://posts.db\"\n[media]\ncache_dir = \"/srv/media\"");
    let config = config::load(&folder.sources()).unwrap();
    assert_eq!(config.archive.path, Some(folder.path().join("posts.db")));
    assert_eq!(config.media.cache_dir.as_deref(), Some(Path::new("/srv/media")));
    assert_eq!(config.file, Some(folder.file()));
}

#[test]
fn secrets_are_masked_in_output_and_errors() {
    let config =
        from_file("[upstream]\nproxies = [\"socks5h://user:hunter2@127.0.0.1:9050\"]").unwrap();
    assert_eq!(config.net.proxies[0].password(), Some("hunter2"));
    for shown in [config::print(&config), format!("{config:?}")] {
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("socks5h://user:…@127.0.0.1:9050"), "{shown}");
    }
    let message = refused("[upstream]\nproxies = [\"ftp://user:hunter2@127.0.0.1\"]");
    assert!(
        message.contains("does not take its value") && !message.contains("hunter2"),
        "{message}"
    );
    let message = refused("[access]\nkeys = [\"anna:hunter2hunter2\"]");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn media_mode_sets_default_of_media_option() {
    let mode = |mode: &str| {
        let config = from_file(&format!("[media]\nmode = \"{mode}\"")).unwrap();
        config.service_settings().feed.options.media()
    };
    assert_eq!(mode("none"), MediaMode::None);
    assert_eq!(mode("redirect"), MediaMode::Redirect);
    assert_eq!(mode("proxy"), MediaMode::Proxy);
    assert_eq!(MediaMode::default(), MediaMode::Proxy);
}

#[test]
fn setting_of_missing_feature_is_refused() {
    for (text, message) in [
        (
            "[access]\nmode = \"keys\"",
            "config.toml, line 2: there is no setting “access.mode”: access keys do not exist yet, and everybody who \
             reaches the server can read it. Remove the setting, and keep the server behind a proxy that asks for a \
             password.",
        ),
        ("[access]\nmode = \"followed\"", "access keys do not exist yet"),
        ("[access]\nkeys = [\"anna:a-long-secret-of-hers\"]", "access keys do not exist yet"),
        ("[[access.keys]]\nname = \"anna\"\nsecret = \"x\"", "access keys do not exist yet"),
        ("[access]", "access keys do not exist yet"),
        ("[Access]\nMode = \"keys\"", "access keys do not exist yet"),
        (
            "[websub]\nenabled = \"auto\"",
            "config.toml, line 2: there is no setting “websub.enabled”: the WebSub hub does not exist yet. Remove the \
             setting.",
        ),
        ("[websub]\nenabled = true", "the WebSub hub does not exist yet"),
        ("[websub]\nprivate_callbacks = false", "the WebSub hub does not exist yet"),
        ("[metrics]\nlisten = \"127.0.0.1:9417\"", "metrics do not exist yet"),
        ("[archive]\nurl = \"postgres://localhost/feedline\"", "not supported yet"),
        (
            "[limits]\nper_client = 0",
            "config.toml, line 2: there is no setting “limits.per_client”: “limits.new_fetches” and \
             “limits.new_fetch_interval” limit what one client may ask Telegram for.",
        ),
        (
            "[cache]\nmin_age = \"5m\"",
            "config.toml, line 2: there is no setting “cache.min_age”: it is called “cache.min_ttl” now.",
        ),
        ("[cache]\nmax_age = \"5m\"", "it is called “cache.max_ttl” now."),
        ("[cache]\npatience = \"5s\"", "it is called “cache.refresh_timeout” now."),
    ] {
        let actual = refused(text);
        assert!(actual.contains(message) && !actual.contains("secret-of"), "{text}: {actual}");
    }
    for (environment, overrides) in
        [(vec![("FEEDLINE_ACCESS__MODE", "keys")], vec![]), (vec![], vec!["access.mode=keys"])]
    {
        let message = from_pairs(&environment, &overrides).unwrap_err().to_string();
        assert!(message.contains("access keys do not exist yet"), "{message}");
    }
    // The current behaviour is accepted as a setting.
    assert!(from_file("[access]\nmode = \"open\"").is_ok());
}

#[test]
fn upstream_url_is_added_to_media_hosts_by_default() {
    let hosts = |text: &str| from_file(text).unwrap().upstream.media_hosts;
    let telegram = Config::default().upstream.media_hosts;
    for (url, added) in [
        ("https://t.me", &[][..]),
        ("https://telegram.org", &[]),
        ("http://127.0.0.1:9000", &["http://127.0.0.1:9000"]),
        ("http://t.me", &["http://t.me"]),
        ("http://mirror.example", &["http://mirror.example"]),
        ("https://mirror.example:8443", &["https://mirror.example:8443"]),
        ("https://[fd00::1]", &["https://[fd00::1]"]),
        ("https://mirror", &["https://mirror"]),
        ("https://mirror.example", &["https://mirror.example", "mirror.example"]),
    ] {
        let own = hosts(&format!("[upstream]\nurl = \"{url}\""));
        assert_eq!(own[..telegram.len()], telegram, "{url}");
        assert_eq!(own[telegram.len()..], *added, "{url}");
        let set = format!("[upstream]\nurl = \"{url}\"\nmedia_hosts = [\"files.example\"]");
        assert_eq!(hosts(&set), ["files.example"], "{url}");
    }
}

#[test]
fn set_flag_takes_key_and_value() {
    let config = from_pairs(&[], &["log.level=info,feedline=debug", " cache.memory = 128MiB "]);
    let config = config.unwrap();
    assert_eq!(config.log.level.as_str(), "info,feedline=debug");
    assert_eq!(config.service.memory, ByteSize::mib(128));
    assert_eq!(from_pairs(&[], &["server.base_url="]).unwrap().web.base_url, None);
    for (text, message) in [
        ("", "--set : it takes section.key=value, such as cache.memory=128MiB."),
        ("cache.memory", "--set cache.memory: it takes section.key=value, such as"),
        ("=5", "--set : it takes section.key=value"),
        ("memory=5", "--set memory: there is no setting “memory”. Did you mean “cache.memory”?"),
    ] {
        let actual = from_pairs(&[], &[text]).unwrap_err().to_string();
        assert!(actual.starts_with(message), "{text}: {actual}");
    }
}
