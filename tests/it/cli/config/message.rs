//! Error messages for invalid configurations.

use feedline::config::{self, Error, Sources};

use super::{Folder, from_file, from_pairs, refused};

/// Files with a misspelt key, and the error message.
const SLIPS: &[(&str, &str)] = &[
    (
        "[server]\n\nlistn = \"127.0.0.1:80\"",
        "config.toml, line 3: there is no setting “server.listn”. Did you mean “server.listen”?",
    ),
    (
        "[sever]\nlisten = \"127.0.0.1:80\"",
        "config.toml, line 2: there is no setting “sever.listen”. Did you mean “server.listen”?",
    ),
    (
        "listen = \"127.0.0.1:80\"",
        "config.toml, line 1: there is no setting “listen”. Did you mean “server.listen”?",
    ),
    (
        "[server]\nrate = 1.0",
        "config.toml, line 2: there is no setting “server.rate”. Did you mean “upstream.rate”?",
    ),
    ("\n[chanels]", "config.toml, line 2: there is no setting “chanels”. Did you mean “channels”?"),
    (
        "[server.tls]\ncert = \"x\"",
        "config.toml, line 2: there is no setting “server.tls.cert”. `feedline config --default` lists all of them.",
    ),
    (
        "[collections.news]\nchanels = []",
        "config.toml, line 2: there is no setting “collections.news.chanels”. Did you mean “collections.news.channels”?",
    ),
    (
        "server = 5",
        "config.toml, line 1: there is no setting “server”. `feedline config --default` lists all of them.",
    ),
];

/// Files with an invalid value, and the error message.
const WRONG: &[(&str, &str)] = &[
    (
        "[cache]\nmin_ttl = \"5 parsecs\"",
        "config.toml, line 2: “cache.min_ttl” does not take \"5 parsecs\": it takes a time from \"10s\" to \"7d\".",
    ),
    (
        "[channels]\nfollow = [\"tea\",\n  \"https://t.me/+AbCd\"]",
        "config.toml, line 2: “channels.follow” does not take [\"tea\", \"https://t.me/+AbCd\"]: it takes a list of \
         channels, such as [\"telegram\", \"https://t.me/durov\"]. “https://t.me/+AbCd”: This link is an invitation \
         to a private chat: only public channels, those with a name of their own, can be read.",
    ),
    (
        "[pages]\ntime_zone = \"Europe/Berln\"",
        "config.toml, line 2: “pages.time_zone” does not take \"Europe/Berln\": it takes a time zone such as \"UTC\" \
         or \"Europe/Berlin\". Did you mean “Europe/Berlin”?",
    ),
    (
        "[archive]\nurl = \"postgres://localhost/feedline\"",
        "config.toml, line 2: “archive.url” does not take \"postgres://localhost/feedline\": it takes \"sqlite://\" \
         and the path of a file, such as \"sqlite://data/feedline.db\". Other databases than SQLite are not supported yet.",
    ),
    (
        "[archive]\nurl = \"postgres://anna:hunter2@localhost/feedline\"",
        "config.toml, line 2: “archive.url” does not take its value: it takes \"sqlite://\" \
         and the path of a file, such as \"sqlite://data/feedline.db\". Other databases than SQLite are not supported yet.",
    ),
    (
        "[log]\nlevel = \"inof\"",
        "config.toml, line 2: “log.level” does not take \"inof\": it takes off, error, warn, info, debug or trace, \
         also by module, such as \"info,feedline::net=debug\". “inof” is neither a level nor a module with a level.",
    ),
    (
        "[collections]\nNews = { channels = [\"tea\"] }",
        "config.toml, line 2: “collections.News.channels” does not take [\"tea\"]: it takes a list of 1 to 50 \
         channels, such as [\"telegram\", \"https://t.me/durov\"]. The name of a collection has 1 to 64 of a–z, \
         0–9, “-” and “_” and begins with a letter or digit.",
    ),
    (
        "[collections.news]\ntitle = 5",
        "config.toml, line 2: “collections.news.title” does not take 5: it takes a title of at most 200 characters.",
    ),
];

