//! What is said about what is wrong.

use feedline::config::{self, Error, Sources};

use super::{Folder, from_file, from_pairs, refused};

/// Files with a slip in a key, and what is said.
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

/// Files with a wrong value, and what is said.
const WRONG: &[(&str, &str)] = &[
    (
        "[cache]\nmin_age = \"5 parsecs\"",
        "config.toml, line 2: “cache.min_age” does not take \"5 parsecs\": it takes a time from \"10s\" to \"7d\".",
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
         and the path of a file, such as \"sqlite://data/feedline.db\". Only SQLite is there.",
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
fn a_slip_in_a_key_is_told_with_its_place_and_the_nearest_name() {
    for (text, told) in SLIPS {
        assert_eq!(refused(text), *told, "{text}");
    }
    let told =
        from_pairs(&[("FEEDLINE_SERVER__LISTN", "x")], &[("log.levle", "info")]).unwrap_err();
    assert_eq!(
        told.to_string(),
        "the variable FEEDLINE_SERVER__LISTN: there is no setting “server.listn”. Did you mean “server.listen”?\n\
         --set log.levle: there is no setting “log.levle”. Did you mean “log.level”?"
    );
}

#[test]
fn a_variable_with_a_single_underscore_does_not_go_unseen() {
    let told = from_pairs(&[("FEEDLINE_CACHE_MIN_AGE", "5m")], &[]).unwrap_err();
    assert_eq!(
        told.to_string(),
        "the variable FEEDLINE_CACHE_MIN_AGE: there is no setting “FEEDLINE_CACHE_MIN_AGE”. \
         Did you mean “FEEDLINE_CACHE__MIN_AGE”?"
    );
}

#[test]
fn a_variable_with_a_settings_last_word_alone_is_warned_of() {
    let told = |name: &str| -> Vec<String> {
        let config = from_pairs(&[(name, "x")], &[]).unwrap();
        config::warnings(&config).iter().map(ToString::to_string).collect()
    };
    for (name, meant) in [
        ("FEEDLINE_LISTEN", "FEEDLINE_SERVER__LISTEN"),
        ("FEEDLINE_MIN_AGE", "FEEDLINE_CACHE__MIN_AGE"),
        ("FEEDLINE_LEVEL", "FEEDLINE_LOG__LEVEL"),
        ("FEEDLINE_URL", "FEEDLINE_UPSTREAM__URL or FEEDLINE_ARCHIVE__URL"),
        ("FEEDLINE_CONFIG", "--config FILE"),
    ] {
        let warning = format!(
            "the variable {name} is not read: if it was meant for feedline, give {meant} instead"
        );
        assert_eq!(told(name), [warning]);
    }
    for name in ["FEEDLINE_PORT", "FEEDLINE_SERVICE_HOST", "FEEDLINE_PROGRAM", "LISTEN"] {
        assert_eq!(told(name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_wrong_value_is_told_with_its_place_and_what_is_taken() {
    for (text, told) in WRONG {
        assert_eq!(refused(text), *told, "{text}");
    }
    let told = from_pairs(&[("FEEDLINE_CACHE__PATIENCE", "18s")], &[]).unwrap_err().to_string();
    assert_eq!(
        told,
        "the variable FEEDLINE_CACHE__PATIENCE: “cache.patience” does not take \"18s\": it takes a time from \"0s\" to \
         \"17s\"."
    );
    let folder = Folder::with("");
    let sources = Sources { listen: Some("8417".to_owned()), ..folder.sources() };
    let told = config::load(&sources).unwrap_err().to_string();
    assert!(
        told.starts_with("--listen: “server.listen” does not take 8417: it takes an IP address"),
        "{told}"
    );
}

#[test]
fn a_long_value_is_cut_in_what_is_said() {
    let told = refused(&format!("[feed]\ntitle = \"{}\"", "x".repeat(5000)));
    assert!(told.contains("xxx…: it takes \"text\"") && told.len() < 300, "{told}");
}

#[test]
fn settings_that_contradict_each_other_are_told_with_both_places() {
    assert_eq!(
        refused("[cache]\nmin_age = \"2h\""),
        "Posts are fresh for \"2h\" at least and for \"1h\" at most. Lower “cache.min_age” (config.toml, line 2), or \
         raise “cache.max_age” (the default)."
    );
    for (text, told) in [
        (
            "[media]\nmax_file = \"3GiB\"",
            "A kept file may take \"3GiB\", and all of them together \"2GiB\".",
        ),
        ("[access]\nmode = \"keys\"", "there is no key"),
        (
            "[channels]\nallow = [\"tea\"]\ndeny = [\"TEA\"]",
            "What is allowed must not be denied, and is: @tea.",
        ),
        (
            "[channels]\nfollow = [\"tea\"]\ndeny = [\"tea\"]",
            "Take that out of “channels.follow” (config.toml, line 2), or out of",
        ),
        (
            "[channels]\nfollow = [\"tea\"]\nallow = [\"sea\"]",
            "must be among what is allowed, and is not: @tea.",
        ),
        (
            "[channels]\nallow = [\"tea\"]\n[collections.coast]\nchannels = [\"tea\", \"sea\", \"bay\"]",
            "is not: @sea, @bay. Take that out of “collections.coast.channels” (config.toml, line 4), or put it into",
        ),
        (
            "[channels]\ndeny = [\"tea\"]\n[collections.coast]\nchannels = [\"tea\", \"sea\"]",
            "What is in a collection must not be denied, and is: @tea. Take that out of “collections.coast.channels”",
        ),
        ("[collections.news]\ntitle = \"News\"", "The collection “news” names no channels"),
        ("[collections.news]", "The collection “news” names no channels"),
    ] {
        let really = refused(text);
        assert!(really.contains(told), "{text}: {really}");
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let told = refused("[server]\nlistn = 1\n[feed]\nlimit = 0\n[log]\nformat = \"xml\"");
    let lines: Vec<&str> = told.lines().filter_map(|line| line.split(':').next()).collect();
    let as_in_the_file = [2, 4, 6].map(|line| format!("config.toml, line {line}"));
    assert_eq!(lines, as_in_the_file, "{told}");
}

#[test]
fn a_named_file_must_be_there_and_be_toml() {
    let folder = Folder::with("");
    let missing = folder.path().join("other.toml");
    let told = config::load(&Sources { file: Some(missing), ..Sources::default() }).unwrap_err();
    assert!(matches!(told, Error::Unreadable { .. }), "{told}");
    assert!(
        told.to_string().contains("other.toml cannot be read: there is no such file."),
        "{told}"
    );

    let told = refused("[server]\nlisten = 127.0.0.1\n");
    assert!(told.starts_with("config.toml, line 2: this is not TOML: "), "{told}");
    let told = refused("[access]\nkeys = [\"anna:correct-horse-battery]\n");
    assert!(told.contains("line 2") && !told.contains("horse"), "{told}");
    let told = refused(&"# much\n".repeat(200_000));
    assert!(told.contains("larger than 1 MiB"), "{told}");
    assert!(
        from_file("\u{feff}[feed]\nlimit = 5").is_ok(),
        "a byte order mark is no part of the text"
    );
}

#[test]
fn why_a_file_cannot_be_read_is_told_once_and_with_what_to_do() {
    let folder = Folder::with("");
    std::fs::write(folder.path().join("latin.toml"), b"# \xe9\n").unwrap();
    for (name, told) in [
        ("other.toml", "cannot be read: there is no such file. Give the path of one that is there"),
        ("", "cannot be read: it is a folder. Give the path of the file in it."),
        ("latin.toml", "cannot be read: it is not UTF-8. Save it as UTF-8."),
    ] {
        let file = Some(folder.path().join(name));
        let error = config::load(&Sources { file, ..Sources::default() }).unwrap_err();
        // As the program prints it: with all causes.
        let printed = format!("{:#}", anyhow::Error::new(error));
        assert!(printed.contains(told) && !printed.contains("os error"), "{printed}");
    }
}
