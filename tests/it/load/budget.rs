//! Over HTTP: the limit on new channels, searches and older posts for each client.

use std::time::Duration;

use feedline::demo::{OldName, Target};
use feedline::model::ChannelName;

use crate::support::{Answer, Simulation, TestApp};

/// A feedline with a burst of this many new fetches per client, refilled by one every two seconds.
async fn scene(burst: u32) -> TestApp {
    TestApp::with(|config| config.service.client_burst = burst).await
}

async fn ask(app: &TestApp, client: &str, path: &str) -> Answer {
    app.get_with(path, &[("x-forwarded-for", client)]).await
}

/// Status and refusal code.
async fn outcome(app: &TestApp, client: &str, path: &str) -> (u16, String) {
    let answer = ask(app, client, path).await;
    let refusal =
        if answer.status < 400 { String::new() } else { answer.json()["refusal"].to_string() };
    (answer.status, refusal)
}

const ANNA: &str = "203.0.113.1";
const BORIS: &str = "203.0.113.2";

#[tokio::test]
async fn client_over_limit_gets_429_for_new_names_only() {
    let app = scene(5).await;
    // Boris has requested this channel, so it is known.
    assert_eq!(ask(&app, BORIS, "/tidewater/rss.xml").await.status, 200);
    for number in 0..5 {
        let path = format!("/nobody_{number}/rss.xml");
        assert_eq!(outcome(&app, ANNA, &path).await, (404, "\"not_found\"".to_owned()));
    }
    let asked = app.telegram.total();
    let answer = ask(&app, ANNA, "/zenit_library/rss.xml").await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "10"));
    let problem = answer.json();
    assert_eq!(
        (&problem["refusal"], &problem["title"]),
        (&"busy".into(), &"You ask for too much that is new".into())
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains(
            "each client may ask for so many channels, searches and older posts at a time"
        ),
        "{detail}"
    );
    assert!(detail.ends_with("Try again in 10 s."), "{detail}");
    for path in [
        "/tidewater/rss.xml",
        "/tidewater/feed.json?limit=3",
        "/tidewater",
        "/tidewater/atom.xml?tag=x",
    ] {
        assert_eq!(ask(&app, ANNA, path).await.status, 200, "{path}");
    }
    assert_eq!(outcome(&app, ANNA, "/nobody_3/rss.xml").await.0, 404, "a refusal is known too");
    assert_eq!(app.telegram.total(), asked, "Telegram was not asked for any of it");
    assert_eq!(ask(&app, BORIS, "/zenit_library/rss.xml").await.status, 200);
    assert_eq!(ask(&app, ANNA, "/zenit_library/rss.xml").await.status, 200, "known now");
    // After its TTL, a known channel is refreshed for any client.
    app.pass(Duration::from_secs(7200));
    let refreshed = ask(&app, ANNA, "/tidewater/rss.xml").await;
    assert!(
        refreshed.header("cache-status").starts_with("feedline; fwd="),
        "{}",
        refreshed.header("cache-status")
    );
}

#[tokio::test]
async fn searches_older_pages_and_posts_count_against_client_limit() {
    for path in [
        "/tidewater/rss.xml?q=nowhere_to_be_found",
        "/tidewater/feed.json?before=2",
        "/tidewater/1",
        "/tidewater_harbour/3",
        "/tidewater_harbour/4.jpg",
    ] {
        let app = scene(1).await;
        ask(&app, BORIS, "/tidewater/rss.xml").await;
        ask(&app, ANNA, "/nobody_1/rss.xml").await;
        let asked = app.telegram.total();
        assert_eq!(outcome(&app, ANNA, path).await, (429, "\"busy\"".to_owned()), "{path}");
        assert_eq!(app.telegram.total(), asked, "{path}");
        assert_ne!(outcome(&app, "203.0.113.3", path).await.0, 429, "{path}");
        assert!(app.telegram.total() > asked, "{path}: it was new");
        let asked = app.telegram.total();
        assert_ne!(outcome(&app, ANNA, path).await.0, 429, "{path}: known now");
        assert_eq!(app.telegram.total(), asked, "{path}");
    }
}

