//! Several channels in one feed.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use feedline::demo::message::Forward;
use feedline::demo::{Fault, Message, OldName, Repeat};
use feedline::model::{ChannelSet, Format, Source};

use crate::support::{
    Answer, Frozen, HOUR, TestApp, add_channel, all_pages, list, name, next_page,
};

/// A channel with a post every hour, and one with a post every ten hours.
async fn scene() -> TestApp {
    let app = TestApp::start().await;
    add_channel(&app, "busy", 4_001, 130, TimeDelta::hours(1));
    add_channel(&app, "calm", 4_002, 45, TimeDelta::hours(10));
    app
}

fn dates(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let items = json["items"].as_array().unwrap().clone();
    items.iter().map(|item| item["date_published"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn merged_items_are_newest_first_and_name_their_channel() {
    let app = scene().await;
    let json = app.get("/calm+busy/feed.json").await;
    let ids = json.ids();
    assert_eq!(ids[..4], ["busy/130", "calm/45", "busy/129", "busy/128"]);
    assert_eq!(ids.len(), 40, "what each channel's own feed shows");
    assert!(dates(&json).is_sorted_by(|newer, older| newer >= older));
    for format in Format::ALL {
        let answer = app.get(&format!("/busy+calm/{}", format.file_name())).await;
        let parsed = feed_rs::parser::parse(&answer.body[..]).unwrap();
        let found: Vec<String> =
            parsed.entries.iter().map(|entry| entry.id.replace("https://t.me/", "")).collect();
        assert_eq!(found, ids, "{format:?}");
        assert_eq!(parsed.title.unwrap().content, "busy + calm", "{format:?}");
        let authors: HashSet<String> = parsed
            .entries
            .iter()
            .flat_map(|entry| entry.authors.iter().filter_map(|author| author.name.clone()))
            .collect();
        assert_eq!(
            authors,
            ["Channel busy", "Channel calm"].map(str::to_owned).into(),
            "{format:?}"
        );
        let text = answer.text();
        let sources = match format {
            Format::Rss => {
                format!("<source url=\"{}/calm/rss.xml\">Channel calm</source>", app.base)
            }
            Format::Atom => {
                "<source><title>Channel calm</title><id>https://t.me/s/calm</id>".to_owned()
            }
            Format::Json => "{\"name\":\"Channel calm\",\"url\":\"https://t.me/calm\"}".to_owned(),
        };
        assert_eq!(text.matches(&sources).count(), 20, "{format:?}: {text:.900}");
        let own = format!("{}/busy+calm/{}", app.base, format.file_name());
        assert!(text.contains(&own), "{format:?} says where it is");
    }
    assert_eq!((app.telegram.hits("/s/busy"), app.telegram.hits("/s/calm")), (1, 1));
}

#[tokio::test]
async fn channel_set_spellings_redirect_to_one_merged_url() {
    let app = scene().await;
    let plain = app.get("/busy+calm/rss.xml").await;
    for path in [
        "/calm+busy",
        "/Calm+BUSY",
        "/calm%2Bbusy",
        "/busy%2bcalm",
        "/calm%20busy",
        "/busy+busy+calm",
        "/busy++calm+",
        "/@busy+@calm",
    ] {
        let answer = app.get(&format!("{path}/rss.xml")).await;
        assert_eq!((answer.status, &answer.body), (200, &plain.body), "{path}");
        assert_eq!(answer.header("etag"), plain.header("etag"), "{path}");
    }
    for path in ["/busy+Busy", "/busy+", "/busy%20busy%2B"] {
        for (part, kept) in [("/rss.xml", "/rss.xml"), ("", ""), ("?limit=3", "?limit=3")] {
            let answer = app.get(&format!("{path}{part}")).await;
            assert_eq!(answer.status, 302, "{path}{part}");
            assert_eq!(
                answer.header("location"),
                format!("{}/busy{kept}", app.base),
                "{path}{part}"
            );
        }
    }
}

#[tokio::test]
async fn invalid_channel_set_is_refused_with_reason() {
    let app = TestApp::start().await;
    let many: Vec<String> = (0..51).map(|number| format!("name{number}")).collect();
    for (path, status, told) in [
        ("/tidewater+x/rss.xml", 400, "“x” names no channel. This is not the name"),
        ("/tidewater+-/rss.xml", 400, "“-”"),
        (&format!("/{}/rss.xml", many.join("+")), 400, "These are 51 channels"),
        ("/tidewater+telegram/rss.xml?before=5", 400, "“before”"),
        ("/tidewater+telegram/rss.xml?limt=5", 400, "Did you mean “limit”"),
        ("/+AbCdEf123", 400, "an invitation to a private chat"),
        ("/tidewater+telegram/5.jpg", 404, "no such page"),
        ("/tidewater+telegram/5", 404, "no such page"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains(told), "{path}: {}", answer.text());
        let page = app.browse(path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (status, "text/html; charset=utf-8")
        );
    }
    assert_eq!(app.telegram.total(), 0);
}

/// Conformance: 5.1
#[tokio::test]
async fn merged_feed_paging_shows_each_post_once() {
    for query in ["", "?limit=13", "?limit=60"] {
        let app = scene().await;
        let answers = all_pages(&app, &format!("/busy+calm/feed.json{query}")).await;
        let walked: Vec<String> = answers.iter().flat_map(Answer::ids).collect();
        let distinct: HashSet<&String> = walked.iter().collect();
        assert_eq!((walked.len(), distinct.len()), (175, 175), "{query}: {walked:?}");
        for answer in &answers {
            assert!(dates(answer).is_sorted_by(|newer, older| newer >= older), "{query}");
        }
        if query == "?limit=13" {
            let all: Vec<String> = answers.iter().flat_map(dates).collect();
            assert!(
                all.is_sorted_by(|newer, older| newer >= older),
                "pages follow each other in time"
            );
            assert!(answers[..answers.len() - 1].iter().all(|answer| answer.ids().len() == 13));
        }
        let back = app.get("/busy+calm/feed.json?limit=13").await;
        assert_eq!(back.ids()[0], "busy/130");
    }
}

#[tokio::test]
async fn merged_html_paging_reaches_first_posts() {
    let app = scene().await;
    let (mut path, mut seen) = ("/busy+calm".to_owned(), 0);
    loop {
        let page = app.browse(&path).await;
        assert_eq!(page.status, 200);
        seen += page.text().matches("<article").count();
        let Some(tag) = page.text().split("<a ").find(|tag| tag.starts_with("rel=\"next\"")) else {
            break;
        };
        let address = tag.split('"').nth(3).unwrap().replace("&#38;", "&").replace("&amp;", "&");
        path = address.strip_prefix(&app.base).unwrap().to_owned();
    }
    assert_eq!(seen, 175);
}

#[tokio::test]
async fn options_apply_to_whole_merged_feed() {
    let app = scene().await;
    assert_eq!(
        app.get("/busy+calm/feed.json?limit=3").await.ids(),
        ["busy/130", "calm/45", "busy/129"]
    );
    let before = app.get("/busy+calm/feed.json?limit=2&before=busy.100,calm.44").await;
    assert_eq!(before.ids(), ["calm/43", "calm/42"]);
    let ids = app.get("/busy+calm/feed.json?include=plank%20(3%7C44)%20of").await.ids();
    assert_eq!(ids, ["calm/44"]);
    app.telegram.publish("calm", "A word about #fog.");
    app.pass(2 * HOUR);
    let tagged = app.get("/busy+calm/feed.json?tag=fog").await;
    assert_eq!(tagged.ids(), ["calm/46"]);
    assert_eq!(tagged.json()["title"], "busy + calm #fog");
    // Older than the posts of the first pages.
    app.telegram.edit("busy", 7, "An anchor in the mud.");
    app.telegram.edit("calm", 7, "An anchor too.");
    let found = app.get("/busy+calm/feed.json?q=anchor").await;
    assert_eq!(found.ids(), ["busy/7", "calm/7"], "by Telegram's own search");
    let atom = app.get("/busy+calm/atom.xml?tag=fog&limit=3").await;
    assert!(atom.text().contains("<id>https://t.me/s/busy+calm?tag=fog</id>"));
}

#[tokio::test]
async fn merged_feed_shows_duplicate_forward_once() {
    let app = scene().await;
    let forward = |path: &str| {
        let mut message = Message::text("Passed on.");
        message.forward =
            Some(Forward { title: "Origin".into(), path: Some(path.into()), author: None });
        message
    };
    app.telegram.publish("busy", forward("calm/45"));
    app.telegram.publish("busy", forward("tidewater/3"));
    app.pass(Duration::from_secs(60));
    app.telegram.publish("calm", forward("tidewater/3"));
    app.telegram.publish("calm", forward("tidewater/4"));
    let ids = app.get("/busy+calm/feed.json?limit=5").await.ids();
    assert_eq!(ids, ["calm/47", "busy/132", "busy/130", "calm/45", "busy/129"]);
    let only = app.get("/busy+calm/feed.json?forwards=only").await.ids();
    assert_eq!(only, ["calm/47", "busy/132", "busy/131"], "their original is not asked for");
    assert_eq!(app.get("/busy/feed.json?limit=1").await.ids(), ["busy/132"], "alone it is as ever");
}

#[tokio::test]
async fn merged_feed_with_missing_channel_serves_others_and_names_it() {
    let app = scene().await;
    let path = "/busy+nobody_has_this+closed_shutters/feed.json";
    let answer = app.get(path).await;
    assert_eq!(answer.status, 200);
    assert!(answer.ids().iter().all(|id| id.starts_with("busy/")));
    let status = answer.header("cache-status");
    let detail = "detail=\"missing: closed_shutters preview_off, nobody_has_this not_found\"";
    assert!(status.ends_with(detail), "{status}");
    assert!(answer.header("cache-control").starts_with("public, max-age=1800,"), "it stays so");
    let hits = app.telegram.total();
    assert!(app.get(path).await.header("cache-status").ends_with(detail), "from memory");
    assert_eq!(app.telegram.total(), hits);

    let page = app.browse("/busy+nobody_has_this+closed_shutters").await;
    assert!(page.text().contains("nobody has this name"), "{}", page.text());
    assert_eq!(app.get("/closed_shutters+nobody_has_this/rss.xml").await.status, 404);
    let none = app.get("/closed_shutters+nobody_has_this").await;
    assert_eq!(none.json()["refusal"], "preview_off");
}

#[tokio::test]
async fn slow_channel_joins_merged_feed_on_next_request() {
    let app = scene().await;
    let time = Frozen::time();
    let slow = app.telegram.hold(list("calm"));
    let (answer, took) = time.until(app.get("/busy+calm/rss.xml")).await;
    assert_eq!(answer.status, 200);
    // Below the timeout of a cold channel, 18 s.
    assert!((8.0..16.0).contains(&took.as_secs_f64()), "{took:?}");
    let status = answer.header("cache-status");
    assert!(status.ends_with("detail=\"missing: calm refreshing\""), "{status}");
    assert!(answer.header("cache-control").starts_with("public, max-age=60,"));
    slow.open();
    time.settle().await;
    time.settle().await;
    let since = answer.header("last-modified").to_owned();
    let (later, _) =
        time.until(app.get_with("/busy+calm/rss.xml", &[("if-modified-since", &since)])).await;
    assert_eq!(later.status, 200, "what came late is older, and new here");
    assert!(later.text().contains("Channel calm"));
    assert_eq!(app.telegram.hits("/s/calm"), 1);
}

#[tokio::test]
async fn slow_refresh_keeps_last_posts_of_merged_feed() {
    let app = scene().await;
    let first = app.get("/busy+calm/feed.json").await;
    app.pass(3 * HOUR);
    let time = Frozen::time();
    let _slow = app.telegram.hold(list("calm"));
    let (later, took) = time.until(app.get("/busy+calm/feed.json")).await;
    assert_eq!((later.status, later.ids()), (200, first.ids()));
    assert!(took < Duration::from_secs(16), "{took:?}");
    let status = later.header("cache-status");
    assert!(status.ends_with("detail=refreshing"), "{status}");
}

#[tokio::test]
async fn outage_of_one_channel_keeps_its_posts_in_merged_feed() {
    let app = scene().await;
    let first = app.get("/busy+calm/feed.json").await;
    app.telegram.fault(
        list("calm"),
        Fault::Status { code: 502, retry_after: None },
        Repeat::Always,
    );
    app.pass(3 * HOUR);
    let later = app.get("/busy+calm/feed.json").await;
    assert_eq!((later.status, later.ids()), (200, first.ids()));
    assert_eq!(later.header("etag"), first.header("etag"));
    assert!(later.header("cache-control").starts_with("public, max-age=60,"));
    assert!(later.header("cache-status").ends_with("detail=unreachable"));
}

#[tokio::test]
async fn merged_feed_is_conditional_compressed_and_stable() {
    let app = scene().await;
    let path = "/busy+calm/atom.xml";
    let first = app.get(path).await;
    assert_eq!(first.header("content-type"), "application/atom+xml; charset=utf-8");
    assert_eq!(first.header("access-control-allow-origin"), "*");
    assert!(first.header("cache-status").starts_with("feedline; fwd=miss; stored; ttl="));
    let (etag, modified) =
        (first.header("etag").to_owned(), first.header("last-modified").to_owned());
    for header in [("if-none-match", &etag), ("if-modified-since", &modified)] {
        let again = app.get_with(path, &[(header.0, header.1)]).await;
        assert_eq!((again.status, again.header("etag")), (304, etag.as_str()), "{header:?}");
        assert!(again.header("cache-status").starts_with("feedline; hit"), "{header:?}");
    }
    let packed = app.get_with(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    app.pass(2 * HOUR);
    let later = app.get(path).await;
    assert_eq!((later.header("etag"), &later.body), (etag.as_str(), &first.body));
    assert_eq!(later.header("last-modified"), modified);
    app.telegram.publish("calm", "Something was said.");
    app.pass(2 * HOUR);
    let news = app.get_with(path, &[("if-none-match", &etag)]).await;
    assert_eq!(news.status, 200);
    assert!(news.text().contains("Something was said."));
    let head = app.request(reqwest::Method::HEAD, path, &[]).await;
    assert_eq!((head.status, head.header("etag"), head.body.len()), (200, news.header("etag"), 0));
}

#[tokio::test]
async fn renamed_channel_appears_once_in_merged_feed() {
    let app = scene().await;
    app.get("/busy/rss.xml").await;
    assert!(app.telegram.rename("busy", name("busier"), OldName::Redirect));
    app.pass(2 * HOUR);
    let there = "/busier+calm/feed.json?limit=30";
    for path in ["/busy+calm/feed.json?limit=30", "/calm+busier+BUSY/feed.json?limit=30"] {
        let led = app.get(path).await;
        assert_eq!(
            (led.status, led.header("location")),
            (302, format!("{}{there}", app.base).as_str())
        );
    }
    let page = app.browse("/busy+calm?before=busy.100,calm.40").await;
    let moved = format!("{}/busier+calm?before=busier.100,calm.40", app.base);
    assert_eq!((page.status, page.header("location")), (302, moved.as_str()));
    assert_eq!(
        app.get("/busy+busier/rss.xml").await.header("location"),
        format!("{}/busier/rss.xml", app.base)
    );
    let answer = app.get(there).await;
    assert_eq!(answer.status, 200);
    let ids = answer.ids();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
    assert!(ids.contains(&"busy/130".to_owned()), "its posts keep their identity: {ids:?}");
}

#[tokio::test]
async fn collection_is_served_under_its_name() {
    let app = TestApp::with(|config| {
        for (name, title, channels) in [
            ("coast", Some("The coast & more"), "tidewater+quiet_corner"),
            ("one", None, "telegram"),
            ("denied", None, "blank_page"),
        ] {
            let channels = ChannelSet::parse(channels).unwrap();
            let source = Source::collection(name, title, channels);
            config.web.collections.insert(name.to_owned(), source);
        }
        config.web.deny = vec![name("blank_page")];
    })
    .await;
    let feed = app.get("/-/collections/coast/atom.xml").await;
    let parsed = feed_rs::parser::parse(&feed.body[..]).unwrap();
    assert_eq!(parsed.id, "tag:feedline,2026:collections/coast");
    assert_eq!(parsed.title.unwrap().content, "The coast & more");
    assert!(parsed.entries.len() > 10);
    let page = app.browse("/-/collections/coast").await;
    assert_eq!(page.status, 200);
    let address = format!("{}/-/collections/coast/rss.xml", app.base);
    assert!(page.text().contains(&address) && page.text().contains("<h1>"), "{}", page.text());
    let json = app.get("/-/collections/coast/feed.json?limit=5").await;
    let next = next_page(&json).unwrap();
    assert!(
        next.starts_with(&format!("{}/-/collections/coast/feed.json?limit=5&before=", app.base))
    );
    let older = app.get(next.strip_prefix(&app.base).unwrap()).await;
    assert_eq!(older.ids().len(), 5);
    assert_eq!(app.get("/-/collections/one/rss.xml").await.status, 200, "it is not its channel");
    assert_eq!(app.get("/-/collections/denied/rss.xml").await.status, 403);
    for path in ["/-/collections/cost/rss.xml", "/-/collections/cost"] {
        let unknown = app.get(path).await;
        assert_eq!(unknown.status, 404, "{path}");
        assert!(unknown.text().contains("There are: coast, denied, one."), "{}", unknown.text());
    }
    let none = TestApp::start().await.get("/-/collections/any/feed.json").await;
    assert_eq!(none.status, 404);
    assert!(none.text().contains("There are no collections here"));
}

#[tokio::test]
async fn denied_channel_is_refused_in_merged_feed() {
    let app = TestApp::with(|config| config.web.deny = vec![name("telegram")]).await;
    for path in ["/telegram+tidewater", "/tidewater+Telegram/rss.xml"] {
        assert_eq!(app.get(path).await.status, 403, "{path}");
    }
    assert_eq!(app.telegram.total(), 0);
}

#[tokio::test]
async fn merged_page_names_channel_of_each_post_and_is_localised() {
    let app = scene().await;
    let browse = async |path: &str, language: &str| {
        app.get_with(path, &[("accept", "text/html"), ("accept-language", language)]).await
    };
    let english = browse("/busy+calm?tag=none", "de, en;q=0.5").await;
    assert!(english.text().contains("<html lang=\"en\">"));
    assert!(english.text().contains("There are no posts here that match."));
    let page = browse("/busy+calm", "ru,en;q=0.5").await;
    let text = page.text();
    assert!(
        text.contains("<html lang=\"ru\">") && text.contains(">Более ранние записи<"),
        "{text}"
    );
    let named = |channel: &str| {
        let name = format!(
            "<a href=\"{}/{channel}\"><bdi>Channel {channel}</bdi></a>&nbsp;· <a href=\"{}/{channel}/",
            app.base, app.base
        );
        text.matches(&name).count()
    };
    assert_eq!(named("calm") + named("busy"), 20, "each post of the page names its channel");
    assert!(named("calm") > 0 && named("busy") > 0);
    assert!(text.contains("<bdi>Channel busy + Channel calm</bdi></a></h1>"), "{text}");
    assert!(page.header("vary").contains("Accept-Language"));
    assert!(text.contains(&format!("{}/-/opml?channels=busy+calm", app.base)));
    let answer = app.get_with("/busy+calm?limit=2", &[("accept", "application/atom+xml")]).await;
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), format!("{}/busy+calm/atom.xml?limit=2", app.base));
}

#[tokio::test]
async fn paging_through_many_channels_fetches_only_few_at_a_time() {
    let app = TestApp::start().await;
    let names: Vec<String> = (0..20).map(|number| format!("pier_{number:02}")).collect();
    for (number, at) in (0..).zip(&names) {
        // One channel is busy, the others publish every few months.
        let (posts, hours) = if number == 7 { (70, 1) } else { (21, 2000) };
        add_channel(&app, at, 5_000 + number, posts, TimeDelta::hours(hours));
    }
    let path = format!("/{}/feed.json?limit=30", names.join("+"));
    let first = app.get(&path).await;
    assert!(
        first.ids().iter().filter(|id| id.starts_with("pier_07/")).count() == 11,
        "{:?}",
        first.ids()
    );
    let hits = app.telegram.total();
    let mut page = first;
    for _ in 0..2 {
        let address = next_page(&page).unwrap();
        page = app.get(address.strip_prefix(&app.base).unwrap()).await;
        assert_eq!(page.ids().len(), 30);
    }
    let more = app.telegram.total() - hits;
    assert!(more <= 3, "only the busy channel's older posts had to be fetched: {more}");
    let all: HashSet<String> = all_pages(&app, &path).await.iter().flat_map(Answer::ids).collect();
    assert_eq!(all.len(), 70 + 19 * 21);
}
