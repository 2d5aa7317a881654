//! Values outside the bounds of a setting.

use super::refused;
use super::shipped::KEYS;

/// Settings, each with invalid TOML values.
const REFUSED: &[(&str, &[&str])] = &[
    ("server.listen", &[r#""localhost""#, r#""127.0.0.1""#, "80", r#""127.0.0.1:65536""#]),
    (
        "server.base_url",
        &[r#""feeds.example""#, r#""ftp://feeds.example""#, r#""https://a@b""#, "true"],
    ),
    ("server.trusted_proxies", &[r#""::1""#, r#"["localhost"]"#, "[1]", r#"["10.0.0.0/33"]"#]),
    ("server.grace", &[r#""11m""#, "10", r#""-1s""#]),
    ("limits.new_fetches", &["0", "-1", "100001", r#""many""#, "0.5"]),
    ("limits.new_fetch_interval", &[r#""0s""#, r#""2h""#, "2"]),
    ("limits.connections", &["0", "1000001", "99999999999999999999"]),
    ("limits.header_size", &[r#""8191B""#, r#""2MiB""#, r#""big""#]),
    ("limits.header_timeout", &[r#""0s""#, r#""3m""#]),
    ("limits.body_size", &[r#""0B""#, "-5", r#""17MiB""#]),
    ("limits.request_timeout", &[r#""19s""#, r#""11m""#]),
    (
        "upstream.url",
        &[r#""t.me""#, r#""https://t.me/s""#, r#""https://t.me/?x""#, r#""tg://x""#, r#""""#],
    ),
    ("upstream.fallback", &[r#""https://t.me""#, r#"["telegram.me"]"#, r#"["https://a:b@t.me"]"#]),
    ("upstream.rate", &["0", "0.0", "-1.0", "101", "nan", "inf", r#""2""#]),
    ("upstream.burst", &["0", "1001", "1.5"]),
    ("upstream.concurrency", &["0", "257"]),
    ("upstream.timeout", &[r#""0s""#, r#""61s""#, r#""""#]),
    ("upstream.max_body", &[r#""1KiB""#, r#""65MiB""#, r#""4 parsecs""#]),
    ("upstream.proxies", &[r#"["ftp://x"]"#, r#"["127.0.0.1:9050"]"#, r#"["socks5://x/path"]"#]),
    ("upstream.canary", &[r#""""#, r#""a b""#, r#""https://example.com/x""#, "5"]),
    (
        "upstream.media_hosts",
        &[
            "[]",
            r#"["org"]"#,
            r#"["tele sco.pe"]"#,
            r#"["ftp://x"]"#,
            r#"["x."]"#,
            r#"["127.0.0.1"]"#,
        ],
    ),
    ("upstream.user_agent", &[r#""чтец""#, r#""a\nb""#]),
    ("cache.memory", &[r#""1MiB""#, r#""2TiB""#, "0"]),
    ("cache.min_ttl", &[r#""9s""#, r#""8d""#]),
    ("cache.max_ttl", &[r#""9s""#, r#""8d""#]),
    ("cache.refresh_timeout", &[r#""18s""#, r#""17001ms""#]),
    ("refresh.active_for", &[r#""366d""#, r#""""#]),
    ("refresh.backfill_pages", &["-1", "101"]),
    (
        "archive.url",
        &[r#""sqlite://""#, r#""data/feedline.db""#, r#""sqlite://data/""#, r#""mysql://x""#],
    ),
    ("archive.initial_posts", &["-1", "100001"]),
    ("archive.deleted", &[r#""Hide""#, "true"]),
    ("archive.revisions", &["-1", "101"]),
    ("archive.keep_posts", &["-1", r#""""#]),
    ("archive.keep_for", &[r#""1h""#, "0"]),
    ("archive.max_size", &[r#""1MiB""#, "0"]),
    ("feed.limit", &["0", "301"]),
    ("feed.language", &[r#""de""#, r#""""#]),
    ("feed.title", &[r#""bold""#, "true"]),
    ("feed.content", &[r#""none""#]),
    ("feed.link", &[r#""ours""#]),
    ("feed.kind", &[r#""fish""#, r#"["photo"]"#]),
    ("feed.forwards", &[r#""1""#, "false"]),
    ("feed.replies", &[r#""some""#]),
    ("feed.ads", &[r#""only""#]),
    ("feed.service", &["1", r#""yes""#]),
    ("feed.stats", &["1"]),
    ("pages.time_zone", &[r#""Mars/Olympus""#, r#""""#, "3"]),
    ("media.mode", &[r#""direct""#]),
    ("media.cache_dir", &[r#""""#, "5"]),
    ("media.cache_size", &[r#""1MiB""#]),
    ("media.max_file", &[r#""1KiB""#, r#""5GiB""#]),
    ("channels.follow", &[r#""tea""#, r#"[""]"#, r#"["t.me/c/1/2"]"#]),
    ("channels.allow", &["[5]"]),
    ("channels.deny", &[r#"["a b"]"#]),
    ("log.format", &[r#""xml""#]),
    ("log.level", &[r#""loud""#, "5"]),
];

#[test]
fn settings_refuse_values_out_of_bounds() {
    for (key, values) in REFUSED {
        let (section, name) = key.split_once('.').unwrap();
        for value in *values {
            let message = refused(&format!("[{section}]\n{name} = {value}"));
            let expected = format!("config.toml, line 2: “{key}” does not take ");
            assert!(
                message.starts_with(&expected) && message.contains(": it takes "),
                "{value}: {message}"
            );
        }
    }
}

#[test]
fn bounds_table_covers_every_setting() {
    let mut listed: Vec<&str> = REFUSED.iter().map(|(key, _)| *key).collect();
    let mut expected = KEYS.to_vec();
    listed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(listed, expected);
}
