//! `/-/search` finds archived posts, on a page and in feeds.

use chrono::{DateTime, TimeDelta, Utc};
use feedline::config::Config;
use feedline::demo::{Channel, Message};
use feedline::model::ChannelName;

use crate::support::{FEEDS, START, TestApp, ids};

/// A feedline that has fetched two channels once.
async fn harbour(change: impl FnOnce(&mut Config)) -> TestApp {
    let app = TestApp::with(change).await;
    let start: DateTime<Utc> = START.parse().unwrap();
    let posts: [(&str, u64, &str, &[&str]); 2] = [
        (
            "pier",
            4_242,
            "The Pier",
            &["Ёлка на пирсе", "Green tea & <b>cakes</b> at the pier", "Ёлки убрали"],
        ),
        ("dock", 4_243, "Док", &["В доке ставят ёлку", "Nothing of note", "茶叶到港"]),
    ];
    for (number, (name, id, title, texts)) in (0..).zip(posts) {
        let mut channel = Channel::new(ChannelName::parse(name).unwrap(), id, title);
        for (back, text) in (0..).zip(texts) {
            channel.publish(Message::text(*text), start - TimeDelta::hours(10 - back * 2 - number));
        }
        app.telegram.add(channel);
    }
    for name in ["pier", "dock"] {
        assert_eq!(app.get(&format!("/{name}/rss.xml")).await.status, 200, "{name}");
    }
    app
}

fn encoded(words: &str) -> String {
    percent_encoding::utf8_percent_encode(words, percent_encoding::NON_ALPHANUMERIC).to_string()
}

async fn found(app: &TestApp, words: &str) -> Vec<String> {
    let answer = app.get(&format!("/-/search/feed.json?q={}", encoded(words))).await;
    assert_eq!(answer.status, 200, "{words}: {answer:?}");
    ids(&answer)
}

#[tokio::test]
async fn search_finds_posts_of_all_channels_in_every_format() {
    let app = harbour(|_| {}).await;
    for feed in FEEDS {
        let answer = app.get(&format!("/-/search/{feed}?q={}", encoded("елка"))).await;
        assert_eq!(answer.status, 200, "{feed}: {answer:?}");
        assert_eq!(ids(&answer), ["pier/3", "dock/1", "pier/1"], "{feed}");
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert!(
            text.contains("The Pier") && text.contains("Док"),
            "each item names its channel: {text}"
        );
    }
    for (words, expected) in [
        ("\"green tea\"", &["pier/2"][..]),
        ("茶", &["dock/3"]),
        ("ёлка channel:dock", &["dock/1"]),
        ("ёлки -убрали", &["dock/1", "pier/1"]),
        ("ёлка since:2099-01-01", &[]),
        ("кофе", &[]),
    ] {
        assert_eq!(found(&app, words).await, expected, "{words}");
    }
}

#[tokio::test]
async fn search_feed_is_unchanged_until_new_match() {
    let app = harbour(|_| {}).await;
    for feed in FEEDS {
        let path = format!("/-/search/{feed}?q={}", encoded("ёлка"));
        let answer = app.get(&path).await;
        let etag = answer.header("etag").to_owned();
        assert!(answer.header("cache-control").contains("max-age="), "{feed}");
        let again = app.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{feed}");
        let since = answer.header("last-modified").to_owned();
        let again = app.get_with(&path, &[("if-modified-since", &since)]).await;
        assert_eq!(again.status, 304, "{feed}");
    }
    let path = format!("/-/search/atom.xml?q={}", encoded("ёлка"));
    let before = app.get(&path).await.header("etag").to_owned();
    app.pass(std::time::Duration::from_secs(2 * 60 * 60));
    app.telegram.publish("pier", "Nothing about trees.").unwrap();
    app.get("/pier/rss.xml").await;
    assert_eq!(app.get(&path).await.header("etag"), before);
    app.telegram.publish("pier", "Снова ёлка.").unwrap();
    app.pass(std::time::Duration::from_secs(2 * 60 * 60));
    app.get("/pier/rss.xml").await;
    let after = app.get(&path).await;
    assert_ne!(after.header("etag"), before);
    assert_eq!(ids(&after)[0], "pier/5");
}

#[tokio::test]
async fn search_feed_paging_reaches_last_result() {
    let app = harbour(|_| {}).await;
    for feed in FEEDS {
        let mut path = format!("/-/search/{feed}?q={}&limit=2", encoded("ёлка"));
        let mut all = Vec::new();
        loop {
            let answer = app.get(&path).await;
            all.extend(ids(&answer));
            let text = String::from_utf8(answer.body).unwrap();
            let next = if feed == "feed.json" {
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                json["next_url"].as_str().map(str::to_owned)
            } else {
                let at = text.find("rel=\"next\"");
                at.map(|at| {
                    let link = &text[text[..at].rfind('<').unwrap()..];
                    let link = &link[link.find("href=\"").unwrap() + 6..];
                    link[..link.find('"').unwrap()].replace("&amp;", "&")
                })
            };
            let Some(next) = next else { break };
            path = next[next.find("/-/").unwrap()..].to_owned();
        }
        assert_eq!(all, ["pier/3", "dock/1", "pier/1"], "{feed}");
    }
}