#[tokio::test]
async fn client_over_limit_gets_known_posts_marked_busy() {
    let app = scene(1).await;
    let whole = ask(&app, BORIS, "/tidewater/feed.json").await;
    ask(&app, ANNA, "/nobody_1/rss.xml").await;
    let answer = ask(&app, ANNA, "/tidewater/feed.json?limit=500").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.header("cache-status").ends_with("detail=busy"),
        "{}",
        answer.header("cache-status")
    );
    assert_eq!(answer.ids(), whole.ids());
}

#[tokio::test]
async fn former_name_of_known_channel_does_not_count_as_new() {
    let app = scene(1).await;
    ask(&app, BORIS, "/tidewater/rss.xml").await;
    app.telegram.rename("tidewater", ChannelName::parse("tide_water").unwrap(), OldName::Redirect);
    app.pass(Duration::from_secs(7200));
    assert_eq!(ask(&app, BORIS, "/tidewater/rss.xml").await.status, 302);
    ask(&app, ANNA, "/nobody_1/rss.xml").await;
    let asked = app.telegram.total();
    app.pass(Duration::from_secs(7200));
    assert_eq!(ask(&app, ANNA, "/tidewater/rss.xml").await.status, 302);
    assert!(app.telegram.total() > asked, "Telegram was asked again whose the name is");
}

#[tokio::test]
async fn joining_request_in_flight_does_not_count_against_limit() {
    let _simulation = Simulation::begin();
    let app = scene(1).await;
    ask(&app, ANNA, "/nobody_1/rss.xml").await;
    let gate = app.telegram.hold(Target::Path("/s/tidewater".to_owned()));
    let (first, second, ()) = tokio::join!(
        ask(&app, BORIS, "/tidewater/rss.xml"),
        async {
            app.telegram.wait_for_hits("/s/tidewater", 1).await;
            ask(&app, ANNA, "/tidewater/rss.xml").await
        },
        async {
            // Simulated time, longer than any request on loopback: by then Anna's request has been refused or has
            // joined.
            tokio::time::sleep(Duration::from_secs(1)).await;
            gate.open();
        }
    );
    assert_eq!((first.status, second.status), (200, 200));
}

#[tokio::test]
async fn client_limit_uses_address_from_trusted_proxy_only() {
    let app = scene(1).await;
    for (number, header, value, status) in [
        (0, "x-forwarded-for", "203.0.113.1", 404),
        (1, "x-forwarded-for", "203.0.113.1", 429),
        (2, "x-forwarded-for", "198.51.100.7, 203.0.113.1", 429),
        (3, "x-forwarded-for", "203.0.113.2", 404),
        (4, "x-forwarded-for", "2001:db8:0:1::1", 404),
        (5, "x-forwarded-for", "2001:db8:0:1::2", 429),
        (6, "x-forwarded-for", "2001:db8:0:2::2", 404),
        (7, "forwarded", "for=203.0.113.3", 404),
        (8, "forwarded", "for=203.0.113.3:99", 429),
        (9, "x-other", "1", 404),
        (10, "x-other", "2", 429),
    ] {
        let answer = app.get_with(&format!("/nobody_{number}/rss.xml"), &[(header, value)]).await;
        assert_eq!(answer.status, status, "{header}: {value}");
    }
    let app = TestApp::with(|config| {
        config.service.client_burst = 1;
        config.web.trusted_proxies.clear();
    })
    .await;
    for (number, status) in [(0, 404), (1, 429)] {
        let address = format!("203.0.113.{number}");
        assert_eq!(ask(&app, &address, &format!("/nobody_{number}/rss.xml")).await.status, status);
    }
}

#[tokio::test]
async fn default_client_limit_allows_two_hundred_new_names() {
    let app = TestApp::start().await;
    let mut statuses = Vec::new();
    for number in 0..260 {
        statuses.push(ask(&app, ANNA, &format!("/nobody_{number}/rss.xml")).await.status);
    }
    assert!(statuses[..200].iter().all(|status| *status == 404), "{statuses:?}");
    let over = statuses[200..].iter().filter(|status| **status == 429).count();
    assert!(over >= 30, "{over}");
    let answer =
        app.get_with("/nobody_999", &[("x-forwarded-for", ANNA), ("accept", "text/html")]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "60"));
    assert!(answer.text().contains("You ask for too much that is new"), "a page for people");
}
