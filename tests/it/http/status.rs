//! `/-/status`, as a page and as JSON.

use std::time::Duration;

use feedline::demo::{Fault, Repeat, Target};
use feedline::model::ChannelName;

use crate::support::TestApp;

const MINUTE: Duration = Duration::from_secs(60);

/// Follows one channel that exists and one that does not.
async fn scene() -> TestApp {
    let app = TestApp::with(|config| {
        (config.service.schedule.active_for, config.service.schedule.initial_posts) =
            (Duration::from_hours(72), 0);
        config.web.follow =
            ["tidewater", "nobody_has_this"].map(|name| ChannelName::parse(name).unwrap()).into();
    })
    .await;
    app.pass_by(MINUTE).await;
    app
}

#[tokio::test]
async fn status_json_has_figures_and_followed_channels() {
    let app = scene().await;
    app.get("/zenit_library/rss.xml").await;
    let answer = app.get("/-/status.json").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=10");
    let status = answer.json();
    assert_eq!(status["kept"]["channels"], 2);
    assert!(status["kept"]["posts"].as_u64().unwrap() > 20, "{status}");
    assert_eq!(status["kept"]["archive_fault"], serde_json::Value::Null);
    assert!(status["kept"]["archive_size"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(status["schedule"]["stretch"], 1.0);
    assert_eq!(status["schedule"]["late"], false);
    assert!(status["telegram"]["requests_last_hour"].as_u64().unwrap() >= 4, "{status}");
    assert_eq!(status["telegram"]["outbound"][0]["cools_down"], 0);
    let [good, bad] = [&status["followed"][0], &status["followed"][1]];
    assert_eq!(good["name"], "tidewater");
    assert_eq!(good["title"], "Tidewater Light");
    assert!(good["fetched"].as_str().unwrap() < good["next"].as_str().unwrap(), "{good}");
    assert_eq!(good["refusal"], serde_json::Value::Null);
    assert_eq!((&bad["name"], &bad["refusal"]), (&"nobody_has_this".into(), &"not_found".into()));
    assert_eq!(bad["fetched"], serde_json::Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn status_does_not_reveal_channels_read_by_others() {
    let app = scene().await;
    app.get("/zenit_library/rss.xml").await;
    for path in ["/-/status", "/-/status.json"] {
        let answer = app.browse(path).await;
        assert!(!answer.text().to_lowercase().contains("zenit"), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn status_format_follows_accept_header() {
    let app = scene().await;
    for (accept, is_page) in [
        ("text/html,application/xhtml+xml,*/*;q=0.8", true),
        ("*/*", true),
        ("application/json", false),
        ("application/json, text/plain, */*", false),
    ] {
        let answer = app.get_with("/-/status", &[("accept", accept)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type").starts_with("text/html"), is_page, "{accept}");
        assert_eq!(answer.header("cache-control"), "public, max-age=10");
        assert!(answer.header("vary").contains("Accept"));
    }
    let page = app.browse("/-/status").await;
    for words in
        ["Tidewater Light", "@nobody_has_this", "nobody has this name", "checked", "next one in"]
    {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    let russian = [("accept", "text/html"), ("accept-language", "ru-RU,ru;q=0.9,en;q=0.5")];
    let page = app.get_with("/-/status", &russian).await;
    for words in ["<html lang=\"ru\">", "Состояние", "проверено", "снова через", "такого имени нет"]
    {
        assert!(
            page.text().to_lowercase().contains(&words.to_lowercase()),
            "{words}: {}",
            page.text()
        );
    }
    let etag = page.header("etag").to_owned();
    let headers = [russian[0], russian[1], ("if-none-match", etag.as_str())];
    assert_eq!(app.get_with("/-/status", &headers).await.status, 304);
    app.stop().await;
}

#[tokio::test]
async fn status_reports_absence_of_followed_channels() {
    let app = TestApp::start().await;
    let page = app.browse("/-/status").await;
    assert!(page.text().contains("No channels are followed"));
    let json = app.get("/-/status.json").await.json();
    assert_eq!(json["followed"], serde_json::json!([]));
    app.stop().await;
}

#[tokio::test]
async fn status_reports_insufficient_request_rate() {
    let app = TestApp::with(|config| {
        (config.service.schedule.active_for, config.service.schedule.initial_posts) =
            (Duration::from_hours(72), 0);
        config.net.rate = 0.02;
        config.web.follow = (0..20)
            .map(|number| ChannelName::parse(&format!("channel_{number}")).unwrap())
            .collect();
    })
    .await;
    let json = app.get("/-/status.json").await.json();
    // Twenty requests in five minutes are needed, and three quarters of one in fifty seconds are available.
    let stretch = json["schedule"]["stretch"].as_f64().unwrap();
    assert!((4.0..5.0).contains(&stretch), "{stretch}");
    let page = app.browse("/-/status").await;
    assert!(page.text().contains("times less often than they should be"), "{}", page.text());
    app.telegram.fault(Target::Everything, Fault::Close, Repeat::Always);
    app.stop().await;
}
