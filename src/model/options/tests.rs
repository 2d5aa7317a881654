use proptest::prelude::*;

use super::*;

fn parsed(query: &str) -> Result<FeedOptions, BadOption> {
    FeedOptions::parse(query, &FeedOptions::default())
}

fn normal(query: &str) -> String {
    parsed(query).unwrap().to_query(&FeedOptions::default())
}

#[test]
fn query_is_normalised() {
    for (given, expected) in [
        ("", ""),
        ("&&", ""),
        ("tag=", ""),
        ("limit=050", "limit=50"),
        ("limit=20&tag=%23Tea", "tag=tea&limit=20"),
        ("kind=video,photo,video", "kind=photo,video"),
        ("kind=-sticker%2C+-poll", "kind=-sticker,-poll"),
        ("q=++two+%20words+", "q=two%20words"),
        ("title=text&media=proxy&forwards=all&service=0&ads=all", ""),
        ("stats=true&service=1", "service=1&stats=1"),
        ("include=a%7Cb&exclude=c%2Bd", "include=a%7Cb&exclude=c%2Bd"),
        ("utm_source=x&fbclid=1&_=17&ref=a&gclid=2&key=secret&ads=none", "ads=none"),
        ("tag=Чай", "tag=%D1%87%D0%B0%D0%B9"),
    ] {
        assert_eq!(normal(given), expected, "{given}");
        assert_eq!(normal(expected), expected, "{expected} is its own normal form");
    }
}

#[test]
fn invalid_option_is_refused_by_name() {
    for (given, part) in [
        ("limt=3", "There is no option “limt”. Did you mean “limit”?"),
        ("Limit=3", "There is no option “Limit”. Did you mean “limit”?"),
        (
            "limit=0",
            "The option “limit” does not take “0”: it takes a number of posts from 1 to 500.",
        ),
        (
            "limit=501",
            "The option “limit” does not take “501”: it takes a number of posts from 1 to 500.",
        ),
        ("before=0", "The option “before” does not take “0”: it takes what the address"),
        ("kind=fish", "The option “kind” does not take “fish”: it takes text, photo"),
        ("media=cdn", "The option “media” does not take “cdn”: it takes proxy, redirect or none."),
        ("limit=1&limit=2", "The option “limit” is given twice"),
        (
            "include=(",
            "The option “include” takes a regular expression, and this is none: unclosed group.",
        ),
        ("include=(a{500}){500}", "at most 512 bytes that is not too complex"),
        ("service=yes", "The option “service” does not take “yes”: it takes 1 or 0."),
    ] {
        let message = parsed(given).unwrap_err().to_string();
        assert!(message.contains(part), "{given}: {message}");
    }
    for (option, takes) in [
        ("include", "a regular expression of at most 512 bytes that is not too complex"),
        ("q", "words, at most 256 bytes"),
        ("tag", "words, at most 256 bytes"),
    ] {
        let told = parsed(&format!("{option}={}", "a".repeat(600))).unwrap_err().to_string();
        assert_eq!(told, format!("The option “{option}” is too long: it takes {takes}."));
    }
    assert!(matches!(parsed(&"_=1&".repeat(80)), Err(BadOption::TooMany)));
    assert!(parsed("zzzzzzzz=1").unwrap_err().to_string().contains("There are: q, tag"));
}

#[test]
fn operator_defaults_apply_to_missing_options() {
    let mut defaults = FeedOptions::default();
    defaults.set("title", "marked").unwrap();
    let options = FeedOptions::parse("limit=5", &defaults).unwrap();
    assert_eq!(options.title(), Title::Marked);
    assert_eq!(options.to_query(&defaults), "limit=5");
    let options = FeedOptions::parse("title=text", &defaults).unwrap();
    assert_eq!(options.to_query(&defaults), "title=text");
}

#[test]
fn options_of_several_channels_differ_in_cursor_only() {
    let defaults = FeedOptions::default();
    let source =
        crate::model::Source::Channels(crate::model::ChannelSet::parse("tea+sea").unwrap());
    let parse = |query: &str| source.options(query, &defaults);
    let options = parse("before=tea.5%2Csea.6&tag=%D1%87%D0%B0%D0%B9&limit=5&_=1").unwrap();
    let query = "tag=%D1%87%D0%B0%D0%B9&limit=5&before=sea.6,tea.5";
    assert_eq!(options.to_query(&defaults), query);
    assert_eq!(parse(query), Ok(options));
    assert_eq!(parse("before=").unwrap(), defaults);
    for bad in ["before=5", "before=tea.1&before=tea.1", "limit=0"] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn kinds_accept_or_exclude_posts() {
    let kinds = |text| Kinds::parse(text).unwrap();
    assert!(kinds("").accepts(&[Kind::Poll]));
    assert!(kinds("photo,video").accepts(&[Kind::Link, Kind::Photo]));
    assert!(!kinds("photo").accepts(&[Kind::Text]));
    assert!(!kinds("-photo").accepts(&[Kind::Photo, Kind::Video]));
    assert!(kinds("photo,-video").accepts(&[Kind::Photo]));
    assert!(!kinds("photo,-video").accepts(&[Kind::Photo, Kind::Video]));
}

#[test]
fn options_are_readable_by_name() {
    let query = "q=tea&tag=green&include=a&exclude=b&kind=photo&forwards=only&replies=none&service=1&ads=none&title=none\
                 &content=text&media=none&link=first&stats=1&limit=7&before=9";
    assert_eq!(normal(query), query);
    for name in NAMES {
        assert!(parsed(query).unwrap().value(name).is_some(), "{name}");
    }
}

/// A pair of a query that is likely to be valid.
fn pair() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        "[a-zA-Zа-яё0-9#,+ %&=.*|()\\[\\]-]{0,20}",
        any::<String>(),
        prop::sample::select(
            &[
                "1",
                "0",
                "all",
                "only",
                "none",
                "marked",
                "photo,-poll",
                "-text",
                "7",
                "first",
                "full"
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    let name = prop_oneof![6 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-z_]{0,6}"];
    (name, words, any::<bool>()).prop_map(|(name, words, encoded)| {
        let words =
            if encoded { utf8_percent_encode(&words, NON_ALPHANUMERIC).to_string() } else { words };
        format!("{name}={words}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn normal_form_of_any_query_parses_to_same_options(pairs in prop::collection::vec(pair(), 0..5)) {
        if let Ok(options) = parsed(&pairs.join("&")) {
            let query = options.to_query(&FeedOptions::default());
            prop_assert!(query.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>#".contains(&byte)), "{}", query);
            let again = parsed(&query);
            prop_assert_eq!(again.as_ref(), Ok(&options));
            prop_assert_eq!(again.unwrap().to_query(&FeedOptions::default()), query);
        }
    }
}
