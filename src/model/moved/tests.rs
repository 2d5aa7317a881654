use super::*;

fn rsshub(rest: &str, query: &str) -> Moved {
    Moved::from_rsshub(rest, query, &FeedOptions::default()).unwrap()
}

/// The options, and the lost parameters.
fn mapped(moved: &Moved) -> (String, String) {
    (moved.options.to_query(&FeedOptions::default()), moved.lost.join(" "))
}

#[test]
fn rsshub_route_parameters_are_mapped_or_reported_as_lost() {
    for (route, ours, lost) in [
        ("", "", ""),
        ("showLinkPreview=1&showViaBot=true&showReplyTo=1&showFwdFrom=1", "", ""),
        ("showFwdFromAuthor=1&showInlineButtons=1&showHashtagAsHyperlink=1", "", ""),
        ("showLinkPreview=0", "", "showLinkPreview=0"),
        ("showViaBot=0&showReplyTo=false", "", "showViaBot=0 showReplyTo=false"),
        ("showFwdFrom=0&showFwdFromAuthor=0", "", "showFwdFrom=0 showFwdFromAuthor=0"),
        ("showInlineButtons=0", "", "showInlineButtons=0"),
        ("showHashtagAsHyperlink=0", "", "showHashtagAsHyperlink=0"),
        ("showMediaTagInTitle=1", "title=marked", ""),
        ("showMediaTagInTitle=0", "", ""),
        ("showMediaTagAsEmoji=1", "title=marked", ""),
        ("includeFwd=0", "forwards=none", ""),
        ("includeFwd=1&includeReply=1", "", ""),
        ("includeReply=false", "replies=none", ""),
        ("includeServiceMsg=1", "service=1", ""),
        ("includeServiceMsg=0", "", ""),
        ("includeUnsupportedMsg=1", "", ""),
        ("includeUnsupportedMsg=0", "", "includeUnsupportedMsg=0"),
        ("searchQuery=%23%D1%87%D0%B0%D0%B9", "tag=%D1%87%D0%B0%D0%B9", ""),
        ("searchQuery=two%20words", "q=two%20words", ""),
        ("includeFwd%3D0%26searchQuery%3Dtea", "q=tea&forwards=none", ""),
        ("%23tea", "tag=tea", ""),
        ("two%20words", "q=two%20words", ""),
        ("includeFwd=maybe&shout=1", "", "includeFwd=maybe shout=1"),
    ] {
        let moved = rsshub(&format!("TeaRoad/{route}"), "");
        assert_eq!(mapped(&moved), (ours.to_owned(), lost.to_owned()), "{route}");
        assert_eq!((moved.channel.as_str(), moved.format), ("TeaRoad", Some(Format::Rss)));
    }
}

#[test]
fn rsshub_common_parameters_are_mapped_or_reported_as_lost() {
    for (query, ours, lost) in [
        ("limit=7&key=secret&code=secret&utm_source=x", "limit=7", ""),
        ("limit=9000", "limit=500", ""),
        ("limit=some", "", "limit=some"),
        ("filter=tea|coffee", "include=tea%7Ccoffee", ""),
        ("filter_title=tea", "include=tea", ""),
        ("filter_title=tea&filter_description=sea", "include=tea", "filter_description=sea"),
        ("filter=(", "", "filter=("),
        ("filterout=ad", "exclude=ad", ""),
        (
            "filterout=ad&filterout_description=promo",
            "exclude=%28%3F%3Aad%29%7C%28%3F%3Apromo%29",
            "",
        ),
        ("filterout_title=ad", "", "filterout_title=ad"),
        ("filter_category=tea", "tag=tea", ""),
        ("filter_category=tea|sea", "", "filter_category=tea|sea"),
        ("filter_case_sensitive=false&sorted=true", "", ""),
        ("filter_case_sensitive=true", "", "filter_case_sensitive=true"),
        ("filter_time=3600&filter_author=Anna", "", "filter_time=3600 filter_author=Anna"),
        ("mode=fulltext&brief=100&tgiv=x", "", "mode=fulltext brief=100 tgiv=x"),
        ("brief=100&brief=100&_=1&empty=", "", "brief=100"),
    ] {
        assert_eq!(mapped(&rsshub("tea", query)), (ours.to_owned(), lost.to_owned()), "{query}");
    }
}