#[test]
fn misspelt_key_is_reported_with_line_and_suggestion() {
    for (text, message) in SLIPS {
        assert_eq!(refused(text), *message, "{text}");
    }
    let message = from_pairs(&[("FEEDLINE_SERVER__LISTN", "x")], &["log.levle=info"]).unwrap_err();
    assert_eq!(
        message.to_string(),
        "the variable FEEDLINE_SERVER__LISTN: there is no such setting. Did you mean “FEEDLINE_SERVER__LISTEN”?\n\
         --set log.levle: there is no setting “log.levle”. Did you mean “log.level”?"
    );
}

/// Unknown environment variables, and the suggestion.
const VARIABLES: &[(&str, &str)] = &[
    ("FEEDLINE_PORT", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_HOST", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER_PORT", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER__PORT", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_LISTN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER_LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER_LISTN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER__LISTN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SEVER__LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_HTTP__LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_SERVER___LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE__SERVER__LISTEN", "“FEEDLINE_SERVER__LISTEN”"),
    ("feedline_server__listen", "“FEEDLINE_SERVER__LISTEN”"),
    ("Feedline_Server__Listen", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_server__listen", "“FEEDLINE_SERVER__LISTEN”"),
    ("feedline_listen", "“FEEDLINE_SERVER__LISTEN”"),
    ("FEEDLINE_CACHE_MIN_TTL", "“FEEDLINE_CACHE__MIN_TTL”"),
    ("FEEDLINE_MIN_TTL", "“FEEDLINE_CACHE__MIN_TTL”"),
    ("FEEDLINE_BASEURL", "“FEEDLINE_SERVER__BASE_URL”"),
    ("FEEDLINE_LEVEL", "“FEEDLINE_LOG__LEVEL”"),
    ("FEEDLINE_URL", "“FEEDLINE_UPSTREAM__URL” or “FEEDLINE_ARCHIVE__URL”"),
    ("FEEDLINE_COLLECTIONS__NEWS__CHANELS", "“FEEDLINE_COLLECTIONS__NEWS__CHANNELS”"),
    ("FEEDLINE_CONFIG", "`--config FILE`"),
];

#[test]
fn unknown_variable_is_refused_with_suggestion() {
    for (name, meant) in VARIABLES {
        let message = from_pairs(&[(name, "x")], &[]).unwrap_err().to_string();
        let expected =
            format!("the variable {name}: there is no such setting. Did you mean {meant}?");
        assert_eq!(message, expected);
    }
    for name in ["FEEDLINE_PROGRAM", "FEEDLINE_", "FEEDLINE_SERVER", "FEEDLINE___", "feedline_home"]
    {
        let message = from_pairs(&[(name, "x")], &[]).unwrap_err().to_string();
        let expected = format!(
            "the variable {name}: there is no such setting. Variables of feedline are called FEEDLINE_SECTION__KEY, \
             and `feedline config --default` lists all settings. If this one is meant for another program, give it \
             another name."
        );
        assert_eq!(message, expected);
    }
    for name in ["FEEDLINE", "FEEDLINES_PORT", "MY_FEEDLINE_PORT", "LISTEN"] {
        assert!(from_pairs(&[(name, "x")], &[]).is_ok(), "{name}");
    }
}

#[test]
fn invalid_value_is_reported_with_line_and_accepted_values() {
    for (text, message) in WRONG {
        assert_eq!(refused(text), *message, "{text}");
    }
    let message =
        from_pairs(&[("FEEDLINE_CACHE__REFRESH_TIMEOUT", "18s")], &[]).unwrap_err().to_string();
    assert_eq!(
        message,
        "the variable FEEDLINE_CACHE__REFRESH_TIMEOUT: “cache.refresh_timeout” does not take \"18s\": it takes a time from \"0s\" to \
         \"17s\"."
    );
    let folder = Folder::with("");
    let sources = Sources { listen: Some("8417".to_owned()), ..folder.sources() };
    let message = config::load(&sources).unwrap_err().to_string();
    assert!(
        message.starts_with(
            "--listen: “server.listen” does not take \"8417\": it takes an IP address"
        ),
        "{message}"
    );
}

#[test]
fn long_value_is_shortened_in_error() {
    let message = refused(&format!("[feed]\ntitle = \"{}\"", "x".repeat(5000)));
    assert!(message.contains("xxx…: it takes \"text\"") && message.len() < 300, "{message}");
}

#[test]
fn contradicting_settings_are_reported_with_both_places() {
    assert_eq!(
        refused("[cache]\nmin_ttl = \"2h\""),
        "“cache.min_ttl” is \"2h\", which is more than “cache.max_ttl”, \"1h\". Change “cache.min_ttl” (config.toml, \
         line 2) or “cache.max_ttl” (the default)."
    );
    for (text, message) in [
        (
            "[media]\nmax_file = \"3GiB\"",
            "“media.max_file” is \"3GiB\", which is more than “media.cache_size”, \"2GiB\".",
        ),
        (
            "[channels]\nallow = [\"tea\"]\ndeny = [\"TEA\"]",
            "“channels.allow” has channels that are denied: @tea.",
        ),
        (
            "[channels]\nfollow = [\"tea\"]\ndeny = [\"tea\"]",
            "Change “channels.follow” (config.toml, line 2) or “channels.deny” (config.toml, line 3).",
        ),
        (
            "[channels]\nfollow = [\"tea\"]\nallow = [\"sea\"]",
            "“channels.follow” has channels that are not allowed: @tea.",
        ),
        (
            "[channels]\nallow = [\"tea\"]\n[collections.coast]\nchannels = [\"tea\", \"sea\", \"bay\"]",
            "not allowed: @bay, @sea. Change “collections.coast.channels” (config.toml, line 4) or “channels.allow”",
        ),
        (
            "[channels]\ndeny = [\"tea\"]\n[collections.coast]\nchannels = [\"tea\", \"sea\"]",
            "“collections.coast.channels” has channels that are denied: @tea. Change “collections.coast.channels”",
        ),
        ("[collections.news]\ntitle = \"News\"", "The collection “news” has no channels"),
        ("[collections.news]", "The collection “news” has no channels"),
    ] {
        let actual = refused(text);
        assert!(actual.contains(message), "{text}: {actual}");
    }
}

#[test]
fn all_configuration_errors_are_reported_at_once() {
    let folder = Folder::with("[server]\nlistn = 1\n[feed]\nlimit = 0\n[log]\nformat = \"xml\"");
    let message = |text: &str| -> Vec<String> {
        let folder = if text.is_empty() { &folder } else { &Folder::with(text) };
        let sources = Sources {
            environment: vec![("FEEDLINE_PORT".to_owned(), "80".to_owned())],
            overrides: vec!["memory".to_owned(), "feed.limt=5".to_owned()],
            listen: Some("80".to_owned()),
            ..folder.sources()
        };
        let message = config::load(&sources).unwrap_err().to_string();
        let message = message.replace(&format!("{}/", folder.path().display()), "");
        message.lines().filter_map(|line| line.split(": ").next()).map(str::to_owned).collect()
    };
    let rest = ["the variable FEEDLINE_PORT", "--set memory", "--set feed.limt", "--listen"];
    let lines = ["config.toml, line 2", "config.toml, line 4", "config.toml, line 6"];
    assert_eq!(message(""), [&lines[..], &rest[..]].concat());
    // A TOML syntax error does not hide the other errors.
    let lines = ["config.toml, line 2", "config.toml, line 4"];
    let broken = "[server]\nlisten = 0.0.0.0:1\n[cache]\nmemory = 64MiB\nmin_ttl = \"1m\"\n";
    assert_eq!(message(broken), [&lines[..], &rest[..]].concat());
}

#[test]
fn unquoted_text_error_suggests_quotes() {
    for (text, hint) in [
        ("[server]\nlisten = 0.0.0.0:1", "Write the text in quotes: listen = \"…\"."),
        ("[server]\nlisten = 127.0.0.1", "Write the text in quotes: listen = \"…\"."),
        ("[server]\nlisten = [::]:80", "Write the text in quotes: listen = \"…\"."),
        (
            "[server]\nbase_url = https://feeds.example",
            "Write the text in quotes: base_url = \"…\".",
        ),
        ("[server]\nbase_url =", "Write the text in quotes: base_url = \"…\"."),
        ("# Dotted\nserver.listen = 0.0.0.0:1", "Write the text in quotes: server.listen = \"…\"."),
        ("# Dotted\nfeed.service = True", "It takes true or false."),
        ("[cache]\nmemory = 64MiB", "Write the text in quotes: memory = \"…\"."),
        ("[cache]\nmin_ttl = 5m # short", "Write the text in quotes: min_ttl = \"…\"."),
        ("[feed]\nlanguage = ru", "Write the text in quotes: language = \"…\"."),
        ("[feed]\nservice = True", "It takes true or false."),
        (
            "[upstream]\nrate = 2,5",
            "It takes a number of requests a second from 0.01 to 100, such as 2.0.",
        ),
        ("[pages]\ntime_zone = Europe/Berlin", "Write the text in quotes: time_zone = \"…\"."),
        ("[log]\nlevel = “info”", "Write the text in quotes: level = \"…\"."),
        (
            "[channels]\nfollow = [durov, telegram]",
            "Write each text of the list in quotes: follow = [\"…\", \"…\"].",
        ),
        (
            "[channels]\nfollow = durov, telegram",
            "Write each text of the list in quotes: follow = [\"…\", \"…\"].",
        ),
    ] {
        let message = refused(text);
        assert!(
            message.starts_with("config.toml, line 2: this is not TOML: "),
            "{text}: {message}"
        );
        assert!(message.ends_with(hint), "{text}: {message}");
        assert_eq!(message.lines().count(), 1, "{text}: {message}");
    }
    let message = refused("[upstream]\nproxies = socks5h://user:hunter2@127.0.0.1:9050");
    assert!(message.contains("in quotes") && !message.contains("hunter2"), "{message}");
}

#[test]
fn named_config_file_must_exist_and_be_toml() {
    let folder = Folder::with("");
    let missing = folder.path().join("other.toml");
    let message = config::load(&Sources { file: Some(missing), ..Sources::default() }).unwrap_err();
    assert!(matches!(message, Error::Unreadable { .. }), "{message}");
    assert!(
        message.to_string().contains("other.toml cannot be read: there is no such file."),
        "{message}"
    );

    let message = refused("[server]\nlisten = 127.0.0.1\n");
    assert!(message.starts_with("config.toml, line 2: this is not TOML: "), "{message}");
    let message = refused("[access]\nkeys = [\"anna:correct-horse-battery]\n");
    assert!(message.contains("line 2") && !message.contains("horse"), "{message}");
    let message = refused(&"# much\n".repeat(200_000));
    assert!(message.contains("larger than 1 MiB"), "{message}");
    assert!(
        from_file("\u{feff}[feed]\nlimit = 5").is_ok(),
        "a byte order mark is no part of the text"
    );
}

#[test]
fn unreadable_config_file_error_gives_reason_and_advice() {
    let folder = Folder::with("");
    std::fs::write(folder.path().join("latin.toml"), b"# \xe9\n").unwrap();
    for (name, message) in [
        ("other.toml", "cannot be read: there is no such file. Give the path of one that is there"),
        ("", "cannot be read: it is a folder. Give the path of the file in it."),
        ("latin.toml", "cannot be read: it is not UTF-8. Save it as UTF-8."),
    ] {
        let file = Some(folder.path().join(name));
        let error = config::load(&Sources { file, ..Sources::default() }).unwrap_err();
        // As the program prints it: with the whole error chain.
        let printed = format!("{:#}", anyhow::Error::new(error));
        assert!(printed.contains(message) && !printed.contains("os error"), "{printed}");
    }
}