#[tokio::test]
async fn search_page_highlights_matches_and_is_localised() {
    let app = harbour(|_| {}).await;
    let page = app.browse(&format!("/-/search?q={}", encoded("teas"))).await;
    assert_eq!(page.status, 200);
    let html = String::from_utf8(page.body.clone()).unwrap();
    for part in [
        "Green <mark>tea</mark> &#38; &#60;b&#62;cakes&#60;/b&#62; at the pier",
        "<bdi>The Pier</bdi>",
        "/pier/2\"",
        "/-/search/rss.xml?q=teas",
        "type=\"application/feed+json\"",
        "value=\"teas\"",
        "Posts with “teas” · feedline",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let etag = page.header("etag").to_owned();
    let path = format!("/-/search?q={}", encoded("teas"));
    let browser = ("accept", "text/html");
    assert_eq!(app.get_with(&path, &[browser, ("if-none-match", &etag)]).await.status, 304);
    let russian = app.get_with("/-/search", &[browser, ("accept-language", "ru")]).await;
    let html = String::from_utf8(russian.body).unwrap();
    assert!(
        html.contains("lang=\"ru\"") && html.contains("именно эти слова в этом порядке"),
        "{html}"
    );
    assert_eq!(page.text().matches("<dt>").count(), 0);
    let nothing = app.browse("/-/search?q=zeppelin").await;
    let nothing = nothing.text();
    assert!(nothing.contains("Nothing was found") && nothing.contains("Try fewer"), "{nothing}");
    assert_eq!(nothing.matches("<dt>").count(), 6, "the ways to search");
    let redirect = app.get_with(&path, &[("accept", "application/atom+xml")]).await;
    assert_eq!(redirect.status, 302);
    assert!(redirect.header("location").ends_with("/-/search/atom.xml?q=teas"), "{redirect:?}");
}

#[tokio::test]
async fn invalid_search_is_reported_on_page_and_as_problem() {
    let app = harbour(|_| {}).await;
    for (query, part) in [
        ("q=", "Nothing to look for"),
        ("q=%21%21", "There is no word in this"),
        ("q=tea+t*", "at least two letters"),
        ("q=tea&before=zz", "what the address of a page"),
        ("q=tea+since%3Anever", "takes a date such as"),
        ("q=tea&limt=5", "limt"),
        ("q=tea&q=tea", "q"),
    ] {
        for path in ["/-/search", "/-/search/rss.xml"] {
            let answer =
                app.get_with(&format!("{path}?{query}"), &[("accept", "application/json")]).await;
            assert_eq!(answer.status, 400, "{path}?{query}: {answer:?}");
            let text = String::from_utf8(answer.body).unwrap();
            assert!(text.contains(part), "{path}?{query}: {text}");
        }
    }
    assert_eq!(app.get("/-/search/rss.xml").await.status, 400);
    assert_eq!(app.get("/-/search/rss.txt?q=tea").await.status, 404);
    let script = encoded("since:x \"><script>alert(1)</script>");
    let page = app.browse(&format!("/-/search?q={script}")).await;
    assert_eq!(page.status, 400);
    let html = String::from_utf8(page.body).unwrap();
    assert!(!html.contains("<script") && html.contains("role=\"alert\""), "{html}");
}

#[tokio::test]
async fn q_option_refuses_same_queries_as_search() {
    let app = harbour(|_| {}).await;
    let asked = app.telegram.total();
    for (words, part) in [
        ("-tea", "only what is not wanted"),
        ("since:2026-05-01", "There is no word in this"),
        ("🔥 since:2026-05-01", "There is no word in this"),
        ("\"\"", "There is no word in this"),
        ("tea since:2026-13-01", "takes a date such as"),
        ("tea until:foo", "takes a date such as"),
        ("tea since:2026-05-01 until:2026-04-01", "nothing lies between them"),
        ("tea channel:1", "takes a channel’s name"),
        ("a b c d e f g h i j k l m n o p q", "too many words"),
    ] {
        for path in ["/pier", "/pier/rss.xml", "/pier+dock", "/pier+dock/feed.json"] {
            let path = format!("{path}?q={}", encoded(words));
            let answer = app.get(&path).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
            assert!(answer.text().contains(part), "{path}: {}", answer.text());
        }
        let path = format!("/pier?q={}", encoded(words));
        let told = [("accept", "text/html"), ("accept-language", "ru")];
        let page = app.get_with(&path, &told).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.text().contains("По этому ничего не найти"), "{path}: {}", page.text());
    }
    assert_eq!(app.telegram.total(), asked, "nobody is asked for what cannot be looked for");
    for (words, expected) in [
        ("tea since:2026-05-01 -coffee", &["pier/2"][..]),
        // The feed's own channel takes precedence over `channel:`.
        ("ёлка channel:dock", &["pier/3", "pier/1"]),
        ("&", &["pier/2"]),
    ] {
        let answer = app.get(&format!("/pier/feed.json?q={}", encoded(words))).await;
        assert_eq!(
            (answer.status, &*answer.ids()),
            (200, &expected.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..]),
            "{words}"
        );
    }
}

#[tokio::test]
async fn denied_channels_are_not_searched() {
    let name = |name: &str| ChannelName::parse(name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feedline.db");
    let mut app = harbour(|config| config.archive.path = Some(path)).await;
    assert_eq!(found(&app, "ёлка").await.len(), 3);
    // Posts that were archived before the channel was denied are hidden too.
    app.config.web.deny = vec![name("pier")];
    app.restart().await;
    assert_eq!(found(&app, "ёлка").await, ["dock/1"]);
    app.config.web.deny.clear();
    app.config.web.allow = vec![name("pier")];
    app.restart().await;
    assert_eq!(found(&app, "ёлка").await, ["pier/3", "pier/1"]);
    assert_eq!(found(&app, "ёлка channel:dock").await, Vec::<String>::new());
}