#[test]
fn rsshub_format_is_preserved() {
    for (rest, query, format) in [
        ("tea", "", Format::Rss),
        ("tea", "format=atom", Format::Atom),
        ("tea", "format=json", Format::Json),
        ("tea.atom", "", Format::Atom),
        ("tea.json/includeFwd=0", "", Format::Json),
        ("tea", "format=rss3", Format::Rss),
    ] {
        assert_eq!(rsshub(rest, query).format, Some(format), "{rest}?{query}");
    }
    assert_eq!(rsshub("tea", "format=rss3").lost, ["format=rss3"]);
}

#[test]
fn rsshub_path_without_channel_is_refused() {
    let read = |rest: &str| Moved::from_rsshub(rest, "", &FeedOptions::default());
    for rest in ["", "x", "a%20b", "%2BAbCd"] {
        assert!(read(rest).is_err(), "{rest}");
    }
    assert_eq!(read("%40TeaRoad").unwrap().channel.as_str(), "TeaRoad");
}

#[test]
fn rss_bridge_display_url_is_parsed() {
    let read = |query: &str| Moved::from_address("/bridge/", query, &FeedOptions::default());
    for (username, format, ours) in [
        ("TeaRoad", "Atom", Some(Format::Atom)),
        ("%40TeaRoad", "Mrss", Some(Format::Rss)),
        ("https%3A%2F%2Ft.me%2Fs%2FTeaRoad", "Json", Some(Format::Json)),
        ("t.me/TeaRoad", "Html", None),
    ] {
        for bridge in ["Telegram", "TelegramBridge", "telegrambridge"] {
            let query =
                format!("action=display&bridge={bridge}&username={username}&format={format}");
            let moved = read(&query).unwrap().unwrap();
            assert_eq!((moved.channel.as_str(), moved.format), ("TeaRoad", ours), "{query}");
            assert!(moved.lost.is_empty());
        }
    }
    let moved =
        read("bridge=Telegram&username=tea&format=Sfeed&_cache_timeout=60&token=x&_noproxy=on");
    assert_eq!(moved.unwrap().unwrap().lost, ["format=Sfeed", "_noproxy=on"]);
    assert_eq!(read("action=display&bridge=Youtube&username=tea"), None);
    assert_eq!(read("action=detect&bridge=Telegram&username=tea"), None);
    assert_eq!(read("channel=tea"), None);
    assert!(read("bridge=Telegram").unwrap().is_err());
}

#[test]
fn bridge_urls_are_recognised_below_any_root() {
    let read = |path: &str, query: &str| {
        Moved::from_address(path, query, &FeedOptions::default())?
            .ok()
            .map(|moved| moved.channel.to_string())
    };
    for path in
        ["/telegram/channel/tea", "/telegram/channel/tea/", "hub/telegram/channel/tea/includeFwd=0"]
    {
        assert_eq!(read(path, ""), Some("tea".to_owned()), "{path}");
    }
    for path in ["/", "/index.php", "/bridge01/", "/a/b/index.php"] {
        let query = "action=display&bridge=Telegram&username=tea";
        assert_eq!(read(path, query), Some("tea".to_owned()), "{path}");
        assert_eq!(read(path, "action=display&bridge=Other&username=tea"), None, "{path}");
    }
    for path in ["/telegram/channel", "/mytelegram/channel/tea", "/telegram/blog/tea"] {
        assert_eq!(read(path, ""), None, "{path}");
    }
}
